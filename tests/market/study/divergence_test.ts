import { deepEqual, equal } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { divergenceOf } from "../../../lib/market/study/divergence.ts";
import { minute } from "../fake_source.ts";

/** Ten minutes: the last two are recent. */
const SPAN = { fromMs: 0, toMs: 10 * MINUTE_MS };

function tape(closes: readonly number[], deltas: readonly number[]): Bucket[] {
  return closes.map((c, i) => {
    const delta = deltas[i] ?? 0;
    return minute(i * MINUTE_MS, 50 + delta, 50, { o: c, h: c, l: c, c });
  });
}

function study(closes: readonly number[], deltas: readonly number[]) {
  const rows = tape(closes, deltas);
  return divergenceOf(rows, [rows], SPAN);
}

Deno.test("a new high without CVD is bearish, both changes as worked by hand", () => {
  // CVD 10 20 30 40 50 60 70 80, then 50 and 60: its recent high is 20 under the earlier 80.
  const found = study(
    [100, 101, 102, 103, 104, 103, 102, 104, 105, 106.08],
    [10, 10, 10, 10, 10, 10, 10, 10, -30, 10],
  );
  equal(found.verdict, "bearish");
  equal(found.recentMs, 8 * MINUTE_MS);
  deepEqual(found.high, { priceChange: 106.08 / 104 - 1, cvdChange: -20 });
});

Deno.test("a new low without CVD is bullish", () => {
  // CVD falls to −27 and is back at 27 when the price makes its low.
  const found = study([100, 99, 98, 99, 99, 99, 99, 99, 97, 99], [-9, -9, -9, 9, 9, 9, 9, 9, 9, 9]);
  equal(found.verdict, "bullish");
  deepEqual(found.low, { priceChange: 97 / 98 - 1, cvdChange: 54 });
});

Deno.test("a new high with CVD, and no new high at all, are no divergence", () => {
  equal(study([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).verdict, "none");
  equal(study([5, 9, 5, 5, 5, 5, 5, 5, 5, 5], [9, 9, 9, -9, -9, 0, 0, 0, 0, 0]).verdict, "none");
  equal(study([5, 5, 5, 5, 5, 5, 5, 5, 5, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).verdict, "none");
});

Deno.test("a hole in the price or in any CVD leaves it unknown", () => {
  const rows = tape([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []);
  const torn = rows.map((row, i) => i === 4 ? { ...row, coverageMs: 59_999 } : row);
  const sideless = rows.map((row, i) => i === 4 ? { ...row, buyQuote: null } : row);
  for (
    const [price, series] of [
      [torn, [rows]],
      [rows, [rows, torn]],
      [rows, [sideless]],
      [rows, [rows.slice(1)]],
      [rows, []],
      [[], [rows]],
    ] as const
  ) {
    const { verdict, high, low } = divergenceOf(price, series, SPAN);
    deepEqual({ verdict, high, low }, { verdict: null, high: null, low: null });
  }
});

Deno.test("minutes without a trade know no extreme, and a day without one no divergence", () => {
  const silent = Array.from({ length: 10 }, (_, i) => minute(i * MINUTE_MS, 0, 0));
  equal(divergenceOf(silent, [silent], SPAN).verdict, null);
});

Deno.test("the tape upside down turns bearish into bullish", () => {
  const step = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -40, max: 40 }));
  const steps = fc.array(step, { minLength: 10, maxLength: 10 });
  fc.assert(fc.property(steps, (moves) => {
    const closes = moves.map((_, i) => moves.slice(0, i + 1).reduce((p, [m]) => p + m, 500));
    const deltas = moves.map(([, delta]) => delta);
    const up = study(closes, deltas).verdict;
    const down = study(closes.map((c) => 1000 - c), deltas.map((d) => -d)).verdict;
    const turned = up === "bearish" ? "bullish" : up === "bullish" ? "bearish" : up;
    equal(down, turned);
  }));
});

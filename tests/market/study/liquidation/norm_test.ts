import { deepEqual, equal } from "../../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../../lib/market/bucket.ts";
import { normEnd, NormMinutes } from "../../../../lib/market/study/liquidation/norm.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const at = (minutes: number) => T + minutes * MINUTE_MS;

function minute(t: number, long: number, short: number): Bucket {
  return {
    ...emptyBucket(t),
    ...{ liqLongQuote: long, liqLongs: long, liqShortQuote: short, liqShorts: short },
    ...{ coverageMs: MINUTE_MS, source: "live" as const },
  };
}

Deno.test("the norm is the nearest rank of the larger side of all series together", () => {
  const side = fc.nat(1000);
  const row = fc.option(fc.tuple(side, side), { nil: null });
  const market = fc.array(row, { minLength: 130, maxLength: 300 });
  fc.assert(fc.property(market, market, fc.integer({ min: 0, max: 320 }), (a, b, cut) => {
    const minutes = new NormMinutes({ fromMs: T, toMs: at(300) });
    for (const rows of [a, b]) {
      const buckets = rows.flatMap((pair, i) => pair ? [minute(at(i), ...pair)] : []);
      // In two portions: what is read piece by piece comes to the same.
      minutes.add(buckets.slice(0, 100));
      minutes.add(buckets.slice(100));
    }
    const sides: number[] = [];
    for (let i = 0; i < Math.min(cut, 300); i++) {
      const known = [a[i], b[i]].filter((pair) => pair !== null && pair !== undefined);
      if (known.length === 0) continue;
      const sum = (side: 0 | 1) => known.reduce((total, pair) => total + pair[side], 0);
      sides.push(Math.max(sum(0), sum(1)));
    }
    sides.sort((x, y) => x - y);
    const rank = Math.ceil(0.99 * sides.length);
    const expected = rank >= sides.length ? null : sides[rank - 1];
    deepEqual(minutes.norm(at(cut)), {
      toMs: at(cut),
      minutes: sides.length,
      p99Quote: expected ?? null,
    });
  }));
});

Deno.test("a minute of which nothing is known is none, one in which nothing was liquidated is one", () => {
  const minutes = new NormMinutes({ fromMs: T, toMs: at(200) });
  minutes.add(Array.from({ length: 150 }, (_, i) => minute(at(i), 0, 0)));
  minutes.add([emptyBucket(at(160)), minute(at(-1), 5, 5), minute(at(200), 5, 5)]);
  deepEqual(minutes.norm(), { toMs: at(200), minutes: 150, p99Quote: 0 });
});

Deno.test("a hundred minutes are too few: the rank would be the largest of them", () => {
  const minutes = new NormMinutes({ fromMs: T, toMs: at(101) });
  minutes.add(Array.from({ length: 101 }, (_, i) => minute(at(i), i, 0)));
  equal(minutes.norm(at(100)).p99Quote, 98);
  equal(minutes.norm(at(99)).p99Quote, null);
  equal(minutes.norm(at(0)).minutes, 0);
});

Deno.test("minutes count up to the last full hour", () => {
  equal(normEnd(T), T);
  equal(normEnd(at(59.99)), T);
});

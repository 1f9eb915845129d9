import { deepEqual, equal } from "../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS, QUARTER_MS } from "../../lib/market/bucket.ts";
import { pastFrom } from "../../lib/market/past/past.ts";
import { closedQuarters } from "../../lib/market/quarter.ts";
import { trustOf } from "../../lib/market/trust.ts";
import { minute, NOW_MS } from "./fake_source.ts";
import { heldQuarters, quarterFrom } from "./quarters.ts";

const T = Date.UTC(2026, 10, 20, 13, 30);

/** Minutes from `T`, some of them torn, rebuilt, from candles, without sides, or not held. */
const torn = fc.array(
  fc.constantFrom("whole", "partly", "repaired", "candle", "sideless", "empty", "absent"),
  { minLength: 1, maxLength: 60 },
).map((kinds) =>
  kinds.flatMap((kind, i): Bucket[] => {
    const t = T + i * MINUTE_MS;
    if (kind === "absent") return [];
    if (kind === "empty") return [emptyBucket(t)];
    return [minute(t, i + 1, 2 * i, {
      c: 100 + i,
      ...(kind === "partly" ? { coverageMs: 59_999 } : {}),
      ...(kind === "repaired" || kind === "candle" ? { source: kind } : {}),
      ...(kind === "sideless" ? { buyQuote: null, sellQuote: null } : {}),
    })];
  })
);

Deno.test("a quarter has the values of the 15-minute bar", () => {
  fc.assert(fc.property(torn, (minutes) => {
    const quarters = heldQuarters(pastFrom(minutes, { fromMs: T, toMs: T + 4 * QUARTER_MS }));
    deepEqual(quarters.map(({ t }) => t), [0, 1, 2, 3].map((i) => T + i * QUARTER_MS));
    for (const quarter of quarters) {
      const { t } = quarter;
      const its = minutes.filter((minute) => minute.t >= t && minute.t < t + QUARTER_MS);
      deepEqual(quarter, quarterFrom(t, its));
    }
  }));
});

Deno.test("trust in quarters is trust in their minutes", () => {
  const span = { fromMs: T, toMs: T + 2 * QUARTER_MS };
  fc.assert(fc.property(fc.array(torn, { maxLength: 3 }), (series) => {
    const held = series.map((buckets, i) => ({ venue: `${i}`, buckets, newestMs: T + i }));
    const folded = held.map(({ buckets, ...rest }) => ({
      ...rest,
      buckets: [],
      past: pastFrom(buckets, span),
    }));
    for (const known of ["whole", "sided"] as const) {
      deepEqual(trustOf(folded, span, NOW_MS, known), trustOf(held, span, NOW_MS, known));
    }
  }));
});

Deno.test("the closed quarters end where the forming one begins", () => {
  const end = Date.UTC(2026, 10, 20, 14, 0);
  deepEqual(closedQuarters(4, NOW_MS), { fromMs: end - 4 * QUARTER_MS, toMs: end });
  equal(closedQuarters(1, end).toMs, end);
  equal(closedQuarters(1, end - 1).toMs, end - QUARTER_MS);
});

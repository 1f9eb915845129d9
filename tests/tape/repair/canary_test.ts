import { deepEqual, equal } from "../../assert.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { Candle } from "../../../lib/market/collector.ts";
import { compare } from "../../../lib/tape/repair/canary.ts";

function candle(minute: number, base: number): Candle {
  return {
    openMs: minute * MINUTE_MS,
    ...{ open: 1, high: 1, low: 1, close: 1 },
    ...{ base, quote: base, buyBase: null, buyQuote: null, matches: null },
  };
}

function bucket(minute: number, volBase: number, more: Partial<Bucket> = {}): Bucket {
  const whole = { coverageMs: MINUTE_MS, source: "live" } as const;
  return { ...emptyBucket(minute * MINUTE_MS), ...whole, volBase, ...more };
}

Deno.test("equal volumes differ by nothing", () => {
  const { share, minutes } = compare([bucket(1, 5), bucket(2, 0)], [candle(1, 5), candle(2, 0)]);
  deepEqual([share, minutes], [0, []]);
});

Deno.test("a missing part of the volume shows as its share, with the minutes that lack it", () => {
  const { share, minutes } = compare([bucket(1, 90), bucket(2, 100)], [
    ...[candle(1, 100), candle(2, 100)],
  ]);
  deepEqual([share, minutes], [0.05, [MINUTE_MS]]);
});

Deno.test("volume that the venue never had shows too", () => {
  equal(compare([bucket(1, 200)], [candle(1, 100)]).share, 0.5);
});

Deno.test("minutes that are incomplete, or candles themselves, are no witnesses", () => {
  const buckets = [
    bucket(1, 1, { coverageMs: 59_999 }),
    bucket(2, 1, { source: "candle" }),
  ];
  const { share, minutes } = compare(buckets, [candle(1, 100), candle(2, 100), candle(3, 100)]);
  deepEqual([share, minutes], [null, []]);
});

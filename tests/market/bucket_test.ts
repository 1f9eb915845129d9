import { deepEqual, equal } from "../assert.ts";
import fc from "fast-check";
import { aggregate, type Bucket, emptyBucket, mergeBuckets } from "../../lib/market/bucket.ts";

const known = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });

/** Whole numbers, so that equality of sums is exact and associativity can be claimed. */
const tapes: fc.Arbitrary<Bucket> = fc.record({
  t: fc.constant(0),
  o: known,
  h: known,
  l: known,
  c: known,
  volBase: known,
  volQuote: known,
  buyBase: known,
  sellBase: known,
  buyQuote: known,
  sellQuote: known,
  buys: known,
  sells: known,
  largeBuyQuote: known,
  largeSellQuote: known,
  liqLongQuote: known,
  liqShortQuote: known,
  liqLongs: known,
  liqShorts: known,
  oiBase: known,
  fundingRate: known,
  fundingIntervalHours: known,
  markPrice: known,
  imbalance: fc.constant(null),
  imbalanceSamples: fc.constant(0),
  coverageMs: fc.integer({ min: 0, max: 60_000 }),
  source: fc.constantFrom("live", "repaired", "candle"),
  firstId: known,
  lastId: known,
}, { noNullPrototype: true });

/** A bucket knows its tape, or nothing of it. */
const buckets = fc.oneof({ weight: 4, arbitrary: tapes }, fc.constant(emptyBucket(0)));

Deno.test("merging is associative", () => {
  fc.assert(fc.property(buckets, buckets, buckets, (a, b, c) => {
    deepEqual(mergeBuckets(mergeBuckets(a, b), c), mergeBuckets(a, mergeBuckets(b, c)));
  }));
});

Deno.test("an empty bucket adds nothing but its missing coverage", () => {
  fc.assert(fc.property(buckets, (a) => {
    deepEqual(mergeBuckets(a, emptyBucket(0)), a);
  }));
});

Deno.test("sides unknown in a candle make the sides of the bar unknown, its total stays known", () => {
  const live = {
    ...emptyBucket(0),
    source: "live",
    buyQuote: 3,
    sellQuote: 4,
    volQuote: 7,
  } as const;
  const candle = { ...emptyBucket(60_000), source: "candle", volQuote: 10 } as const;
  const bar = mergeBuckets(live, candle);
  deepEqual([bar.buyQuote, bar.sellQuote, bar.volQuote, bar.source], [null, null, 17, "candle"]);
});

Deno.test("large trades of a bar are known where all of its minutes know theirs", () => {
  const live = (largeBuyQuote: number | null) =>
    ({ ...emptyBucket(0), source: "live", largeBuyQuote, largeSellQuote: 0 }) as const;
  equal(mergeBuckets(live(5), live(7)).largeBuyQuote, 12);
  equal(mergeBuckets(live(5), live(null)).largeBuyQuote, null);
  equal(mergeBuckets(live(5), live(null)).largeSellQuote, 0);
  // Of a minute without a source only the coverage tells.
  equal(mergeBuckets(live(5), emptyBucket(60_000)).largeBuyQuote, 5);
});

Deno.test("bars are aligned to the epoch and weigh imbalance by its samples", () => {
  const minutes = [3, 4, 5, 6].map((minute, index) => ({
    ...emptyBucket(minute * 60_000),
    buyQuote: 1,
    source: "live" as const,
    imbalance: index / 10,
    imbalanceSamples: index,
  }));
  const bars = aggregate(minutes, 5);
  deepEqual(bars.map((bar) => [bar.t / 60_000, bar.buyQuote]), [[0, 2], [5, 2]]);
  equal(bars[1]?.imbalance, (0.2 * 2 + 0.3 * 3) / 5);
});

import { deepEqual, equal, ok } from "../../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../../lib/market/bucket.ts";
import {
  largestMinute,
  liquidatedMinutes,
  liquidationsOf,
  percentile,
} from "../../../../lib/market/study/liquidation/liquidations.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const at = (minutes: number) => T + minutes * MINUTE_MS;

function liquidated(t: number, long: number, longs: number, short: number, shorts: number): Bucket {
  return {
    ...emptyBucket(t),
    ...{ liqLongQuote: long, liqLongs: longs, liqShortQuote: short, liqShorts: shorts },
  };
}

const span = { fromMs: at(0), toMs: at(3) };

Deno.test("totals per side over venues, worked by hand", () => {
  const a = [liquidated(at(0), 100, 1, 0, 0), liquidated(at(1), 0, 0, 50, 2)];
  const b = [liquidated(at(0), 200, 3, 50, 1)];
  deepEqual(liquidationsOf([a, b], span), {
    longQuote: 300,
    shortQuote: 100,
    quote: 400,
    longs: 4,
    shorts: 3,
    longShare: 0.75,
    missing: 3,
  });
});

Deno.test("nothing liquidated is zero, nothing known is unknown", () => {
  const quiet = liquidationsOf([[liquidated(at(0), 0, 0, 0, 0)]], span);
  equal(quiet.quote, 0);
  equal(quiet.longShare, null);
  equal(quiet.missing, 2);
  for (const series of [[], [[]], [[emptyBucket(at(0))]]]) {
    const { longQuote, shortQuote, quote, longs, shorts } = liquidationsOf(series, span);
    deepEqual([longQuote, shortQuote, quote, longs, shorts], [null, null, null, null, null]);
  }
});

Deno.test("what was heard of a minute counts, and the minute is missing all the same", () => {
  const heard: Bucket = { ...emptyBucket(at(0)), liqLongQuote: 70, liqLongs: 2 };
  const { longQuote, shortQuote, quote, longs, shorts, longShare, missing } = liquidationsOf(
    [[heard]],
    span,
  );
  deepEqual([longQuote, longs, quote, missing], [70, 2, 70, 3]);
  deepEqual([shortQuote, shorts, longShare], [null, null, null]);
  const both: Bucket = { ...liquidated(at(1), 30, 1, 5, 1), source: "repaired" };
  const calm: Bucket = { ...liquidated(at(2), 0, 0, 0, 0), source: "repaired" };
  const totals = liquidationsOf([[heard, both, calm]], span);
  deepEqual([totals.longQuote, totals.shortQuote, totals.missing], [100, 5, 2]);
  deepEqual(liquidatedMinutes([[heard, both]], span).map(({ longs }) => longs), [2, 1]);
});

Deno.test("one venue's unknown minute leaves the other's", () => {
  const a = [emptyBucket(at(1))];
  const b = [liquidated(at(1), 10, 1, 0, 0)];
  deepEqual(liquidatedMinutes([a, b], span), [
    { t: at(1), longQuote: 10, shortQuote: 0, longs: 1, shorts: 0 },
  ]);
});

Deno.test("the largest minute is the one with the largest side, the earliest of equals", () => {
  const rows = [
    liquidated(at(0), 60, 1, 60, 2),
    liquidated(at(1), 0, 0, 100, 4),
    liquidated(at(2), 100, 5, 0, 0),
  ];
  deepEqual(largestMinute(liquidatedMinutes([rows], span)), {
    t: at(1),
    position: "short",
    quote: 100,
    count: 4,
  });
  equal(largestMinute([]), null);
  equal(largestMinute(liquidatedMinutes([[liquidated(at(0), 0, 0, 0, 0)]], span)), null);
});

Deno.test("the percentile is the nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  equal(percentile(hundred, 0.99), 99);
  equal(percentile(hundred, 1), 100);
  equal(percentile(hundred, 0.5), 50);
  equal(percentile([...hundred, 101], 0.99), 100);
  equal(percentile([5], 0.99), 5);
  equal(percentile([], 0.99), null);
  // A symbol that is hardly ever liquidated: 14 of 1440 minutes are not the 99th percentile.
  const rare = Array.from({ length: 1440 }, (_, i) => i < 14 ? 1e6 : 0);
  equal(percentile(rare, 0.99), 0);
});

Deno.test("at least the part asked does not exceed a percentile, and it is one of the values", () => {
  const values = fc.array(fc.nat(1e6), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, part) => {
    const found = percentile(list, part) ?? NaN;
    ok(list.includes(found));
    ok(list.filter((value) => value <= found).length >= part * list.length - 1e-9);
  }));
});

Deno.test("totals of two spans add up to the total of both", () => {
  const rows = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 6, maxLength: 6 });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 5 }), (values, cut) => {
    const series = [values.map(([long, short], i) => liquidated(at(i), long, 1, short, 1))];
    const quote = (from: number, to: number) =>
      liquidationsOf(series, { fromMs: at(from), toMs: at(to) }).quote ?? NaN;
    equal(quote(0, cut) + quote(cut, 6), quote(0, 6));
  }));
});

import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { priceBars } from "../../../lib/market/study/price_bars.ts";
import { minute } from "../fake_source.ts";

/** A whole minute with a price. */
function traded(index: number, c: number, more: Partial<Bucket> = {}): Bucket {
  return minute(index * MINUTE_MS, 1, 1, { o: c, h: c + 1, l: c - 1, c, ...more });
}

/** A whole minute in which nothing traded. */
function quiet(index: number): Bucket {
  return minute(index * MINUTE_MS, 0, 0);
}

const rows = (count: number) => Array.from({ length: count }, (_, i) => traded(i, 10 + i));
const at = (minutes: number) => minutes * MINUTE_MS;

Deno.test("bars are the closed ones, with their highest, lowest and last price", () => {
  deepEqual(priceBars(rows(12), 5, at(11.5)), [
    { t: 0, h: 15, l: 9, c: 14, complete: true },
    { t: at(5), h: 20, l: 14, c: 19, complete: true },
  ]);
});

Deno.test("a bar closes on the boundary, not a millisecond before", () => {
  equal(priceBars(rows(10), 5, at(10)).length, 2);
  equal(priceBars(rows(10), 5, at(10) - 1).length, 1);
});

Deno.test("a bar that began before what is held is none", () => {
  deepEqual(priceBars(rows(10).slice(2), 5, at(10)).map((bar) => bar.t), [at(5)]);
  const dark = [emptyBucket(0), emptyBucket(at(1)), ...rows(10).slice(2)];
  deepEqual(priceBars(dark, 5, at(10)).map((bar) => bar.t), [at(5)]);
});

Deno.test("a bar with missing minutes takes part and says so", () => {
  const torn = rows(10).map((row, i) => i === 7 ? { ...row, coverageMs: 59_999 } : row);
  deepEqual(priceBars(torn, 5, at(10)).map((bar) => bar.complete), [true, false]);
  const holed = rows(10).filter((_, i) => i !== 7);
  deepEqual(priceBars(holed, 5, at(10)).map((bar) => bar.complete), [true, false]);
});

Deno.test("a bar without any price breaks the run, unless it is known that nothing traded", () => {
  const dark = rows(20).map((row, i) => i >= 5 && i < 10 ? emptyBucket(row.t) : row);
  deepEqual(priceBars(dark, 5, at(20)).map((bar) => bar.t), [at(10), at(15)]);
  const still = rows(20).map((row, i) => i >= 5 && i < 10 ? quiet(i) : row);
  deepEqual(priceBars(still, 5, at(20))[1], { t: at(5), h: 14, l: 14, c: 14, complete: true });
});

Deno.test("where the newest closed bar is dark there are no bars", () => {
  deepEqual(priceBars(rows(10), 5, at(15)), []);
  deepEqual(priceBars([], 5, at(15)), []);
  deepEqual(priceBars([emptyBucket(0)], 1, at(1)), []);
});

Deno.test("an hour is the same from its minutes and from its bars' extremes", () => {
  const price = fc.integer({ min: 2, max: 1000 });
  fc.assert(fc.property(fc.array(price, { minLength: 60, maxLength: 60 }), (closes) => {
    const minutes = closes.map((c, i) => traded(i, c));
    const [hour] = priceBars(minutes, 60, at(60));
    const quarters = priceBars(minutes, 15, at(60));
    ok(hour);
    equal(hour.h, Math.max(...quarters.map((bar) => bar.h)));
    equal(hour.l, Math.min(...quarters.map((bar) => bar.l)));
    equal(hour.c, quarters.at(-1)?.c);
  }));
});

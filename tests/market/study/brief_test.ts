import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import { pastFrom } from "../../../lib/market/past/past.ts";
import { QuarterColumns } from "../../../lib/market/past/quarter_columns.ts";
import {
  type BriefMetric,
  changesOf,
  MOST_Z,
  unusualIn,
  unusualness,
} from "../../../lib/market/study/brief.ts";
import { type Day, dayOf } from "../../../lib/market/study/brief_day.ts";
import { minute } from "../fake_source.ts";

const END = Date.UTC(2026, 10, 20, 14, 0);

/** Days of minutes, a list per series, as the study takes them. */
function quartersOf(series: readonly (readonly Bucket[])[], endMs: number, count: number) {
  const held = { fromMs: endMs - (count + 1) * QUARTER_MS, toMs: endMs };
  const columns = new QuarterColumns(count + 1);
  return dayOf(series.map((minutes) => pastFrom(minutes, held)), endMs, columns);
}

/** The change over the `length` quarters from `start` on; `null` is unknown. */
function changeIn(day: Day, metric: BriefMetric, start: number, length: number): number | null {
  const change = changesOf(day, metric, length)[start] ?? NaN;
  return change === change ? change : null;
}

/** `count` quarters of minutes up to the end; `make` sees the quarter and the minute in it. */
function day(
  count: number,
  make: (quarter: number, minute: number) => Partial<Bucket>,
): Bucket[] {
  const fromMs = END - count * 15 * MINUTE_MS;
  return Array.from({ length: count * 15 }, (_, i) =>
    minute(fromMs + i * MINUTE_MS, 10, 4, {
      ...{ liqLongQuote: 1, liqShortQuote: 1, liqLongs: 1, liqShorts: 1 },
      ...make(Math.floor(i / 15), i % 15),
    }));
}

Deno.test("quarters counted back from the end, worked by hand", () => {
  const rows = day(4, (quarter) => ({
    c: 100 + quarter,
    oiBase: 1000 + 10 * quarter,
    fundingRate: 0.0001 * quarter,
    fundingIntervalHours: 4,
  }));
  const quarters = quartersOf([rows], END, 4);
  deepEqual([...quarters.price], [NaN, 100, 101, 102, 103]);
  deepEqual([...quarters.delta], [90, 90, 90, 90]);
  deepEqual([...quarters.liquidated], [30, 30, 30, 30]);
  equal(changeIn(quarters, "price", 1, 2), 0.02);
  equal(changeIn(quarters, "cvd", 0, 4), 360);
  equal(changeIn(quarters, "liquidations", 3, 1), 30);
  equal(changeIn(quarters, "oi", 2, 2), 20 / 1010);
  // Twice the rate, for the interval is 4 h.
  near(changeIn(quarters, "funding", 1, 3), 0.0006);
  // Before the first edge there is no level.
  equal(changeIn(quarters, "price", 0, 1), null);
});

Deno.test("two series: sums of flows and OI, the mean of funding, the price of the first", () => {
  const level = (c: number, oiBase: number, rate: number) =>
    day(2, (quarter) => ({
      c: quarter === 0 ? c : c * 2,
      oiBase: quarter === 0 ? oiBase : oiBase + 100,
      fundingRate: quarter === 0 ? 0 : rate,
      fundingIntervalHours: 8,
    }));
  const quarters = quartersOf([level(10, 900, 0.0002), level(99, 100, 0.0004)], END, 2);
  equal(changeIn(quarters, "price", 1, 1), 1);
  equal(changeIn(quarters, "oi", 1, 1), 0.2);
  near(changeIn(quarters, "funding", 1, 1), 0.0003);
  equal(changeIn(quarters, "cvd", 1, 1), 180);
});

Deno.test("a sum of which more than a tenth was not seen is unknown", () => {
  const torn = (missing: number) =>
    quartersOf(
      [day(2, (q, i) =>
        q === 0 && i < missing ? emptyBucket(END + ((q - 2) * 15 + i) * MINUTE_MS) : {})],
      END,
      2,
    );
  equal(changeIn(torn(3), "cvd", 0, 2), 27 * 6);
  equal(changeIn(torn(4), "cvd", 0, 2), null);
  equal(changeIn(torn(4), "cvd", 1, 1), 90);
});

Deno.test("a quarter in which one minute has no sides has no delta", () => {
  const torn = quartersOf([day(2, (q, i) => q + i === 0 ? { buyQuote: null } : {})], END, 2);
  equal(changeIn(torn, "cvd", 0, 1), null);
  equal(changeIn(torn, "cvd", 1, 1), 90);
});

Deno.test("liquidations count where every minute was live, for nobody tells them afterwards", () => {
  const torn = quartersOf([day(2, (q, i) => q + i === 0 ? { source: "repaired" } : {})], END, 2);
  equal(changeIn(torn, "liquidations", 0, 1), null);
  equal(changeIn(torn, "liquidations", 1, 1), 30);
  equal(changeIn(torn, "cvd", 0, 1), 90);
});

Deno.test("a price stands where nearly all of its quarter was seen; OI needs no trades", () => {
  const rows = day(3, (quarter, i) => ({
    ...(quarter === 1 && i > 5 ? { coverageMs: 0 } : {}),
    ...{ c: 100 + quarter, oiBase: 10 + quarter },
  }));
  const torn = quartersOf([rows], END, 3);
  deepEqual([...torn.price], [NaN, 100, NaN, 102]);
  deepEqual(torn.oi.map((levels) => [...levels]), [[NaN, 10, 11, 12]]);
});

Deno.test("the quarter before the day gives the levels at its start", () => {
  const rows = day(3, (quarter) => ({ c: 100 + quarter }));
  const two = quartersOf([rows], END, 2);
  deepEqual([...two.price], [100, 101, 102]);
  deepEqual([...two.delta], [90, 90]);
});

Deno.test("spot has no OI, no funding and no liquidations", () => {
  const none = { liqLongQuote: null, liqShortQuote: null, liqLongs: null, liqShorts: null };
  const found = unusualIn(quartersOf([day(40, (q) => ({ ...none, c: 100 + q % 3 }))], END, 40), 1);
  deepEqual(found.map((row) => row.metric), ["price", "cvd"]);
});

Deno.test("nothing known is nothing unusual", () => {
  deepEqual(unusualIn(quartersOf([], END, 96), 4), []);
  deepEqual(unusualIn(quartersOf([[]], END, 96), 4), []);
  const empty = day(96, () => ({})).map((bucket) => emptyBucket(bucket.t));
  deepEqual(unusualIn(quartersOf([empty], END, 96), 4), []);
});

Deno.test("the newest window is compared with those that share no minute with it", () => {
  const rows = day(20, (quarter) => ({ buyQuote: quarter === 19 ? 1000 : 10 + quarter % 4 }));
  const cvd = unusualIn(quartersOf([rows], END, 20), 1).find((row) => row.metric === "cvd");
  equal(cvd?.windows, 19);
  equal(cvd?.change, 15 * 996);
  equal(cvd?.usual, 15 * 7);
  // Of 19 windows the distances from the median are 0, 15 and 30: MAD is 15.
  near(cvd?.z, Math.min(MOST_Z, 0.6745 * (15 * 996 - 105) / 15));
  const two = unusualIn(quartersOf([rows], END, 20), 2).find((row) => row.metric === "cvd");
  equal(two?.windows, 17);
});

Deno.test("with fewer than eight windows nothing is called unusual", () => {
  const rows = (count: number) => quartersOf([day(count, () => ({}))], END, count);
  deepEqual(unusualIn(rows(8), 1), []);
  ok(unusualIn(rows(9), 1).length > 0);
});

Deno.test("a first move out of stillness is large, and finite", () => {
  const still = Array.from({ length: 88 }, () => 0);
  // 89 values, one of them away: n ÷ 1.2533.
  near(zOf(5, still), 89 / 1.2533);
  near(zOf(-5, still), -89 / 1.2533);
  equal(zOf(0, still), 0);
  equal(zOf(1e9, [1, 2, 3]), MOST_Z);
  equal(zOf(1, []), null);
});

Deno.test("a z is finite, within bounds, and has the sign of the distance", () => {
  // What is smaller than any market's number underflows to a spread of 0.
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
    .map((drawn) => Math.abs(drawn) < 1e-300 ? 0 : drawn);
  fc.assert(fc.property(value, fc.array(value, { minLength: 1, maxLength: 60 }), (x, values) => {
    const z = zOf(x, values) ?? NaN;
    ok(Math.abs(z) <= MOST_Z);
    const ordered = values.toSorted((a, b) => a - b);
    if (x > (ordered.at(-1) ?? x)) ok(z >= 0);
    if (x < (ordered[0] ?? x)) ok(z <= 0);
  }));
});

function zOf(x: number, values: readonly number[]): number | null {
  return unusualness(x, new Float64Array(values))?.z ?? null;
}

function near(actual: number | null | undefined, expected: number): void {
  ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-9, `${actual} ≠ ${expected}`);
}

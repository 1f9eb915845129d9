import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import {
  HOUR_MS,
  HOURS,
  isHourOfSizes,
  LARGE_FLOOR_USD,
  MAX_HOUR_BYTES,
  SizeCounts,
} from "../../../lib/market/head/size_counts.ts";

const T0 = Date.UTC(2026, 10, 20);
const SHARE = 0.02;

interface Sized {
  readonly timeMs: number;
  readonly usd: number;
}

/** Trades in order, over three days at most, many of one hour together. */
const trades = fc.array(
  fc.record({
    afterMs: fc.oneof(
      { weight: 20, arbitrary: fc.nat(60_000) },
      { weight: 1, arbitrary: fc.nat(30 * HOUR_MS) },
    ),
    usd: fc.oneof(
      fc.integer({ min: 1, max: 24_999 }),
      fc.integer({ min: 0, max: 140 }).map((bin) => LARGE_FLOOR_USD * Math.exp(bin * 0.054)),
    ),
    times: fc.constantFrom(1, 1, 1, 40, 300),
  }),
  { maxLength: 150 },
).map((rows) => {
  let timeMs = T0;
  return rows.flatMap(({ afterMs, usd, times }): Sized[] => {
    timeMs += afterMs;
    return Array(times).fill({ timeMs, usd });
  });
});

function countsOf(sized: readonly Sized[]): SizeCounts {
  const counts = new SizeCounts();
  for (const { timeMs, usd } of sized) counts.add(timeMs, usd);
  return counts;
}

/** The percentile from the trades themselves, down to the start of its bin. */
function plainQuantile(sized: readonly Sized[]): number {
  const newest = Math.floor((sized.at(-1)?.timeMs ?? 0) / HOUR_MS);
  const day = sized.filter(({ timeMs }) => Math.floor(timeMs / HOUR_MS) > newest - HOURS);
  const width = Math.log(1000) / 128;
  const bins = day.map(({ usd }) =>
    usd < LARGE_FLOOR_USD ? -1 : Math.min(127, Math.floor(Math.log(usd / LARGE_FLOOR_USD) / width))
  ).sort((a, b) => b - a);
  const bin = bins[Math.floor(bins.length * SHARE)] ?? -1;
  return bin < 0 ? LARGE_FLOOR_USD : LARGE_FLOOR_USD * Math.exp(bin * width);
}

Deno.test("the percentile is that of the trades of 24 hours, whatever hours they fell in", () => {
  fc.assert(
    fc.property(trades, (sized) => {
      equal(countsOf(sized).quantileUsd(SHARE), plainQuantile(sized));
    }),
    { seed: 20261120, numRuns: 300 },
  );
});

Deno.test("what is stored now and then, and read back at any moment, is as if nothing had been", () => {
  const property = fc.property(trades, fc.array(fc.nat(100)), fc.nat(100), (sized, at, death) => {
    const stops = [...at, death].map((part) => Math.floor(sized.length * part / 100));
    const stored = new Map<number, Uint8Array>();
    let counts = new SizeCounts();
    let from = 0;
    for (const stop of stops.toSorted((a, b) => a - b)) {
      for (const { timeMs, usd } of sized.slice(from, stop)) counts.add(timeMs, usd);
      from = Math.max(from, stop);
      for (const [hour, bytes] of counts.takeChanges()) {
        ok(isHourOfSizes(bytes) && bytes.length <= MAX_HOUR_BYTES);
        stored.set(hour, bytes);
      }
      deepEqual(counts.takeChanges(), []);
      // A restart; what is new may be there before what is stored.
      counts = new SizeCounts();
      const early = sized.slice(from, from + 1);
      for (const { timeMs, usd } of early) counts.add(timeMs, usd);
      from += early.length;
      counts.merge([...stored].toSorted(([a], [b]) => a - b));
    }
    for (const { timeMs, usd } of sized.slice(from)) counts.add(timeMs, usd);
    equal(counts.quantileUsd(SHARE), plainQuantile(sized));
    for (const [hour, bytes] of counts.takeChanges()) stored.set(hour, bytes);
    const whole = new Map(countsOf(sized).takeChanges());
    for (const [hour, bytes] of whole) {
      // An hour without trades need not be stored.
      deepEqual([...stored.get(hour) ?? [0]], [...bytes], `hour ${hour}`);
    }
  });
  fc.assert(property, { seed: 20261120, numRuns: 300 });
});

Deno.test("bytes that are no hour are told, and change nothing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const [counts, same] = [1, 2].map(() => countsOf([{ timeMs: T0, usd: 1e6 }]));
    counts?.merge([[T0 / HOUR_MS, bytes]]);
    if (!isHourOfSizes(bytes)) deepEqual(counts?.takeChanges(), same?.takeChanges());
    ok(Number(counts?.quantileUsd(SHARE)) >= LARGE_FLOOR_USD);
  }));
  const [[, hour] = [0, new Uint8Array()]] = countsOf([{ timeMs: T0, usd: 1e6 }]).takeChanges();
  ok(isHourOfSizes(hour));
  for (let length = 0; length < hour.length; length++) {
    ok(!isHourOfSizes(hour.subarray(0, length)), `cut at ${length}`);
  }
  ok(!isHourOfSizes(Uint8Array.of(...hour, 0)), "longer");
  ok(!isHourOfSizes(Uint8Array.of(1, 0, 128, 1)), "129 bins");
  ok(!isHourOfSizes(Uint8Array.of(255, 255, 255, 255, 1)), "a number without an end");
});

Deno.test("an hour of the past or of another day that was stored is not of this one", () => {
  const counts = countsOf([{ timeMs: T0, usd: 1 }]);
  const [[, big] = [0, new Uint8Array()]] = countsOf(
    Array(99).fill({ timeMs: T0, usd: 1e6 }),
  ).takeChanges();
  const hour = T0 / HOUR_MS;
  counts.merge([[hour - HOURS, big]]);
  equal(counts.quantileUsd(SHARE), LARGE_FLOOR_USD);
  counts.merge([[hour - HOURS + 1, big]]);
  ok(counts.quantileUsd(SHARE) > 900_000);
  counts.add(T0 + HOUR_MS, 1);
  equal(counts.quantileUsd(SHARE), LARGE_FLOOR_USD);
});

Deno.test("the longest hour keeps its size, and counts stop where a number ends", () => {
  const counts = new SizeCounts();
  const full = [255, 255, 127];
  const bytes = Uint8Array.from([255, 255, 255, 127, ...Array(128).fill(full).flat()]);
  equal(bytes.length, MAX_HOUR_BYTES);
  ok(isHourOfSizes(bytes));
  for (let times = 0; times < 3; times++) counts.merge([[T0 / HOUR_MS, bytes]]);
  counts.add(T0, 30_000);
  deepEqual(counts.takeChanges().map(([, held]) => [...held]), [[...bytes]]);
});

Deno.test("what could not be stored is due again, with what came meanwhile", () => {
  const counts = countsOf([{ timeMs: T0, usd: 1 }]);
  const [first] = counts.takeChanges();
  counts.stillChanged(first?.[0] ?? NaN);
  counts.add(T0 + HOUR_MS, 1);
  deepEqual(counts.takeChanges().map(([hour]) => hour - T0 / HOUR_MS), [0, 1]);
});

import fc from "fast-check";
import { deepEqual, equal, ok } from "../../assert.ts";
import { aggregate, barStart, type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import {
  EARLIER_DAYS,
  EarlierBars,
  earlierQuarters,
  LEAST_DAYS,
  studySameTime,
  wholeVolume,
} from "../../../lib/market/study/same_time.ts";
import { minuteVolumes, studyBar, volumeSpan } from "../../../lib/market/study/volume.ts";
import { lastClosedBar, type Timeframe } from "../../../lib/market/windows.ts";
import { minute, minutes } from "../fake_source.ts";

const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 96 * QUARTER_MS;
/** Two minutes into the second quarter of an hour. */
const NOW = Date.UTC(2026, 10, 20, 14, 17);

/** Volume of a whole quarter-hour some days ago; `null` where it is not whole. */
type QuarterOf = (daysAgo: number, t: number) => number | null;

/** A whole day and an hour of minutes of 10 each, and quarters of the days before. */
function series(quarterOf: QuarterOf, nowMs = NOW, quote = 10) {
  const rows = minutes(barStart(nowMs, 1) - 1620 * MINUTE_MS, 1620, () => [quote, 0]);
  const closedMs = barStart(nowMs, 15);
  const { fromMs, toMs, wants } = earlierQuarters(closedMs);
  const quarters = new Map<number, number>();
  for (let t = fromMs; t < toMs; t += QUARTER_MS) {
    const volume = quarterOf(Math.ceil((closedMs - t) / DAY_MS) - 1, t);
    if (wants(t) && volume !== null) quarters.set(t, volume);
  }
  return { rows, earlier: new EarlierBars(closedMs, quarters) };
}

type Made = ReturnType<typeof series>;

function study(all: readonly Made[], timeframe: Timeframe, nowMs = NOW) {
  const span = volumeSpan([timeframe], nowMs);
  const volumes = all.map(({ rows }) => minuteVolumes(rows, span));
  const bar = studyBar(volumes, timeframe, nowMs);
  return studySameTime(volumes, all.map(({ earlier }) => earlier), bar, timeframe);
}

const upTo = (days: number): QuarterOf => (ago) => ago <= days ? 75 : null;

Deno.test("RVOL of the same time is the bar over the mean of those bars of earlier days", () => {
  // 150 in a quarter-hour of today, 50, 100 or 150 a day before.
  const made = series((ago) => ago <= 9 ? 50 * (1 + ago % 3) : null);
  for (const timeframe of [15, 30, 60] as const) {
    deepEqual(study([made], timeframe), { rvol: 1.5, days: 9, without: [] });
  }
});

Deno.test("bars shorter than a quarter-hour have no earlier days", () => {
  for (const timeframe of [1, 5] as const) {
    deepEqual(study([series(upTo(20))], timeframe), { rvol: null, days: null, without: [] });
  }
});

Deno.test("with less than a week of days there is no measure, but their number", () => {
  equal(study([series(upTo(LEAST_DAYS))], 30).rvol, 2);
  deepEqual(study([series(upTo(LEAST_DAYS - 1))], 30), { rvol: null, days: 6, without: [] });
  deepEqual(study([series(() => null)], 30), { rvol: null, days: 0, without: [] });
});

Deno.test("a day counts only where its bar is whole, in all that are compared", () => {
  const hole = (days: readonly number[]): QuarterOf => (ago, t) =>
    days.includes(ago) && t % (60 * MINUTE_MS) === 45 * MINUTE_MS ? null : 75;
  const [a, b] = [series(hole([2, 5])), series(hole([5, 9, 11]))];
  // Of the bars that closed last only the hour's has a quarter of :45, and the half hour's.
  equal(study([a], 60).days, EARLIER_DAYS - 2);
  equal(study([a, b], 60).days, EARLIER_DAYS - 4);
  equal(study([a, b], 30).days, EARLIER_DAYS - 4);
  equal(study([a, b], 15).days, EARLIER_DAYS);
  equal(study([a, b], 60).rvol, 2);
});

Deno.test("a venue that joined later shortens the days instead of bending the mean", () => {
  const [old, young] = [series(upTo(29)), series((ago) => ago <= 8 ? 900 : null, NOW, 120)];
  deepEqual(study([old, young], 15), { rvol: 2, days: 8, without: [] });
});

Deno.test("a venue with too few days does not take away those of the others", () => {
  const [old, young] = [series(upTo(29)), series((ago) => ago <= 3 ? 900 : null, NOW, 120)];
  deepEqual(study([young, old], 15), { rvol: 2, days: 29, without: [0] });
  deepEqual(study([young], 15), { rvol: null, days: 3, without: [] });
});

Deno.test("what is not worked out yet is unknown, and so is what is of other bars", () => {
  const made = series(upTo(29));
  const unknown = { rvol: null, days: null, without: [] };
  const span = volumeSpan([60], NOW);
  const volumes = [made, made].map(({ rows }) => minuteVolumes(rows, span));
  const bar = studyBar(volumes, 15, NOW);
  deepEqual(studySameTime(volumes, [made.earlier, null], bar, 15), unknown);
  deepEqual(studySameTime(volumes, [], bar, 15), unknown);
  // A quarter-hour later the quarter is another one, the hour the same.
  const laterMs = NOW + QUARTER_MS;
  const later = [{ ...series(upTo(29), laterMs), earlier: made.earlier }];
  deepEqual(study(later, 15, laterMs), unknown);
  deepEqual(study(later, 30, laterMs), unknown);
  equal(study(later, 60, laterMs).rvol, 2);
  // A torn bar of today is compared with nothing.
  const torn = { ...made, rows: made.rows.filter(({ t }) => t !== NOW - 5 * MINUTE_MS) };
  deepEqual(study([torn], 15), unknown);
});

Deno.test("around midnight each bar has its own days", () => {
  for (const minutesIn of [1, 16, 31, 61]) {
    const nowMs = Date.UTC(2026, 10, 21, 0, minutesIn);
    // Quarters are told by their day: the mean says of which days it is.
    const made = series((_, t) => Math.floor(t / DAY_MS), nowMs);
    for (const timeframe of [15, 30, 60] as const) {
      const { fromMs } = lastClosedBar(timeframe, nowMs);
      const days = Array.from(
        { length: EARLIER_DAYS },
        (_, i) => Math.floor(fromMs / DAY_MS) - i - 1,
      );
      deepEqual(
        [...made.earlier.of(timeframe, fromMs) ?? []],
        days.map((day) => timeframe / 15 * day),
        `${timeframe}m at 00:${minutesIn}`,
      );
    }
  }
});

Deno.test("a day on which nothing traded is part of the mean, days of nothing are no measure", () => {
  equal(study([series((ago) => ago === 1 ? 0 : 75)], 15).rvol, 150 / (75 * 29 / 30));
  deepEqual(study([series(() => 0)], 15), { rvol: null, days: EARLIER_DAYS, without: [] });
});

Deno.test("a quarter-hour that is not whole or not known has no volume", () => {
  const quarter = (rows: readonly Bucket[]) =>
    wholeVolume(aggregate(rows, 15)[0] ?? minute(0, 1, 1));
  const rows = minutes(0, 15, (i) => [i, 1]);
  equal(quarter(rows), 120);
  equal(quarter(rows.slice(1)), null);
  equal(quarter(rows.map((row) => row.t === 0 ? { ...row, coverageMs: 59_999 } : row)), null);
  equal(quarter(rows.map((row) => ({ ...row, volQuote: null }))), null);
});

/** As the definition reads, from all quarters of all days. */
function plainly(all: readonly (readonly (number | null)[])[], today: number, count: number) {
  const days = (chosen: typeof all) =>
    Array.from(
      { length: EARLIER_DAYS },
      (_, day) => chosen.flatMap((quarters) => quarters.slice(day * count, (day + 1) * count)),
    )
      .filter((quarters) => !quarters.includes(null))
      .map((quarters) => quarters.reduce<number>((sum, one) => sum + (one ?? NaN), 0));
  let used = all;
  if (days(all).length < LEAST_DAYS) {
    const older = all.filter((one) => days([one]).length >= LEAST_DAYS);
    if (older.length > 0) used = older;
  }
  const found = days(used);
  const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
  const told = found.length >= LEAST_DAYS && mean > 0;
  return { days: found.length, rvol: told ? today * used.length / mean : null };
}

Deno.test("it is what the definition says, whatever the days hold", () => {
  const volume = fc.oneof(
    { weight: 20, arbitrary: fc.double({ min: 0, max: 1e9, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const market = fc.record({
    quarters: fc.array(volume, { minLength: EARLIER_DAYS * 4, maxLength: EARLIER_DAYS * 4 }),
    joined: fc.integer({ min: 0, max: EARLIER_DAYS }),
  });
  fc.assert(fc.property(
    fc.array(market, { minLength: 1, maxLength: 4 }),
    fc.constantFrom<Timeframe>(15, 30, 60),
    fc.integer({ min: 0, max: 95 }),
    (markets, timeframe, nth) => {
      const nowMs = Date.UTC(2026, 10, 20) + nth * QUARTER_MS + 7;
      const { fromMs } = lastClosedBar(timeframe, nowMs);
      const count = timeframe / 15;
      const held = markets.map(({ quarters, joined }) =>
        quarters.slice(0, EARLIER_DAYS * count)
          .map((one, i) => Math.floor(i / count) < joined ? one : null)
      );
      const made = held.map((quarters) => {
        const volumes = new Map<number, number>();
        quarters.forEach((one, i) => {
          const t = fromMs - (Math.floor(i / count) + 1) * DAY_MS + i % count * QUARTER_MS;
          ok(earlierQuarters(barStart(nowMs, 15)).wants(t));
          if (one !== null) volumes.set(t, one);
        });
        const rows = minutes(barStart(nowMs, 1) - 1620 * MINUTE_MS, 1620, () => [10, 0]);
        return { rows, earlier: new EarlierBars(barStart(nowMs, 15), volumes) };
      });
      const { rvol, days } = study(made, timeframe, nowMs);
      const expected = plainly(held, 10 * timeframe, count);
      equal(days, expected.days);
      if (expected.rvol === null || rvol === null) equal(rvol, expected.rvol);
      else ok(Math.abs(rvol / expected.rvol - 1) < 1e-9, `${rvol} is not ${expected.rvol}`);
    },
  ));
});

// This module is pure.
/**
 * One asset's day in quarter-hours, and how unusual its
 * newest window is among all windows of the same length in it.
 */
import { QUARTER_MS } from "../bucket.ts";
import type { DayRing } from "../past/day_ring.ts";
import type { Past } from "../past/past.ts";
import { eightHourRate } from "./funding.ts";
import { median, robustZ } from "./robust.ts";

/** With fewer windows to compare with, unusual means nothing. */
export const LEAST_WINDOWS = 8;
/** A window of which more is missing is not compared: its sums would be too small. */
const KNOWN_PART = 0.9;

export const BRIEF_METRICS = ["price", "cvd", "oi", "funding", "liquidations"] as const;
export type BriefMetric = typeof BRIEF_METRICS[number];

/**
 * Levels at the `count + 1` edges, and sums in the `count` quarters between them. NaN is
 * unknown: a market's day of objects for every asset would be three megabytes of garbage.
 */
export interface Day {
  readonly count: number;
  readonly price: Float64Array;
  /** Per series, coins. */
  readonly oi: readonly Float64Array[];
  /** Per series, 8 h equivalent. */
  readonly funding: readonly Float64Array[];
  /** Quote; with the time of which they are known, over all series. */
  readonly delta: Float64Array;
  readonly deltaMs: Float64Array;
  readonly liquidated: Float64Array;
  readonly liquidatedMs: Float64Array;
}

/**
 * Folds a day of quarter-hours of each series, with the one before the day for the level at
 * its start; the price is of the first series that has one at the end.
 */
export function dayOf(series: readonly Past[], endMs: number, count: number): Day {
  const fromMs = endMs - count * QUARTER_MS;
  const levels = series.map(() => ({ price: none(count), oi: none(count), funding: none(count) }));
  const sums = {
    delta: new Float64Array(count),
    deltaMs: new Float64Array(count),
    liquidated: new Float64Array(count),
    liquidatedMs: new Float64Array(count),
  };
  series.forEach(({ ring: { day }, fromMs: heldMs, toMs: heldEndMs }, nth) => {
    const level = levels[nth];
    // A quarter's last values stand at the edge where it ends.
    for (let edge = 0; edge <= count; edge++) {
      const t = fromMs + (edge - 1) * QUARTER_MS;
      if (!level || t < heldMs || t >= heldEndMs) continue;
      const slot = day.slotOf(t);
      if (slot < 0) continue;
      const coverageMs = day.coverageMs(slot);
      if (coverageMs >= KNOWN_PART * QUARTER_MS) level.price[edge] = day.last("close", slot);
      level.oi[edge] = day.last("oiBase", slot);
      level.funding[edge] = eightHourOf(day, slot);
      if (edge === 0) continue;
      addKnown(sums.delta, sums.deltaMs, edge - 1, day.delta(slot), coverageMs);
      addKnown(sums.liquidated, sums.liquidatedMs, edge - 1, day.liquidated(slot), coverageMs);
    }
  });
  return {
    count,
    price: levels.find(({ price }) => isKnown(price[count]))?.price ?? none(count),
    oi: levels.map(({ oi }) => oi),
    funding: levels.map(({ funding }) => funding),
    ...sums,
  };
}

function none(count: number): Float64Array {
  return new Float64Array(count + 1).fill(NaN);
}

function isKnown(value = NaN): boolean {
  return value === value;
}

/** Adds a value and the time of which it is known, unless it is not. */
function addKnown(
  sums: Float64Array,
  knownMs: Float64Array,
  index: number,
  value: number,
  coverageMs: number,
): void {
  if (!isKnown(value)) return;
  sums[index] = (sums[index] ?? 0) + value;
  knownMs[index] = (knownMs[index] ?? 0) + coverageMs;
}

function eightHourOf(day: DayRing, slot: number): number {
  // Without the interval a rate of 4 h and one of 8 h would be one level.
  const hours = day.last("fundingIntervalHours", slot);
  return isKnown(hours) ? eightHourRate(day.last("fundingRate", slot), hours) ?? NaN : NaN;
}

// A type alias: it leaves as JSON.

export type Unusual = {
  readonly metric: BriefMetric;
  /**
   * Price and OI: fractions. CVD and liquidations: sums in quote. Funding: change of the
   * 8 h rate.
   */
  readonly change: number;
  /** The median of the windows before. */
  readonly usual: number;
  readonly z: number;
  readonly windows: number;
};

/**
 * The newest window of `length` quarters against all earlier ones of that length which
 * share no minute with it; metrics that are unknown, or have too few, are left out.
 */
export function unusualIn(day: Day, length: number): Unusual[] {
  const { count } = day;
  return BRIEF_METRICS.flatMap((metric): Unusual[] => {
    const change = changeIn(day, metric, count - length, length);
    if (change === null) return [];
    const before: number[] = [];
    for (let start = 0; start + length <= count - length; start++) {
      const value = changeIn(day, metric, start, length);
      if (value !== null) before.push(value);
    }
    const usual = median(before);
    const z = before.length < LEAST_WINDOWS ? null : unusualness(change, before, usual);
    return usual === null || z === null
      ? []
      : [{ metric, change, usual, z, windows: before.length }];
  });
}

/** The change of one metric over a window, `null` where it is not known well enough. */
export function changeIn(
  day: Day,
  metric: BriefMetric,
  start: number,
  length: number,
): number | null {
  switch (metric) {
    case "price":
      return relative(day.price[start] ?? NaN, day.price[start + length] ?? NaN);
    case "cvd":
      return summed(day, day.delta, day.deltaMs, start, length);
    case "liquidations":
      return summed(day, day.liquidated, day.liquidatedMs, start, length);
    case "oi": {
      const { from, to, known } = bothEnds(day.oi, start, length);
      return known === 0 ? null : relative(from, to);
    }
    case "funding": {
      const { from, to, known } = bothEnds(day.funding, start, length);
      return known === 0 ? null : (to - from) / known;
    }
  }
}

function relative(from: number, to: number): number | null {
  return from > 0 && isKnown(to) ? (to - from) / from : null;
}

/** Sums at both ends over the series that know both. */
function bothEnds(series: Day["oi"], start: number, length: number) {
  let from = 0;
  let to = 0;
  let known = 0;
  for (const levels of series) {
    const before = levels[start] ?? NaN;
    const after = levels[start + length] ?? NaN;
    if (!isKnown(before) || !isKnown(after)) continue;
    from += before;
    to += after;
    known++;
  }
  return { from, to, known };
}

function summed(
  { oi: series }: Day,
  values: Float64Array,
  knownMs: Float64Array,
  start: number,
  length: number,
): number | null {
  let sum = 0;
  let known = 0;
  for (let i = start; i < start + length; i++) {
    sum += values[i] ?? 0;
    known += knownMs[i] ?? 0;
  }
  const askedMs = series.length * length * QUARTER_MS;
  return known === 0 || known < KNOWN_PART * askedMs ? null : sum;
}

/** Scales a mean absolute deviation to the σ of a normal distribution: √(π ÷ 2). */
const MEAN_TO_SIGMA = 1.2533;
/** Beyond this a z tells only how still the baseline was. */
export const MOST_Z = 99;

/**
 * The robust z. Where most windows are the same (no liquidations, an unmoved rate) there
 * is no MAD; the mean absolute deviation then stands in (Iglewicz and Hoaglin, 1993),
 * with `x` among the values, so that a first move is large and not infinite. Within ±99.
 */
export function unusualness(
  x: number,
  values: readonly number[],
  middle: number | null = median(values),
): number | null {
  if (middle === null) return null;
  const z = robustZ(x, values, middle) ??
    (x === middle ? 0 : (x - middle) / spread(x, values, middle));
  return Number.isFinite(z) ? Math.max(-MOST_Z, Math.min(MOST_Z, z)) : null;
}

/** The mean absolute deviation of the values and `x`, scaled to a σ. */
function spread(x: number, values: readonly number[], middle: number): number {
  const distance = Math.abs(x - middle);
  const total = values.reduce((sum, value) => sum + Math.abs(value - middle), distance);
  return MEAN_TO_SIGMA * total / (values.length + 1);
}

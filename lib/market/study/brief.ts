// This module is pure.
/**
 * One asset's day in quarters of an hour, counted back from an edge, and how unusual its
 * newest window is among all windows of the same length in it.
 */
import { type Bucket, MINUTE_MS } from "../bucket.ts";
import { eightHourRate } from "./funding.ts";
import { standingAt } from "./interest.ts";
import { median, robustZ } from "./robust.ts";

export const QUARTER_MINUTES = 15;
/** With fewer windows to compare with, unusual means nothing. */
export const LEAST_WINDOWS = 8;
/** A window of which more is missing is not compared: its sums would be too small. */
const KNOWN_PART = 0.9;

export const BRIEF_METRICS = ["price", "cvd", "oi", "funding", "liquidations"] as const;
export type BriefMetric = typeof BRIEF_METRICS[number];

/** Levels at the `count + 1` edges, and sums in the `count` quarters between them. */
export interface Quarters {
  readonly count: number;
  readonly price: readonly (number | null)[];
  /** Per series, coins. */
  readonly oi: readonly (readonly (number | null)[])[];
  /** Per series, 8 h equivalent. */
  readonly funding: readonly (readonly (number | null)[])[];
  /** Quote; with the number of minutes known, over all series. */
  readonly delta: Float64Array;
  readonly deltaMinutes: Uint16Array;
  readonly liquidated: Float64Array;
  readonly liquidatedMinutes: Uint16Array;
}

/** Folds a day of minutes, a list per series; the price is of the first series that has one. */
export function quartersOf(
  series: readonly (readonly Bucket[])[],
  endMs: number,
  count: number,
): Quarters {
  const width = QUARTER_MINUTES * MINUTE_MS;
  const fromMs = endMs - count * width;
  const edges = Array.from({ length: count + 1 }, (_, i) => fromMs + i * width);
  const levels = (buckets: readonly Bucket[], pick: (bucket: Bucket) => number | null) =>
    edges.map((edgeMs) => standingAt(buckets, edgeMs, pick)?.value ?? null);
  const prices = series.map((buckets) => levels(buckets, (row) => row.c));
  const sums = {
    delta: new Float64Array(count),
    deltaMinutes: new Uint16Array(count),
    liquidated: new Float64Array(count),
    liquidatedMinutes: new Uint16Array(count),
  };
  for (const buckets of series) {
    for (const { t, buyQuote, sellQuote, liqLongQuote, liqShortQuote } of buckets) {
      const i = Math.floor((t - fromMs) / width);
      if (i < 0 || i >= count) continue;
      if (buyQuote !== null && sellQuote !== null) {
        sums.delta[i] = (sums.delta[i] ?? 0) + buyQuote - sellQuote;
        sums.deltaMinutes[i] = (sums.deltaMinutes[i] ?? 0) + 1;
      }
      if (liqLongQuote !== null && liqShortQuote !== null) {
        sums.liquidated[i] = (sums.liquidated[i] ?? 0) + liqLongQuote + liqShortQuote;
        sums.liquidatedMinutes[i] = (sums.liquidatedMinutes[i] ?? 0) + 1;
      }
    }
  }
  return {
    count,
    price: prices.find((levels) => levels.at(-1) !== null) ?? edges.map(() => null),
    oi: series.map((buckets) => levels(buckets, (row) => row.oiBase)),
    funding: series.map((buckets) => levels(buckets, eightHourOf)),
    ...sums,
  };
}

function eightHourOf({ fundingRate, fundingIntervalHours }: Bucket): number | null {
  // Without the interval a rate of 4 h and one of 8 h would be one level.
  return fundingIntervalHours === null ? null : eightHourRate(fundingRate, fundingIntervalHours);
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
export function unusualIn(quarters: Quarters, length: number): Unusual[] {
  const { count } = quarters;
  return BRIEF_METRICS.flatMap((metric): Unusual[] => {
    const change = changeIn(quarters, metric, count - length, length);
    if (change === null) return [];
    const before: number[] = [];
    for (let start = 0; start + length <= count - length; start++) {
      const value = changeIn(quarters, metric, start, length);
      if (value !== null) before.push(value);
    }
    const usual = median(before);
    const z = before.length < LEAST_WINDOWS ? null : unusualness(change, before);
    return usual === null || z === null
      ? []
      : [{ metric, change, usual, z, windows: before.length }];
  });
}

/** The change of one metric over a window, `null` where it is not known well enough. */
export function changeIn(
  quarters: Quarters,
  metric: BriefMetric,
  start: number,
  length: number,
): number | null {
  switch (metric) {
    case "price":
      return relative(quarters.price[start] ?? null, quarters.price[start + length] ?? null);
    case "cvd":
      return summed(quarters, quarters.delta, quarters.deltaMinutes, start, length);
    case "liquidations":
      return summed(quarters, quarters.liquidated, quarters.liquidatedMinutes, start, length);
    case "oi": {
      const { from, to, known } = bothEnds(quarters.oi, start, length);
      return known === 0 ? null : relative(from, to);
    }
    case "funding": {
      const { from, to, known } = bothEnds(quarters.funding, start, length);
      return known === 0 ? null : (to - from) / known;
    }
  }
}

function relative(from: number | null, to: number | null): number | null {
  return from === null || to === null || from <= 0 ? null : (to - from) / from;
}

/** Sums at both ends over the series that know both. */
function bothEnds(series: Quarters["oi"], start: number, length: number) {
  let [from, to, known] = [0, 0, 0];
  for (const levels of series) {
    const [a, b] = [levels[start] ?? null, levels[start + length] ?? null];
    if (a === null || b === null) continue;
    from += a;
    to += b;
    known++;
  }
  return { from, to, known };
}

function summed(
  { oi: series }: Quarters,
  values: Float64Array,
  minutes: Uint16Array,
  start: number,
  length: number,
): number | null {
  let [sum, known] = [0, 0];
  for (let i = start; i < start + length; i++) {
    sum += values[i] ?? 0;
    known += minutes[i] ?? 0;
  }
  const asked = series.length * length * QUARTER_MINUTES;
  return known === 0 || known < KNOWN_PART * asked ? null : sum;
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
export function unusualness(x: number, values: readonly number[]): number | null {
  const middle = median(values);
  if (middle === null) return null;
  const distance = Math.abs(x - middle);
  const total = values.reduce((sum, value) => sum + Math.abs(value - middle), distance);
  const mean = MEAN_TO_SIGMA * total / (values.length + 1);
  const z = robustZ(x, values) ?? (distance === 0 ? 0 : (x - middle) / mean);
  return Number.isFinite(z) ? Math.max(-MOST_Z, Math.min(MOST_Z, z)) : null;
}

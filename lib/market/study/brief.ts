// This module is pure.
/**
 * How unusual an asset's newest window is among all windows of the same length in its day.
 */
import { QUARTER_MS } from "../bucket.ts";
import { sumOf } from "../sum.ts";
import { type Day, isKnown, KNOWN_PART } from "./brief_day.ts";
import { medianIn, toDistances, zFrom } from "./robust.ts";

/** With fewer windows to compare with, unusual means nothing. */
export const LEAST_WINDOWS = 8;

export const BRIEF_METRICS = ["price", "cvd", "oi", "funding", "liquidations"] as const;
export type BriefMetric = typeof BRIEF_METRICS[number];

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
  const newest = day.count - length;
  const found: Unusual[] = [];
  for (const metric of BRIEF_METRICS) {
    const changes = changesOf(day, metric, length);
    const change = changes[newest] ?? NaN;
    if (!isKnown(change)) continue;
    let windows = 0;
    for (let start = 0; start + length <= newest; start++) {
      const before = changes[start] ?? NaN;
      if (isKnown(before)) changes[windows++] = before;
    }
    if (windows < LEAST_WINDOWS) continue;
    const judged = unusualness(change, changes.subarray(0, windows));
    if (judged) found.push({ metric, change, ...judged, windows });
  }
  return found;
}

/**
 * The change of one metric over every window of `length` quarters, by the quarter in which it
 * starts; NaN where it is not known well enough.
 */
export function changesOf(day: Day, metric: BriefMetric, length: number): Float64Array {
  const changes = new Float64Array(Math.max(0, day.count - length + 1));
  for (let start = 0; start < changes.length; start++) {
    changes[start] = changeOf(day, metric, start, start + length);
  }
  return changes;
}

function changeOf(day: Day, metric: BriefMetric, start: number, end: number): number {
  switch (metric) {
    case "price":
      return relative(day.price[start] ?? NaN, day.price[end] ?? NaN);
    case "cvd":
      return summed(day, day.delta, day.deltaMs, start, end);
    case "liquidations":
      return summed(day, day.liquidated, day.liquidatedMs, start, end);
    case "oi":
      return relativeOf(day.oi, start, end);
    case "funding":
      return meanRise(day.funding, start, end);
  }
}

function relative(from: number, to: number): number {
  return from > 0 ? (to - from) / from : NaN;
}

/** Of the sums over the series that know both ends. */
function relativeOf(series: readonly Float64Array[], start: number, end: number): number {
  let from = 0;
  let to = 0;
  for (const levels of series) {
    const before = levels[start] ?? NaN;
    const after = levels[end] ?? NaN;
    if (!isKnown(before) || !isKnown(after)) continue;
    from += before;
    to += after;
  }
  return relative(from, to);
}

/** How much the mean over the series that know both ends has risen. */
function meanRise(series: readonly Float64Array[], start: number, end: number): number {
  let rise = 0;
  let known = 0;
  for (const levels of series) {
    const one = (levels[end] ?? NaN) - (levels[start] ?? NaN);
    if (!isKnown(one)) continue;
    rise += one;
    known++;
  }
  return rise / known;
}

/** The sum over a window, which must be known nearly whole. */
function summed(
  { oi: series }: Day,
  values: Float64Array,
  knownMs: Float64Array,
  start: number,
  end: number,
): number {
  let sum = 0;
  let known = 0;
  for (let i = start; i < end; i++) {
    sum += values[i] ?? NaN;
    known += knownMs[i] ?? NaN;
  }
  const askedMs = series.length * (end - start) * QUARTER_MS;
  return known === 0 || known < KNOWN_PART * askedMs ? NaN : sum;
}

/** Scales a mean absolute deviation to the σ of a normal distribution: √(π ÷ 2). */
const MEAN_TO_SIGMA = 1.2533;
/** Beyond this a z tells only how still the baseline was. */
export const MOST_Z = 99;

/**
 * The median of the windows before, and the robust z of `x`. Where most windows are the same
 * (no liquidations, an unmoved rate) there is no MAD; the mean absolute deviation then stands
 * in (Iglewicz and Hoaglin, 1993), with `x` among the values, so that a first move is large and
 * not infinite. Within ±99; `null` without values. Uses the values up.
 */
export function unusualness(
  x: number,
  values: Float64Array,
): { readonly usual: number; readonly z: number } | null {
  const usual = medianIn(values);
  if (usual === null) return null;
  toDistances(values, usual);
  const z = zFrom(x, usual, medianIn(values) ?? NaN) ??
    (x === usual ? 0 : (x - usual) / meanSpread(Math.abs(x - usual), values));
  return Number.isFinite(z) ? { usual, z: Math.max(-MOST_Z, Math.min(MOST_Z, z)) } : null;
}

/** The mean of a distance and all others, scaled to a σ. */
function meanSpread(distance: number, others: Float64Array): number {
  return MEAN_TO_SIGMA * (distance + sumOf(others)) / (others.length + 1);
}

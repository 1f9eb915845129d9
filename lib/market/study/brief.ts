// This module is pure.
/**
 * One asset's day in quarter-hours, and how unusual its
 * newest window is among all windows of the same length in it.
 */
import { QUARTER_MS } from "../bucket.ts";
import type { Past } from "../past/past.ts";
import { QuarterColumns } from "../past/quarter_columns.ts";
import { eightHourRate } from "./funding.ts";
import { medianIn, zFrom } from "./robust.ts";

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
  const levels = () => new Float64Array(count + 1).fill(NaN);
  const sums = {
    delta: new Float64Array(count),
    deltaMs: new Float64Array(count),
    liquidated: new Float64Array(count),
    liquidatedMs: new Float64Array(count),
  };
  const [oi, funding]: [Float64Array[], Float64Array[]] = [[], []];
  let price: Float64Array | null = null;
  // A quarter's last values stand at the edge where it ends.
  const columns = new QuarterColumns(count + 1);
  for (const past of series) {
    readColumns(past, endMs, columns);
    oi.push(columns.oiBase.slice());
    const rates = levels();
    for (let edge = 0; edge <= count; edge++) rates[edge] = eightHourAt(columns, edge);
    funding.push(rates);
    if (price === null && isKnown(priceAt(columns, count))) {
      price = levels();
      for (let edge = 0; edge <= count; edge++) price[edge] = priceAt(columns, edge);
    }
    addKnown(sums.delta, sums.deltaMs, columns.delta, columns.coverageMs);
    addKnown(sums.liquidated, sums.liquidatedMs, columns.liquidated, columns.coverageMs);
  }
  return { count, price: price ?? levels(), oi, funding, ...sums };
}

/** Reads the quarters that end with `endMs` as far as they lie in the past. */
function readColumns({ ring, fromMs, toMs }: Past, endMs: number, columns: QuarterColumns): void {
  const firstMs = endMs - columns.count * QUARTER_MS;
  const heldMs = Math.max(firstMs, Math.ceil(fromMs / QUARTER_MS) * QUARTER_MS);
  const held = (heldMs - firstMs) / QUARTER_MS;
  const end = Math.max(held, Math.min(columns.count, (toMs - firstMs) / QUARTER_MS));
  columns.forget(0, held);
  columns.forget(end, columns.count);
  ring.day.copyQuarters(heldMs, firstMs + end * QUARTER_MS, columns, held);
}

/** The price at the end of a quarter that was seen well enough; NaN where there is none. */
function priceAt({ close, coverageMs }: QuarterColumns, at: number): number {
  return (coverageMs[at] ?? 0) >= KNOWN_PART * QUARTER_MS ? close[at] ?? NaN : NaN;
}

function eightHourAt({ fundingRate, fundingIntervalHours }: QuarterColumns, at: number): number {
  // Without the interval a rate of 4 h and one of 8 h would be one level.
  return eightHourRate(fundingRate[at] ?? NaN, fundingIntervalHours[at] ?? NaN) ?? NaN;
}

/** Adds a series' values, behind the one before the day, and the time of which they are known. */
function addKnown(
  sums: Float64Array,
  knownMs: Float64Array,
  values: Float64Array,
  coverageMs: Float64Array,
): void {
  for (let i = 0; i < sums.length; i++) {
    const value = values[i + 1] ?? NaN;
    if (!isKnown(value)) continue;
    sums[i] = (sums[i] ?? 0) + value;
    knownMs[i] = (knownMs[i] ?? 0) + (coverageMs[i + 1] ?? 0);
  }
}

function isKnown(value: number): boolean {
  return value === value;
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
  const distance = Math.abs(x - usual);
  let total = distance;
  for (let i = 0; i < values.length; i++) {
    const one = Math.abs((values[i] ?? NaN) - usual);
    values[i] = one;
    total += one;
  }
  const sigma = MEAN_TO_SIGMA * total / (values.length + 1);
  const z = zFrom(x, usual, medianIn(values) ?? NaN) ?? (distance === 0 ? 0 : (x - usual) / sigma);
  return Number.isFinite(z) ? { usual, z: Math.max(-MOST_Z, Math.min(MOST_Z, z)) } : null;
}

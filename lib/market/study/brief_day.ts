// This module is pure.
/** One asset's day in quarter-hours, over its series. */
import { QUARTER_MS } from "../bucket.ts";
import type { Past } from "../past/past.ts";
import type { QuarterColumns } from "../past/quarter_columns.ts";
import { eightHourRate } from "./funding.ts";

/** Of a quarter or window of which more is missing nothing is told: its sums would be too small. */
export const KNOWN_PART = 0.9;

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
 * its start; the price is of the first series that has one at the end. Reads each series into
 * `columns`, which say how many quarters there are.
 */
export function dayOf(series: readonly Past[], endMs: number, columns: QuarterColumns): Day {
  // A quarter's last values stand at the edge where it ends.
  const count = columns.count - 1;
  const levels = () => new Float64Array(count + 1).fill(NaN);
  const sums = {
    delta: new Float64Array(count),
    deltaMs: new Float64Array(count),
    liquidated: new Float64Array(count),
    liquidatedMs: new Float64Array(count),
  };
  const [oi, funding]: [Float64Array[], Float64Array[]] = [[], []];
  let price: Float64Array | null = null;
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

export function isKnown(value: number): boolean {
  return value === value;
}

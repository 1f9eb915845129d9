// This module is pure.
/**
 * Funding in one measure, whatever the interval: the 8 h equivalent and the simple annual
 * rate (metrics page, "Open interest and funding"). Rates are fractions.
 */
import { Sum } from "../sum.ts";

/** Where no interval is known it is this (a missing `fundingInfo` entry means 8 h). */
export const ASSUMED_HOURS = 8;

const HOURS_PER_YEAR = 8760;

/** rate · 8 ÷ hours; `null` where the rate is unknown or the interval makes no sense. */
export function eightHourRate(rate: number | null, hours: number): number | null {
  return rate === null || !(hours > 0) ? null : rate * 8 / hours;
}

/** rate · 8760 ÷ hours, without compounding. */
export function aprOf(rate: number | null, hours: number): number | null {
  return rate === null || !(hours > 0) ? null : rate * HOURS_PER_YEAR / hours;
}

export interface Weighted {
  readonly value: number | null;
  readonly weight: number | null;
}

/**
 * Σ weight · value ÷ Σ weight over the rows that know both; `null` where none does. Rows
 * without a weight are left out, never given an equal share.
 */
export function weightedMean(rows: readonly Weighted[]): number | null {
  const values = new Sum();
  const weights = new Sum();
  for (const { value, weight } of rows) {
    if (value === null || weight === null || weight <= 0) continue;
    values.add(value * weight);
    weights.add(weight);
  }
  return weights.value > 0 ? values.value / weights.value : null;
}

/** The largest and the smallest `count` rows, most extreme first; no row is in both. */
export function extremesOf<T>(
  rows: readonly T[],
  value: (row: T) => number,
  count: number,
): { readonly highest: readonly T[]; readonly lowest: readonly T[] } {
  const sorted = rows.toSorted((a, b) => value(b) - value(a));
  const highest = sorted.slice(0, count);
  return { highest, lowest: sorted.slice(highest.length).slice(-count).reverse() };
}

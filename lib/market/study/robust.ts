// This module is pure.
/** Statistics that a few wild values cannot move. */

/** The middle of the values, the mean of the middle two of an even number; `null` of none. */
export function median(values: readonly number[]): number | null {
  const ordered = Float64Array.from(values).sort();
  const half = ordered.length >>> 1;
  const upper = ordered[half];
  if (upper === undefined) return null;
  const lower = ordered.length % 2 === 1 ? upper : ordered[half - 1] ?? upper;
  return (lower + upper) / 2;
}

/** Values that differ by less than this part of them differ by rounding only. */
const LEAST_MAD = 1e-9;

/** Scales the MAD of a normal distribution to its σ: the upper quartile of N(0, 1). */
const QUARTILE = 0.6745;

/**
 * The robust z-score 0.6745 · (x − median) ÷ MAD (Iglewicz and Hoaglin, 1993), where MAD is
 * the median distance from the median. `null` without values, and where more than half
 * of them are the same, for then nothing is a usual distance. Who has the median gives it.
 */
export function robustZ(
  x: number,
  values: readonly number[],
  middle: number | null = median(values),
): number | null {
  if (middle === null) return null;
  const mad = median(values.map((value) => Math.abs(value - middle)));
  if (mad === null || !(mad > Math.abs(middle) * LEAST_MAD)) return null;
  const z = QUARTILE * (x - middle) / mad;
  return Number.isFinite(z) ? z : null;
}

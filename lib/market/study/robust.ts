// This module is pure.
/** Statistics that a few wild values cannot move. */

/**
 * The middle of the values, the mean of the middle two of an even number; `null` of none.
 * Reorders the values.
 */
export function medianIn(rest: Float64Array): number | null {
  const count = rest.length;
  if (count === 0) return null;
  const half = count >>> 1;
  const upper = select(rest, half);
  if (count % 2 === 1) return upper;
  // What lies below the place of the upper one is not larger than it.
  let lower = -Infinity;
  for (let i = 0; i < half; i++) lower = Math.max(lower, rest[i] ?? lower);
  return (lower + upper) / 2;
}

/**
 * The value that would be at `place` in order, with none before it larger and none after it
 * smaller (Hoare's Find, 1961): a scan looks for forty medians of a day, and sorting it
 * would take most of the answer's time. Reorders the values.
 */
function select(values: Float64Array, place: number): number {
  const at = (index: number): number => values[index] ?? NaN;
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = middleOf(at(from), at((from + to) >>> 1), at(to));
    let [left, right] = [from, to];
    while (left <= right) {
      while (at(left) < pivot) left++;
      while (at(right) > pivot) right--;
      if (left > right) break;
      const held = at(left);
      values[left++] = at(right);
      values[right--] = held;
    }
    if (place <= right) to = right;
    else if (place >= left) from = left;
    else break;
  }
  return at(place);
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Values that differ by less than this part of them differ by rounding only. */
const LEAST_MAD = 1e-9;

/** Scales the MAD of a normal distribution to its σ: the upper quartile of N(0, 1). */
const QUARTILE = 0.6745;

/** Puts in place of each value its distance from the middle. */
export function toDistances(values: Float64Array, middle: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.abs((values[i] ?? NaN) - middle);
}

/**
 * The robust z-score 0.6745 · (x − median) ÷ MAD (Iglewicz and Hoaglin, 1993), where MAD is
 * the median distance from the median. `null` without values, and where more than half
 * of them are the same, for then nothing is a usual distance.
 */
export function robustZ(x: number, values: readonly number[] | Float64Array): number | null {
  const rest = new Float64Array(values);
  const middle = medianIn(rest);
  if (middle === null) return null;
  toDistances(rest, middle);
  return zFrom(x, middle, medianIn(rest) ?? NaN);
}

/** The same for who knows the median and the MAD. */
export function zFrom(x: number, middle: number, mad: number): number | null {
  if (!(mad > Math.abs(middle) * LEAST_MAD)) return null;
  const z = QUARTILE * (x - middle) / mad;
  return Number.isFinite(z) ? z : null;
}

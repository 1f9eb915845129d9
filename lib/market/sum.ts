// This module is pure.
/**
 * Summation that keeps the low digits (Neumaier 1974, an improved Kahan–Babuška), so that
 * a day of small minutes added to a large total gives the same answer in any order.
 */
export class Sum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value)
      ? (this.#sum - next) + value
      : (value - next) + this.#sum;
    this.#sum = next;
  }

  /** The total so far; 0 before the first value, never −0. */
  get value(): number {
    return this.#sum + this.#lost + 0;
  }
}

/** The compensated sum of all values; 0 for none. */
export function sumOf(values: ArrayLike<number>): number {
  const sum = new Sum();
  for (let i = 0; i < values.length; i++) sum.add(values[i] ?? NaN);
  return sum.value;
}

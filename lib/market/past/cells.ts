// This module is pure.
import { type Bucket, MINUTE_MS } from "../bucket.ts";
import { foldPrice } from "./fold.ts";

/**
 * Numbers in a typed array that is made when the first known one comes: a spot market has
 * no open interest, and needs no room for it. NaN is unknown.
 */
export class Cells {
  readonly #length: number;
  #cells: Float64Array | null = null;

  constructor(length: number) {
    this.#length = length;
  }

  get(index: number): number {
    return this.#cells?.[index] ?? NaN;
  }

  /** Writes the values `[first, end)` from `at` on. */
  copy(first: number, end: number, to: Float64Array, at: number): void {
    if (this.#cells === null) to.fill(NaN, at, at + end - first);
    else to.set(this.#cells.subarray(first, end), at);
  }

  set(index: number, value: number | null): void {
    const number = value ?? NaN;
    if (this.#cells === null) {
      if (number !== number) return;
      this.#cells = new Float64Array(this.#length).fill(NaN);
    }
    this.#cells[index] = number;
  }
}

export type PriceValue = "h" | "l" | "c";

/** Price bars of one length. */
export class PriceCells {
  readonly #cells: Readonly<Record<PriceValue, Cells>>;

  constructor(length: number) {
    this.#cells = { h: new Cells(length), l: new Cells(length), c: new Cells(length) };
  }

  get(name: PriceValue, index: number): number {
    return this.#cells[name].get(index);
  }

  /** The bar of `length` minutes from `fromMs`, of minutes that hold it. */
  put(index: number, minutes: readonly Bucket[], fromMs: number, length: number): void {
    const { h, l, c } = foldPrice(minutes, fromMs, fromMs + length * MINUTE_MS);
    this.#cells.h.set(index, h);
    this.#cells.l.set(index, l);
    this.#cells.c.set(index, c);
  }
}

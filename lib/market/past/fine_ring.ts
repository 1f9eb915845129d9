// This module is pure.
/** The last five hours of a series minute by minute: its price, and its open interest. */
import { type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { Cells, PriceCells, type PriceValue } from "./cells.ts";
import { placeIn } from "./day_ring.ts";

/** Five hours, and the part of a quarter at both ends. */
export const FINE_QUARTERS = 22;

export class FineRing {
  readonly #at = new Uint32Array(FINE_QUARTERS);
  readonly #prices = new PriceCells(FINE_QUARTERS * QUARTER_MINUTES);
  readonly #interest = new Cells(FINE_QUARTERS * QUARTER_MINUTES);

  has(t: number): boolean {
    return placeIn(this.#at, t) >= 0;
  }

  /** The price of the minutes is left out unless it is followed. */
  put(t: number, minutes: readonly Bucket[], priced: boolean): void {
    const quarter = t / QUARTER_MS;
    const at = quarter % FINE_QUARTERS;
    this.#at[at] = quarter;
    const first = at * QUARTER_MINUTES;
    for (let i = 0; i < QUARTER_MINUTES; i++) {
      if (priced) this.#prices.put(first + i, minutes, t + i * MINUTE_MS, 1);
      this.#interest.set(first + i, null);
    }
    for (const row of minutes) this.#interest.set(first + (row.t - t) / MINUTE_MS, row.oiBase);
  }

  /** High, low or close of the minute at `t`; NaN where there is no price. */
  price(name: PriceValue, t: number): number {
    const index = this.#indexOf(t);
    return index < 0 ? NaN : this.#prices.get(name, index);
  }

  /** Open interest of the minute at `t`; NaN where unknown. */
  interest(t: number): number {
    const index = this.#indexOf(t);
    return index < 0 ? NaN : this.#interest.get(index);
  }

  #indexOf(t: number): number {
    const quarterMs = Math.floor(t / QUARTER_MS) * QUARTER_MS;
    const at = placeIn(this.#at, quarterMs);
    return at < 0 ? -1 : at * QUARTER_MINUTES + (t - quarterMs) / MINUTE_MS;
  }
}

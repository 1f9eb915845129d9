// This module is pure.
/** The last five hours of a series minute by minute: its price, and its open interest. */
import { type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { type Cells, FINE_MINUTES, type PerpCells, slotIn, takeSlot } from "./cells.ts";
import { foldPrice } from "./fold.ts";
import { Bar, BAR_WIDTH, Fine, FINE_WIDTH, type PriceValue } from "./layout.ts";

export { FINE_QUARTERS } from "./layout.ts";

export class FineRing {
  readonly #held: Uint32Array;
  readonly #perp: PerpCells;

  constructor({ heldFine, perp }: Cells) {
    this.#held = heldFine;
    this.#perp = perp;
  }

  has(t: number): boolean {
    return slotIn(this.#held, t) >= 0;
  }

  /** The price of the minutes is left out unless it is followed. */
  put(t: number, minutes: readonly Bucket[], priced: boolean): void {
    const row = FINE_MINUTES + takeSlot(this.#held, t) * FINE_WIDTH;
    const [bars, interest] = [row + Fine.bars, row + Fine.interest];
    for (let i = 0; i < QUARTER_MINUTES; i++) {
      const fromMs = t + i * MINUTE_MS;
      if (priced) {
        this.#perp.setBar(bars + i * BAR_WIDTH, foldPrice(minutes, fromMs, fromMs + MINUTE_MS));
      }
      this.#perp.set(interest + i, null);
    }
    for (const minute of minutes) {
      this.#perp.set(interest + (minute.t - t) / MINUTE_MS, minute.oiBase);
    }
  }

  /** High, low or close of the minute at `t`; NaN where there is no price. */
  price(name: PriceValue, t: number): number {
    return this.#read(t, Fine.bars + Bar[name], BAR_WIDTH);
  }

  /** Open interest of the minute at `t`; NaN where unknown. */
  interest(t: number): number {
    return this.#read(t, Fine.interest, 1);
  }

  /** Of the columns that begin at `column`, `step` apart, the one of the minute at `t`. */
  #read(t: number, column: number, step: number): number {
    const quarterMs = Math.floor(t / QUARTER_MS) * QUARTER_MS;
    const slot = slotIn(this.#held, quarterMs);
    if (slot < 0) return NaN;
    return this.#perp.get(
      FINE_MINUTES + slot * FINE_WIDTH + column + (t - quarterMs) / MINUTE_MS * step,
    );
  }
}

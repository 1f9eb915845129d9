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
    return this.slotOf(t) >= 0;
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
    const quarterMs = Math.floor(t / QUARTER_MS) * QUARTER_MS;
    return this.priceIn(this.slotOf(quarterMs), (t - quarterMs) / MINUTE_MS, name);
  }

  /** The slot of the quarter at `t`, or −1 where it is not held; nothing is known of its minutes. */
  slotOf(t: number): number {
    return slotIn(this.#held, t);
  }

  /** The same of a minute of a quarter, 0 … 14. */
  priceIn(slot: number, minute: number, name: PriceValue): number {
    if (slot < 0) return NaN;
    const bar = FINE_MINUTES + slot * FINE_WIDTH + Fine.bars + minute * BAR_WIDTH;
    return this.#perp.get(bar + Bar[name]);
  }

  /** Open interest of a minute of a quarter, 0 … 14; NaN where unknown. */
  interestIn(slot: number, minute: number): number {
    if (slot < 0) return NaN;
    return this.#perp.get(FINE_MINUTES + slot * FINE_WIDTH + Fine.interest + minute);
  }
}

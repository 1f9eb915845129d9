// This module is pure.
/**
 * The older part of one series in memory, quarter-hour by quarter-hour, in just the detail
 * that questions about a day ask for: sums of 26 hours, with the volume of every minute and
 * the liquidations of those that had any; and of a market whose price is followed the bars
 * of 15 minutes for 49 hours, of 5 minutes for 26, and minutes for five. A quarter is put as
 * a whole, and again when a minute of it has changed.
 */
import { type Bucket, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { bitsOf, type MinuteIs } from "./bits.ts";
import { Cells, LONG_BARS, type PerpCells, slotIn, takeSlot } from "./cells.ts";
import { DayRing } from "./day_ring.ts";
import { FineRing } from "./fine_ring.ts";
import { foldPrice } from "./fold.ts";
import { Bar, BAR_WIDTH, DAY_QUARTERS, FINE_QUARTERS, LONG_BITS_WIDTH } from "./layout.ts";
import { LONG_QUARTERS, LongBits, type PriceValue } from "./layout.ts";

export { LONG_QUARTERS };

export class PastRing {
  readonly day: DayRing;
  readonly fine: FineRing;
  readonly #held: Uint32Array;
  readonly #longBits: Uint16Array;
  readonly #perp: PerpCells;
  #priced: boolean;
  #version = 0;

  /** `priced`: the bars of its price are kept too. */
  constructor(priced: boolean) {
    const cells = new Cells();
    this.#held = cells.heldLong;
    this.#longBits = cells.longBits;
    this.#perp = cells.perp;
    this.day = new DayRing(cells);
    this.fine = new FineRing(cells);
    this.#priced = priced;
  }

  get isPriced(): boolean {
    return this.#priced;
  }

  /** Grows with every quarter that went stale: what was read before may be old. */
  get version(): number {
    return this.#version;
  }

  /** From now on the price's bars are kept; all quarters have to be put again. */
  followPrice(): void {
    this.#version++;
    this.#priced = true;
    for (let slot = 0; slot < LONG_QUARTERS; slot++) this.#setBits(slot, LongBits.fresh, 0);
  }

  /** Whether the quarter at `t` needs not be put; the closed quarters end at `endMs`. */
  has(t: number, endMs: number): boolean {
    const age = (endMs - t) / QUARTER_MS;
    return this.#bits(LongBits.fresh, t) === 1 &&
      (age > DAY_QUARTERS || this.day.has(t)) && (age > FINE_QUARTERS || this.fine.has(t));
  }

  /** A minute of the quarter has changed: it has to be put again. What is there can be read. */
  forget(t: number): void {
    this.#version++;
    const slot = slotIn(this.#held, t);
    if (slot >= 0) this.#setBits(slot, LongBits.fresh, 0);
  }

  /**
   * Keeps the quarter that starts at `t`, given its ordered minutes, in the detail that its
   * age deserves; one that is not `fresh` has to be put again.
   */
  put(t: number, minutes: readonly Bucket[], endMs: number, fresh = true): void {
    const age = (endMs - t) / QUARTER_MS;
    if (age < 1 || age > LONG_QUARTERS) return;
    const slot = takeSlot(this.#held, t);
    this.#setBits(slot, LongBits.fresh, fresh ? 1 : 0);
    this.#setBits(slot, LongBits.sourced, bitsOf(t, minutes, "sourced"));
    this.#setBits(slot, LongBits.whole, bitsOf(t, minutes, "whole"));
    if (age <= DAY_QUARTERS) this.day.put(t, minutes, this.#priced);
    if (age <= FINE_QUARTERS) this.fine.put(t, minutes, this.#priced);
    if (!this.#priced) return;
    this.#perp.setBar(LONG_BARS + slot * BAR_WIDTH, foldPrice(minutes, t, t + QUARTER_MS));
  }

  /** Bits of the quarter's minutes that are so, the first one lowest; none of one not held. */
  bits(is: MinuteIs, t: number): number {
    if (is !== "whole" && is !== "sourced") return this.day.bits(is, t);
    return this.#bits(is === "whole" ? LongBits.whole : LongBits.sourced, t);
  }

  /** High, low or close of the bar of 1, 5 or 15 minutes at `t`; NaN where there is no price. */
  price(name: PriceValue, minutes: 1 | 5 | 15, t: number): number {
    if (minutes === 1) return this.fine.price(name, t);
    if (minutes !== QUARTER_MINUTES) return this.day.price(name, t);
    const slot = slotIn(this.#held, t);
    return slot < 0 ? NaN : this.#perp.get(LONG_BARS + slot * BAR_WIDTH + Bar[name]);
  }

  #bits(column: number, t: number): number {
    const slot = slotIn(this.#held, t);
    return slot < 0 ? 0 : this.#longBits[slot * LONG_BITS_WIDTH + column] ?? 0;
  }

  #setBits(slot: number, column: number, bits: number): void {
    this.#longBits[slot * LONG_BITS_WIDTH + column] = bits;
  }
}

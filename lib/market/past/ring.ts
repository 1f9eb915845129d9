// This module is pure.
/**
 * The older part of one series in memory, quarter-hour by quarter-hour, in just the detail
 * that questions about a day ask for: sums of 26 hours, with the volume of every minute and
 * the liquidations of those that had any; and of a market whose price is followed the bars
 * of 15 minutes for 49 hours, of 5 minutes for 26, and minutes for five. A quarter is put as
 * a whole, and again when a minute of it has changed.
 */
import { type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { bitsOf, type MinuteIs } from "./bits.ts";
import { PriceCells, type PriceValue } from "./cells.ts";
import { DAY_QUARTERS, DayRing, placeIn } from "./day_ring.ts";
import { FINE_QUARTERS, FineRing } from "./fine_ring.ts";

/** 48 hours of the longest bar, and what has closed of the hour that forms. */
export const LONG_QUARTERS = 197;

const FIVE_MINUTES = 5;
const FIVES = QUARTER_MINUTES / FIVE_MINUTES;

export class PastRing {
  readonly day = new DayRing();
  readonly fine = new FineRing();
  #priced: boolean;
  #version = 0;
  readonly #at = new Uint32Array(LONG_QUARTERS);
  readonly #fresh = new Uint8Array(LONG_QUARTERS);
  readonly #sourced = new Uint16Array(LONG_QUARTERS);
  readonly #whole = new Uint16Array(LONG_QUARTERS);
  readonly #quarters = new PriceCells(LONG_QUARTERS);
  readonly #fives = new PriceCells(DAY_QUARTERS * FIVES);

  /** `priced`: the bars of its price are kept too. */
  constructor(priced: boolean) {
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
    this.#priced = true;
    this.#fresh.fill(0);
  }

  /** Whether the quarter at `t` needs not be put; the closed quarters end at `endMs`. */
  has(t: number, endMs: number): boolean {
    const at = placeIn(this.#at, t);
    const age = (endMs - t) / QUARTER_MS;
    return at >= 0 && this.#fresh[at] === 1 &&
      (age > DAY_QUARTERS || this.day.has(t)) && (age > FINE_QUARTERS || this.fine.has(t));
  }

  /** A minute of the quarter has changed: it has to be put again. What is there can be read. */
  forget(t: number): void {
    this.#version++;
    const at = placeIn(this.#at, t);
    if (at >= 0) this.#fresh[at] = 0;
  }

  /**
   * Keeps the quarter that starts at `t`, given its ordered minutes, in the detail that its
   * age deserves; one that is not `fresh` has to be put again.
   */
  put(t: number, minutes: readonly Bucket[], endMs: number, fresh = true): void {
    const quarter = t / QUARTER_MS;
    const age = endMs / QUARTER_MS - quarter;
    if (age < 1 || age > LONG_QUARTERS) return;
    const at = quarter % LONG_QUARTERS;
    this.#at[at] = quarter;
    this.#fresh[at] = fresh ? 1 : 0;
    this.#sourced[at] = bitsOf(t, minutes, "sourced");
    this.#whole[at] = bitsOf(t, minutes, "whole");
    if (age <= DAY_QUARTERS) this.day.put(t, minutes);
    if (age <= FINE_QUARTERS) this.fine.put(t, minutes, this.#priced);
    if (!this.#priced) return;
    this.#quarters.put(at, minutes, t, QUARTER_MINUTES);
    if (age > DAY_QUARTERS) return;
    const first = quarter % DAY_QUARTERS * FIVES;
    for (let i = 0; i < FIVES; i++) {
      this.#fives.put(first + i, minutes, t + i * FIVE_MINUTES * MINUTE_MS, FIVE_MINUTES);
    }
  }

  /** Bits of the quarter's minutes that are so, the first one lowest; none of one not held. */
  bits(is: MinuteIs, t: number): number {
    if (is !== "whole" && is !== "sourced") return this.day.bits(is, t);
    const at = placeIn(this.#at, t);
    return at < 0 ? 0 : (is === "whole" ? this.#whole : this.#sourced)[at] ?? 0;
  }

  /** High, low or close of the bar of 1, 5 or 15 minutes at `t`; NaN where there is no price. */
  price(name: PriceValue, minutes: 1 | 5 | 15, t: number): number {
    if (minutes === 1) return this.fine.price(name, t);
    if (minutes === QUARTER_MINUTES) {
      const at = placeIn(this.#at, t);
      return at < 0 ? NaN : this.#quarters.get(name, at);
    }
    const quarter = Math.floor(t / QUARTER_MS);
    if (!this.day.has(quarter * QUARTER_MS)) return NaN;
    const nth = (t % QUARTER_MS) / (FIVE_MINUTES * MINUTE_MS);
    return this.#fives.get(name, quarter % DAY_QUARTERS * FIVES + nth);
  }
}

// This module is pure.
/**
 * The last 26 hours of a series in quarter-hours: their sums and counts, the volume of each
 * of their minutes, and what was liquidated in those that had any.
 */
import {
  barStart,
  type Bucket,
  type BucketSource,
  MINUTE_MS,
  QUARTER_MINUTES,
  QUARTER_MS,
} from "../bucket.ts";
import { bitsOf, type MinuteIs } from "./bits.ts";
import { type Cells, DAY_PERP, type PerpCells, slotIn, takeSlot } from "./cells.ts";
import { foldLiquidations, foldPrice, foldSums } from "./fold.ts";
import { Bar, BAR_WIDTH, DAY_BITS_WIDTH, DAY_QUARTERS, DayBits } from "./layout.ts";
import { FIVE_MINUTES, FIVES, Perp, PERP_WIDTH } from "./layout.ts";
import { type PriceValue, Tape, TAPE_WIDTH } from "./layout.ts";

export { DAY_QUARTERS };

const SOURCES: readonly (BucketSource | null)[] = [null, "live", "repaired", "candle"];

const KINDS = [
  ...["sourced", "whole", "sides", "sided", "volumed"] as const,
  ...["told", "liquidated", "repaired", "candle"] as const,
];
const TAPE_SUMS = [
  ...["volQuote", "buyQuote", "sellQuote"] as const,
  ...["vwapBase", "vwapQuote", "vwapSquares"] as const,
];
const PERP_SUMS = [
  ...["liqLongQuote", "liqShortQuote", "oiBase"] as const,
  ...["fundingRate", "fundingIntervalHours"] as const,
];

export class DayRing {
  readonly #held: Uint32Array;
  readonly #bits: Uint16Array;
  readonly #coverageMs: Uint32Array;
  readonly #tape: Float64Array;
  readonly #volumes: Float64Array;
  readonly #perp: PerpCells;
  /** By slot; made with the first ones: in a spot market nothing is liquidated. */
  #liquidations: (readonly number[] | null)[] | null = null;

  constructor({ heldDay, dayBits, coverageMs, tape, volumes, perp }: Cells) {
    this.#held = heldDay;
    this.#bits = dayBits;
    this.#coverageMs = coverageMs;
    this.#tape = tape;
    this.#volumes = volumes;
    this.#perp = perp;
  }

  /** Whether the quarter at `t` is held. */
  has(t: number): boolean {
    return this.slotOf(t) >= 0;
  }

  /** The bars of its price are left out unless it is followed. */
  put(t: number, minutes: readonly Bucket[], priced: boolean): void {
    const slot = takeSlot(this.#held, t);
    this.#putKinds(slot, t, minutes);
    this.#putSums(slot, minutes);
    this.#putVolumes(slot, t, minutes);
    if (priced) this.#putFives(slot, t, minutes);
    const liquidated = foldLiquidations(t, minutes);
    if (liquidated) this.#liquidations ??= new Array(DAY_QUARTERS).fill(null);
    if (this.#liquidations) this.#liquidations[slot] = liquidated;
  }

  #putKinds(slot: number, t: number, minutes: readonly Bucket[]): void {
    const row = slot * DAY_BITS_WIDTH;
    for (const is of KINDS) this.#bits[row + DayBits[is]] = bitsOf(t, minutes, is);
    // The list is ordered: of several sources the worst one counts.
    const source = Math.max(0, ...minutes.map((minute) => SOURCES.indexOf(minute.source)));
    this.#bits[row + DayBits.source] = source;
    this.#coverageMs[slot] = minutes.reduce((sum, { coverageMs }) => sum + coverageMs, 0);
  }

  #putSums(slot: number, minutes: readonly Bucket[]): void {
    const sums = foldSums(minutes);
    const tapeRow = slot * TAPE_WIDTH;
    for (const name of TAPE_SUMS) this.#tape[tapeRow + Tape[name]] = sums[name] ?? NaN;
    this.#tape[tapeRow + Tape.close] = minutes.findLast(({ c }) => c !== null)?.c ?? NaN;
    const perpRow = DAY_PERP + slot * PERP_WIDTH;
    for (const name of PERP_SUMS) this.#perp.set(perpRow + Perp[name], sums[name]);
  }

  #putVolumes(slot: number, t: number, minutes: readonly Bucket[]): void {
    const first = slot * QUARTER_MINUTES;
    this.#volumes.fill(NaN, first, first + QUARTER_MINUTES);
    const volumed = this.bits("volumed", t);
    for (const minute of minutes) {
      const i = (minute.t - t) / MINUTE_MS;
      if ((volumed >> i & 1) === 1) this.#volumes[first + i] = minute.volQuote ?? NaN;
    }
  }

  #putFives(slot: number, t: number, minutes: readonly Bucket[]): void {
    const first = DAY_PERP + slot * PERP_WIDTH + Perp.fives;
    for (let i = 0; i < FIVES; i++) {
      const fromMs = t + i * FIVE_MINUTES * MINUTE_MS;
      const bar = foldPrice(minutes, fromMs, fromMs + FIVE_MINUTES * MINUTE_MS);
      this.#perp.setBar(first + i * BAR_WIDTH, bar);
    }
  }

  /** Bits of the quarter's minutes that are so, the first one lowest; none of one not held. */
  bits(is: MinuteIs, t: number): number {
    const slot = this.slotOf(t);
    return slot < 0 ? 0 : this.bitsIn(slot, is);
  }

  #bitsAt(slot: number, column: number): number {
    return this.#bits[slot * DAY_BITS_WIDTH + column] ?? 0;
  }

  // What follows is read of a slot: a quarter is looked up once, and then many values of it.

  /** The slot of the quarter at `t`, or −1 where it is not held. */
  slotOf(t: number): number {
    return slotIn(this.#held, t);
  }

  /** Bits of the quarter's minutes that are so, the first one lowest. */
  bitsIn(slot: number, is: MinuteIs): number {
    return this.#bitsAt(slot, DayBits[is]);
  }

  /** A sum over the quarter; NaN where unknown. */
  sum(name: (typeof TAPE_SUMS)[number], slot: number): number {
    return this.#tape[slot * TAPE_WIDTH + Tape[name]] ?? NaN;
  }

  /** The last known value in the quarter; NaN where none is known. */
  last(name: "close" | "oiBase" | "fundingRate" | "fundingIntervalHours", slot: number): number {
    if (name === "close") return this.#tape[slot * TAPE_WIDTH + Tape.close] ?? NaN;
    return this.#perp.get(DAY_PERP + slot * PERP_WIDTH + Perp[name]);
  }

  /** Taker buy − sell, quote; NaN where a minute that is known lacks its sides. */
  delta(slot: number): number {
    return this.#hasSides(slot) ? this.sum("buyQuote", slot) - this.sum("sellQuote", slot) : NaN;
  }

  /** Quote of longs and shorts in a quarter that was heard live; NaN in any other. */
  liquidated(slot: number): number {
    // Nobody tells afterwards what was liquidated in a minute that had to be rebuilt.
    if (SOURCES[this.#bitsAt(slot, DayBits.source)] !== "live") return NaN;
    const row = DAY_PERP + slot * PERP_WIDTH;
    return this.#perp.get(row + Perp.liqLongQuote) + this.#perp.get(row + Perp.liqShortQuote);
  }

  /** Of the quarter's time, 15 min at most. */
  coverageMs(slot: number): number {
    return this.#coverageMs[slot] ?? 0;
  }

  /** A delta over a minute whose sides are unknown is not the delta of the rest. */
  #hasSides(slot: number): boolean {
    return (this.#bitsAt(slot, DayBits.sourced) & ~this.#bitsAt(slot, DayBits.sides)) === 0;
  }

  /** High, low or close of the bar of five minutes at `t`; NaN where there is no price. */
  price(name: PriceValue, t: number): number {
    const quarterMs = Math.floor(t / QUARTER_MS) * QUARTER_MS;
    const slot = this.slotOf(quarterMs);
    if (slot < 0) return NaN;
    const nth = (t - quarterMs) / (FIVE_MINUTES * MINUTE_MS);
    return this.#perp.get(DAY_PERP + slot * PERP_WIDTH + Perp.fives + nth * BAR_WIDTH + Bar[name]);
  }

  /**
   * Writes the quote volumes of the minutes `[fromMs, toMs)`, a day of them at the most, from
   * `at` on: NaN where one is not whole or not known.
   */
  copyVolumes(fromMs: number, toMs: number, to: Float64Array, at: number): void {
    const place = (t: number) => at + (t - fromMs) / MINUTE_MS;
    const length = this.#volumes.length;
    // Minutes that follow each other lie side by side, up to the end of the ring.
    for (let t = fromMs; t < toMs;) {
      const first = t / MINUTE_MS % length;
      const count = Math.min((toMs - t) / MINUTE_MS, length - first);
      to.set(this.#volumes.subarray(first, first + count), place(t));
      t += count * MINUTE_MS;
    }
    for (let t = barStart(fromMs, QUARTER_MINUTES); t < toMs; t += QUARTER_MS) {
      if (this.has(t)) continue;
      to.fill(NaN, place(Math.max(t, fromMs)), place(Math.min(t + QUARTER_MS, toMs)));
    }
  }

  /** What was liquidated in the quarter at `t`: see `foldLiquidations`. */
  liquidations(t: number): readonly number[] | null {
    const slot = this.slotOf(t);
    return slot < 0 ? null : this.#liquidations?.[slot] ?? null;
  }
}

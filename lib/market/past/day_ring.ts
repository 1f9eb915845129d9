// This module is pure.
/**
 * The last 26 hours of a series in quarter-hours: their sums and counts, the volume of each
 * of their minutes, and what was liquidated in those that had any.
 */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { bitsOf, type MinuteIs } from "./bits.ts";
import { type Cells, DAY_FIVES, DAY_PERP, type PerpCells, slotIn, takeSlot } from "./cells.ts";
import { foldLiquidations, foldPrice, foldQuarter } from "./fold.ts";
import { Bar, BAR_WIDTH, DAY_BITS_WIDTH, DAY_KINDS, DAY_QUARTERS, DayBits } from "./layout.ts";
import { FIVE_MINUTES, FIVES, FIVES_WIDTH, Perp, PERP_VALUES } from "./layout.ts";
import { type PriceValue, Tape, TAPE_VALUES } from "./layout.ts";
import type { QuarterColumns } from "./quarter_columns.ts";

export { DAY_QUARTERS };

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
    this.#putValues(slot, minutes);
    this.#putVolumes(slot, t, minutes);
    if (priced) this.#putFives(slot, t, minutes);
    const liquidated = foldLiquidations(t, minutes);
    if (liquidated) this.#liquidations ??= new Array(DAY_QUARTERS).fill(null);
    if (this.#liquidations) this.#liquidations[slot] = liquidated;
  }

  #putKinds(slot: number, t: number, minutes: readonly Bucket[]): void {
    const row = slot * DAY_BITS_WIDTH;
    for (const is of DAY_KINDS) this.#bits[row + DayBits[is]] = bitsOf(t, minutes, is);
    this.#coverageMs[slot] = minutes.reduce((sum, { coverageMs }) => sum + coverageMs, 0);
  }

  #putValues(slot: number, minutes: readonly Bucket[]): void {
    const quarter = foldQuarter(minutes);
    for (const name of TAPE_VALUES) {
      this.#tape[Tape[name] * DAY_QUARTERS + slot] = quarter[name] ?? NaN;
    }
    for (const name of PERP_VALUES) this.#perp.set(perpColumn(name) + slot, quarter[name]);
  }

  #putVolumes(slot: number, t: number, minutes: readonly Bucket[]): void {
    const first = slot * QUARTER_MINUTES;
    this.#volumes.fill(NaN, first, first + QUARTER_MINUTES);
    const volumed = this.bitsIn(slot, "volumed");
    for (const minute of minutes) {
      const i = (minute.t - t) / MINUTE_MS;
      if ((volumed >> i & 1) === 1) this.#volumes[first + i] = minute.volQuote ?? NaN;
    }
  }

  #putFives(slot: number, t: number, minutes: readonly Bucket[]): void {
    const first = DAY_FIVES + slot * FIVES_WIDTH;
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

  // What follows is read of a slot: a quarter is looked up once, and then many values of it.

  /** The slot of the quarter at `t`, or −1 where it is not held. */
  slotOf(t: number): number {
    return slotIn(this.#held, t);
  }

  /** Bits of the quarter's minutes that are so, the first one lowest. */
  bitsIn(slot: number, is: MinuteIs): number {
    return this.#bits[slot * DAY_BITS_WIDTH + DayBits[is]] ?? 0;
  }

  /** What `QuarterFold` tells of the quarter; NaN where unknown. */
  value(name: keyof typeof Tape, slot: number): number {
    return this.#tape[Tape[name] * DAY_QUARTERS + slot] ?? NaN;
  }

  /** High, low or close of the bar of five minutes at `t`; NaN where there is no price. */
  price(name: PriceValue, t: number): number {
    const quarterMs = Math.floor(t / QUARTER_MS) * QUARTER_MS;
    const slot = this.slotOf(quarterMs);
    if (slot < 0) return NaN;
    const nth = (t - quarterMs) / (FIVE_MINUTES * MINUTE_MS);
    return this.#perp.get(DAY_FIVES + slot * FIVES_WIDTH + nth * BAR_WIDTH + Bar[name]);
  }

  /**
   * Writes what the quarters `[fromMs, toMs)`, all that are held at the most, were, from `at`
   * on: NaN where one is not known or not held.
   */
  copyQuarters(fromMs: number, toMs: number, to: QuarterColumns, at: number): void {
    for (const { first, end, place } of runsOf(fromMs, toMs, QUARTER_MS, DAY_QUARTERS)) {
      to.coverageMs.set(this.#coverageMs.subarray(first, end), at + place);
      for (const name of ["close", "delta"] as const) {
        const column = Tape[name] * DAY_QUARTERS;
        to[name].set(this.#tape.subarray(column + first, column + end), at + place);
      }
      for (const name of PERP_VALUES) {
        const column = perpColumn(name);
        this.#perp.copy(column + first, column + end, to[name], at + place);
      }
    }
    for (let t = fromMs, i = at; t < toMs; t += QUARTER_MS, i++) {
      if (!this.has(t)) to.forget(i, i + 1);
    }
  }

  /**
   * Writes the quote volumes of the minutes `[fromMs, toMs)`, a day of them at the most, from
   * `at` on: NaN where one is not whole or not known.
   */
  copyVolumes(fromMs: number, toMs: number, to: Float64Array, at: number): void {
    for (const { first, end, place } of runsOf(fromMs, toMs, MINUTE_MS, this.#volumes.length)) {
      to.set(this.#volumes.subarray(first, end), at + place);
    }
    for (let t = barStart(fromMs, QUARTER_MINUTES); t < toMs; t += QUARTER_MS) {
      if (this.has(t)) continue;
      const place = (timeMs: number) => at + (timeMs - fromMs) / MINUTE_MS;
      to.fill(NaN, place(Math.max(t, fromMs)), place(Math.min(t + QUARTER_MS, toMs)));
    }
  }

  /** What was liquidated in the quarter at `t`: see `foldLiquidations`. */
  liquidations(t: number): readonly number[] | null {
    const slot = this.slotOf(t);
    return slot < 0 ? null : this.#liquidations?.[slot] ?? null;
  }
}

function perpColumn(name: keyof typeof Perp): number {
  return DAY_PERP + Perp[name] * DAY_QUARTERS;
}

/** A stretch of a ring, `[first, end)`, and its place among what was asked for. */
interface Run {
  readonly first: number;
  readonly end: number;
  readonly place: number;
}

/** What follows each other in time lies side by side in a ring, up to its end: one run, or two. */
function runsOf(fromMs: number, toMs: number, unitMs: number, length: number): Run[] {
  const runs: Run[] = [];
  for (let t = fromMs; t < toMs;) {
    const first = t / unitMs % length;
    const count = Math.min((toMs - t) / unitMs, length - first);
    runs.push({ first, end: first + count, place: (t - fromMs) / unitMs });
    t += count * unitMs;
  }
  return runs;
}

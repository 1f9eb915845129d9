// This module is pure.
/**
 * The last 26 hours of a series in quarter-hours: their sums and counts, the volume of each
 * of their minutes, and what was liquidated in those that had any.
 */
import {
  type Bucket,
  type BucketSource,
  MINUTE_MS,
  QUARTER_MINUTES,
  QUARTER_MS,
} from "../bucket.ts";
import type { Quarter } from "../quarter.ts";
import { bitsOf, countBits, type MinuteIs } from "./bits.ts";
import { Cells } from "./cells.ts";
import { foldLiquidations, foldSums, type SumFold } from "./fold.ts";

/** A day, the longest bar before it, and what has closed of the hour that forms. */
export const DAY_QUARTERS = 104;

const SOURCES: readonly (BucketSource | null)[] = [null, "live", "repaired", "candle"];

const EMPTY: Quarter = {
  ...{ t: 0, c: null, volQuote: null, buyQuote: null, sellQuote: null },
  ...{ liqLongQuote: null, liqShortQuote: null, oiBase: null },
  ...{ fundingRate: null, fundingIntervalHours: null, coverageMs: 0, source: null },
  ...{ wholeMinutes: 0, sidedMinutes: 0, repaired: 0, candle: 0 },
};

/** Where each kind of bits begins: one array for all of them, for an array has a cost of its own. */
const BITS: Readonly<Record<MinuteIs, number>> = {
  sourced: 0,
  whole: DAY_QUARTERS,
  sides: 2 * DAY_QUARTERS,
  sided: 3 * DAY_QUARTERS,
  volumed: 4 * DAY_QUARTERS,
  told: 5 * DAY_QUARTERS,
  liquidated: 6 * DAY_QUARTERS,
  repaired: 7 * DAY_QUARTERS,
  candle: 8 * DAY_QUARTERS,
};
const KINDS = [
  ...["sourced", "whole", "sides", "sided", "volumed"] as const,
  ...["told", "liquidated", "repaired", "candle"] as const,
];
const SUMS = [
  ...["buyQuote", "sellQuote", "volQuote", "liqLongQuote", "liqShortQuote", "oiBase"] as const,
  ...["fundingRate", "fundingIntervalHours", "vwapBase", "vwapQuote", "vwapSquares"] as const,
];

export class DayRing {
  /** Which quarter each place holds; a place is a quarter's number modulo the length. */
  readonly #at = new Uint32Array(DAY_QUARTERS);
  readonly #bits = new Uint16Array(KINDS.length * DAY_QUARTERS);
  readonly #sums: Readonly<Record<keyof SumFold, Cells>>;
  readonly #closes = new Cells(DAY_QUARTERS);
  readonly #coverageMs = new Uint32Array(DAY_QUARTERS);
  readonly #source = new Uint8Array(DAY_QUARTERS);
  readonly #volumes = new Cells(DAY_QUARTERS * QUARTER_MINUTES);
  readonly #liquidations = new Array<readonly number[] | null>(DAY_QUARTERS).fill(null);

  constructor() {
    const cells = () => new Cells(DAY_QUARTERS);
    this.#sums = {
      ...{ buyQuote: cells(), sellQuote: cells(), volQuote: cells() },
      ...{ liqLongQuote: cells(), liqShortQuote: cells(), oiBase: cells() },
      ...{ fundingRate: cells(), fundingIntervalHours: cells() },
      ...{ vwapBase: cells(), vwapQuote: cells(), vwapSquares: cells() },
    };
  }

  /** Whether the quarter at `t` is held. */
  has(t: number): boolean {
    return placeIn(this.#at, t) >= 0;
  }

  put(t: number, minutes: readonly Bucket[]): void {
    const quarter = t / QUARTER_MS;
    const at = quarter % DAY_QUARTERS;
    this.#at[at] = quarter;
    for (const is of KINDS) this.#bits[BITS[is] + at] = bitsOf(t, minutes, is);
    const sums = foldSums(minutes);
    for (const name of SUMS) this.#sums[name].set(at, sums[name]);
    this.#closes.set(at, minutes.findLast(({ c }) => c !== null)?.c ?? null);
    this.#coverageMs[at] = minutes.reduce((sum, { coverageMs }) => sum + coverageMs, 0);
    // The list is ordered: of several sources the worst one counts.
    this.#source[at] = Math.max(0, ...minutes.map(({ source }) => SOURCES.indexOf(source)));
    this.#liquidations[at] = foldLiquidations(t, minutes);
    const first = at * QUARTER_MINUTES;
    for (let i = 0; i < QUARTER_MINUTES; i++) this.#volumes.set(first + i, null);
    const volumed = this.bits("volumed", t);
    for (const minute of minutes) {
      const i = (minute.t - t) / MINUTE_MS;
      if ((volumed >> i & 1) === 1) this.#volumes.set(first + i, minute.volQuote);
    }
  }

  /** Bits of the quarter's minutes that are so, the first one lowest; none of one not held. */
  bits(is: MinuteIs, t: number): number {
    const at = placeIn(this.#at, t);
    return at < 0 ? 0 : this.#bitsAt(is, at);
  }

  #bitsAt(is: MinuteIs, at: number): number {
    return this.#bits[BITS[is] + at] ?? 0;
  }

  /** A sum over the quarter at `t`; NaN where unknown. */
  sum(name: keyof SumFold, t: number): number {
    const at = placeIn(this.#at, t);
    return at < 0 ? NaN : this.#sums[name].get(at);
  }

  /** The quarter at `t`; an empty one where it is not held. */
  quarter(t: number): Quarter {
    const at = placeIn(this.#at, t);
    if (at < 0) return { ...EMPTY, t };
    const sums = this.#sums;
    // A delta over a minute whose sides are unknown is not the delta of the rest.
    const sided = (this.#bitsAt("sourced", at) & ~this.#bitsAt("sides", at)) === 0;
    return {
      t,
      c: known(this.#closes.get(at)),
      volQuote: known(sums.volQuote.get(at)),
      buyQuote: sided ? known(sums.buyQuote.get(at)) : null,
      sellQuote: sided ? known(sums.sellQuote.get(at)) : null,
      liqLongQuote: known(sums.liqLongQuote.get(at)),
      liqShortQuote: known(sums.liqShortQuote.get(at)),
      oiBase: known(sums.oiBase.get(at)),
      fundingRate: known(sums.fundingRate.get(at)),
      fundingIntervalHours: known(sums.fundingIntervalHours.get(at)),
      coverageMs: this.#coverageMs[at] ?? 0,
      source: SOURCES[this.#source[at] ?? 0] ?? null,
      wholeMinutes: this.#bitsAt("whole", at),
      sidedMinutes: this.#bitsAt("sided", at),
      repaired: countBits(this.#bitsAt("repaired", at)),
      candle: countBits(this.#bitsAt("candle", at)),
    };
  }

  /**
   * Writes the quote volumes of the quarter's minutes `[first, end)` from `at` on: NaN where
   * one is not whole or not known.
   */
  copyVolumes(t: number, first: number, end: number, to: Float64Array, at: number): void {
    const place = placeIn(this.#at, t);
    const from = place * QUARTER_MINUTES;
    if (place < 0) to.fill(NaN, at, at + end - first);
    else this.#volumes.copy(from + first, from + end, to, at);
  }

  /** What was liquidated in the quarter at `t`: see `foldLiquidations`. */
  liquidations(t: number): readonly number[] | null {
    const at = placeIn(this.#at, t);
    return at < 0 ? null : this.#liquidations[at] ?? null;
  }
}

/** The place of the quarter at `t`, or −1 where another one has it. */
export function placeIn(held: Uint32Array, t: number): number {
  const quarter = t / QUARTER_MS;
  // As integers: the remainder of a double takes five times as long.
  const at = (quarter | 0) % held.length;
  return held[at] === quarter ? at : -1;
}

function known(value: number): number | null {
  return value === value ? value : null;
}

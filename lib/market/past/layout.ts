// This module is pure.
/**
 * How the numbers of a `PastRing` lie in two buffers that belong to the whole series. An
 * array per column would be thirty small ones, each with a cost of its own, and scattered
 * over memory, for they are made while others come and go. What a day is asked for lies in
 * columns, so that a day of one is copied at once; bars and bits in rows, one per
 * quarter-hour.
 */
import { QUARTER_MINUTES } from "../bucket.ts";

/** 48 hours of the longest bar, and what has closed of the hour that forms. */
export const LONG_QUARTERS = 197;

/** A day, the longest bar before it, and what has closed of the hour that forms. */
export const DAY_QUARTERS = 104;

/** Five hours, and the part of a quarter at both ends. */
export const FINE_QUARTERS = 22;

export const FIVE_MINUTES = 5;
export const FIVES = QUARTER_MINUTES / FIVE_MINUTES;

// To keep another number of every quarter: name its column.

/** All names, in the order of their columns. */
function namesOf<Name extends string>(columns: Readonly<Record<Name, number>>): readonly Name[] {
  return Object.keys(columns) as Name[];
}

/** A price's bar, wherever one lies. */
export const Bar = { h: 0, l: 1, c: 2 } as const;
export const BAR_WIDTH = 3;
export type PriceValue = keyof typeof Bar;

/** Bits of the minutes for 49 hours, and whether the quarter needs not be put again. */
export const LongBits = { sourced: 0, whole: 1, fresh: 2 } as const;
export const LONG_BITS_WIDTH = 3;

/** Bits of the minutes for 26 hours by `MinuteIs`. */
export const DayBits = {
  sourced: 0,
  whole: 1,
  sides: 2,
  sided: 3,
  volumed: 4,
  told: 5,
  liquidated: 6,
  repaired: 7,
  candle: 8,
} as const;
export const DAY_KINDS: readonly (keyof typeof DayBits)[] = namesOf(DayBits);
export const DAY_BITS_WIDTH: number = DAY_KINDS.length;

/** What every market has of a quarter, beside the volumes of its minutes. */
export const Tape = {
  close: 0,
  delta: 1,
  buyQuote: 2,
  sellQuote: 3,
  vwapBase: 4,
  vwapQuote: 5,
  vwapSquares: 6,
} as const;
export const TAPE_VALUES: readonly (keyof typeof Tape)[] = namesOf(Tape);

/** What spot markets lack of a quarter, beside its bars of five minutes. */
export const Perp = {
  liquidated: 0,
  oiBase: 1,
  fundingRate: 2,
  fundingIntervalHours: 3,
} as const;
export const PERP_VALUES: readonly (keyof typeof Perp)[] = namesOf(Perp);
export const FIVES_WIDTH = FIVES * BAR_WIDTH;

/** The minutes of a quarter: their bars, then their open interest. */
export const Fine = { bars: 0, interest: QUARTER_MINUTES * BAR_WIDTH } as const;
export const FINE_WIDTH = Fine.interest + QUARTER_MINUTES;

// This module is pure.
/** How the minutes of a `MinuteRing` lie: one a row, of one typed array. */

/** A power of two, so that a slot is one bit operation. Two hours and the grace of late trades. */
export const WINDOW_MINUTES = 128;

/** Columns of a row. `firstKey` and `lastKey` order the prints: ids, or times where ids have no order. */
export const Column = {
  minute: 0,
  open: 1,
  high: 2,
  low: 3,
  close: 4,
  buyBase: 5,
  sellBase: 6,
  buyQuote: 7,
  sellQuote: 8,
  buys: 9,
  sells: 10,
  largeBuyQuote: 11,
  largeSellQuote: 12,
  liqLongQuote: 13,
  liqShortQuote: 14,
  liqLongs: 15,
  liqShorts: 16,
  oiBase: 17,
  fundingRate: 18,
  fundingIntervalHours: 19,
  markPrice: 20,
  imbalanceSum: 21,
  imbalanceSamples: 22,
  coveredMs: 23,
  holesMs: 24,
  source: 25,
  firstKey: 26,
  lastKey: 27,
  /** Totals of a candle, whose sides may be unknown. */
  candleBase: 28,
  candleQuote: 29,
} as const;

export const WIDTH = 30;

/** `Column.source` values. */
export const Source = { none: 0, live: 1, repaired: 2, candle: 3 } as const;

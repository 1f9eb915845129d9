// This module is pure.
/** How the minutes of a `MinuteRing` lie: one a row, of one typed array. */

/**
 * What questions read as minutes (`recentFrom`), the one that forms, and some that turn over
 * soon; a spot market's just fit four pages of memory.
 */
export const WINDOW_MINUTES = 92;

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
  imbalanceSum: 13,
  imbalanceSamples: 14,
  coveredMs: 15,
  holesMs: 16,
  source: 17,
  firstKey: 18,
  lastKey: 19,
  /** Totals of a candle, whose sides may be unknown. */
  candleBase: 20,
  candleQuote: 21,
} as const;

export const WIDTH = 22;

/** Columns of what is known of contracts only, which lie apart: spot markets have none of them. */
export const Contract = {
  liqLongQuote: 0,
  liqShortQuote: 1,
  liqLongs: 2,
  liqShorts: 3,
  oiBase: 4,
  fundingRate: 5,
  fundingIntervalHours: 6,
  markPrice: 7,
} as const;

export const CONTRACT_NAMES = Object.keys(Contract) as readonly (keyof typeof Contract)[];
export const CONTRACT_WIDTH: number = CONTRACT_NAMES.length;

/** `Column.source` values. */
export const Source = { none: 0, live: 1, repaired: 2, candle: 3 } as const;

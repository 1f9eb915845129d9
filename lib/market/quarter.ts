// This module is pure.
/**
 * The quarter-hour, aligned to the epoch: what a question about a whole day needs of its
 * fifteen minutes. Its values are those of the minutes' 15-minute bar (`aggregate`), so
 * whoever has the bars can work out the same numbers.
 */
import { barStart, type Bucket, QUARTER_MINUTES, QUARTER_MS } from "./bucket.ts";
import type { Span } from "./windows.ts";

export interface Quarter extends
  Pick<
    Bucket,
    | "t"
    | "c"
    | "volQuote"
    | "buyQuote"
    | "sellQuote"
    | "liqLongQuote"
    | "liqShortQuote"
    | "oiBase"
    | "fundingRate"
    | "fundingIntervalHours"
    | "coverageMs"
    | "source"
  > {
  /** Bits of the minutes that are whole. */
  readonly wholeMinutes: number;
  /** Bits of the whole minutes whose taker sides are known. */
  readonly sidedMinutes: number;
  /** Minutes that were rebuilt from trades by id, and that come from a venue's candles. */
  readonly repaired: number;
  readonly candle: number;
}

/** The last `quarters` closed quarter-hours: it ends where the forming one begins. */
export function closedQuarters(quarters: number, nowMs: number): Span {
  const toMs = barStart(nowMs, QUARTER_MINUTES);
  return { fromMs: toMs - quarters * QUARTER_MS, toMs };
}

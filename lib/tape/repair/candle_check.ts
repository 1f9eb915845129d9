// This module is pure.
/** What a venue's candle says about a minute of ours. */
import type { Bucket } from "../../market/bucket.ts";
import type { Candle } from "../../market/collector.ts";

/** Sums of the same doubles in another order differ by less; the smallest print is more. */
const SAME = 1e-10;

/**
 * Whether our minute has the volume of the candle. On Bybit both are the same trades: in a
 * recording of 2026-08-09 the candle's volume is the sum of the prints to the last digit.
 */
export function tells({ volBase }: Bucket, { base }: Candle): boolean {
  const ours = volBase ?? 0;
  return Math.abs(ours - base) <= SAME * Math.max(ours, base);
}

/** Our share of the candle's volume; above 1 where we have more. */
export function sharePresent({ volBase }: Bucket, { base }: Candle): number {
  const ours = volBase ?? 0;
  if (base > 0) return ours / base;
  return ours > 0 ? Infinity : 1;
}

/** Minutes with trades to judge by before a venue's candles may lose their word. */
const ENOUGH = 60;
const LEAST_AGREEING = 0.1;

/**
 * Whether a venue's candles are to be believed: where they hardly ever equal our minutes,
 * they count something else than trades, and say nothing about what was lost.
 */
export class CandleTrust {
  #judged = 0;
  #agreed = 0;

  /** Takes a comparison; returns whether the candle is to be believed. */
  judge(same: boolean, { base }: Candle): boolean {
    if (base > 0) {
      this.#judged++;
      if (same) this.#agreed++;
    }
    return this.#judged < ENOUGH || this.#agreed >= LEAST_AGREEING * this.#judged;
  }
}

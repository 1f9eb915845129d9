// This module is pure.
/**
 * CVD divergence: in a window the price makes a new high (low) while CVD does not. New is
 * what the last fifth of the window shows beyond the four fifths before it.
 */
import { type Bucket, MINUTE_MS } from "../bucket.ts";
import { sidesKnown, within } from "../flow.ts";
import { Sum } from "../sum.ts";
import { isComplete } from "../trust.ts";
import type { Span } from "../windows.ts";

/** The newest part of a window, in which a high or low is new. */
const RECENT_PART = 5;

// Type aliases: they leave as JSON.

export type Extreme = {
  /** (new extreme − earlier one) ÷ earlier one, a fraction. */
  readonly priceChange: number;
  /** CVD's new extreme − its earlier one, quote. */
  readonly cvdChange: number;
};

export type Divergence = {
  readonly fromMs: number;
  readonly toMs: number;
  /** The recent part begins here. */
  readonly recentMs: number;
  readonly high: Extreme | null;
  readonly low: Extreme | null;
  /**
   * `bearish`: a new high without CVD. `bullish`: a new low without CVD. `none`: neither,
   * or both at once. `null` where minutes of the window are unknown.
   */
  readonly verdict: "bearish" | "bullish" | "none" | null;
};

/**
 * Compares one market's price with the CVD of all series given, anchored at the window's
 * start. Every series must be whole in the window, for a hole in CVD looks like a divergence.
 */
export function divergenceOf(
  price: readonly Bucket[],
  series: readonly (readonly Bucket[])[],
  span: Span,
): Divergence {
  const { fromMs, toMs } = span;
  const count = Math.round((toMs - fromMs) / MINUTE_MS);
  const recent = count - Math.max(1, Math.floor(count / RECENT_PART));
  const recentMs = fromMs + recent * MINUTE_MS;
  const deltas = deltasOf(series, span, count);
  const prices = within(price, span);
  if (deltas === null || recent < 1 || !prices.every(isComplete) || prices.length !== count) {
    return { fromMs, toMs, recentMs, high: null, low: null, verdict: null };
  }
  const sum = new Sum();
  const levels = deltas.map((delta) => {
    sum.add(delta);
    return sum.value;
  });
  const highs = prices.map((minute) => minute.h);
  const lows = prices.map((minute) => minute.l);
  const high = extreme(highs, levels, recent, Math.max);
  const low = extreme(lows, levels, recent, Math.min);
  const bearish = high !== null && high.priceChange > 0 && high.cvdChange <= 0;
  const bullish = low !== null && low.priceChange < 0 && low.cvdChange >= 0;
  const verdict = bearish === bullish ? "none" : bearish ? "bearish" : "bullish";
  return { fromMs, toMs, recentMs, high, low, verdict: high && low ? verdict : null };
}

/** Delta per minute over all series; `null` where one of them has a minute that is not whole. */
function deltasOf(
  series: readonly (readonly Bucket[])[],
  span: Span,
  count: number,
): number[] | null {
  if (series.length === 0) return null;
  const deltas = Array.from({ length: count }, () => 0);
  for (const minutes of series) {
    const held = within(minutes, span);
    if (
      held.length !== count || !held.every((minute) => isComplete(minute) && sidesKnown(minute))
    ) {
      return null;
    }
    for (const [i, { buyQuote, sellQuote }] of held.entries()) {
      deltas[i] = (deltas[i] ?? 0) + (buyQuote ?? 0) - (sellQuote ?? 0);
    }
  }
  return deltas;
}

function extreme(
  prices: readonly (number | null)[],
  levels: readonly number[],
  recent: number,
  pick: (a: number, b: number) => number,
): Extreme | null {
  const before = known(prices.slice(0, recent)).reduce<number | null>(
    (best, price) => best === null ? price : pick(best, price),
    null,
  );
  const after = known(prices.slice(recent)).reduce<number | null>(
    (best, price) => best === null ? price : pick(best, price),
    null,
  );
  if (before === null || after === null || !(before > 0)) return null;
  // CVD begins at zero, at the window's start.
  const cvdBefore = levels.slice(0, recent).reduce((best, level) => pick(best, level), 0);
  const cvdAfter = levels.slice(recent).reduce((best, level) => pick(best, level));
  return { priceChange: after / before - 1, cvdChange: cvdAfter - cvdBefore };
}

function known(prices: readonly (number | null)[]): number[] {
  return prices.filter((price) => price !== null);
}

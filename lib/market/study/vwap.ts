// This module is pure.
/** VWAP and its bands, from minutes. */
import { QUARTER_MS } from "../bucket.ts";
import { within } from "../flow.ts";
import { type Minutes, type Past, stretchOf, wholeQuarters } from "../past/past.ts";
import { Sum } from "../sum.ts";
import type { Span } from "../windows.ts";

// A type alias: it leaves as JSON.

export type Vwap = {
  /** Σ quote ÷ Σ base. */
  readonly vwap: number;
  /** √(Σ q · (p − VWAP)² ÷ Σ q), p a minute's own VWAP, q its base volume. */
  readonly sigma: number;
  readonly upper1: number;
  readonly upper2: number;
  readonly lower1: number;
  readonly lower2: number;
  readonly volBase: number;
  readonly volQuote: number;
};

/** VWAP of several series in a span, each minute of each one a print; `null` where nothing traded. */
export function vwapOf(series: readonly Minutes[], span: Span): Vwap | null {
  const held = series.map((minutes) => {
    const { past, buckets } = stretchOf(minutes);
    return { past, buckets: within(buckets, span) };
  });
  const base = new Sum();
  const quote = new Sum();
  for (const { past, buckets } of held) {
    if (past) addTraded(past, span, base, quote);
    for (const { volBase, volQuote } of buckets) {
      if (volBase === null || volQuote === null || !(volBase > 0)) continue;
      base.add(volBase);
      quote.add(volQuote);
    }
  }
  const volBase = base.value;
  const volQuote = quote.value;
  if (!(volBase > 0)) return null;
  const vwap = volQuote / volBase;
  // A second pass: the difference of Σ q·p² and VWAP² would lose all its digits.
  const squares = new Sum();
  for (const { past, buckets } of held) {
    if (past) addSquares(past, span, vwap, squares);
    for (const { volBase: q, volQuote: value } of buckets) {
      if (q !== null && value !== null && q > 0) squares.add(q * (value / q - vwap) ** 2);
    }
  }
  const sigma = Math.sqrt(squares.value / volBase);
  return {
    vwap,
    sigma,
    upper1: vwap + sigma,
    upper2: vwap + 2 * sigma,
    lower1: vwap - sigma,
    lower2: vwap - 2 * sigma,
    volBase,
    volQuote,
  };
}

/** Adds what traded in the quarters of a span. */
function addTraded(past: Past, span: Span, base: Sum, quote: Sum): void {
  const walk = wholeQuarters(past, span);
  const { day } = past.ring;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const slot = day.slotOf(t);
    const traded = slot < 0 ? NaN : day.sum("vwapBase", slot);
    if (!(traded > 0)) continue;
    base.add(traded);
    quote.add(day.sum("vwapQuote", slot));
  }
}

/**
 * Adds the squares of the quarters of a span about the VWAP of all. Parts join exactly (Chan,
 * Golub and LeVeque, 1979): the squares about their own mean, and the distance of that mean.
 */
function addSquares(past: Past, span: Span, vwap: number, squares: Sum): void {
  const walk = wholeQuarters(past, span);
  const { day } = past.ring;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const slot = day.slotOf(t);
    const traded = slot < 0 ? NaN : day.sum("vwapBase", slot);
    if (!(traded > 0)) continue;
    squares.add(day.sum("vwapSquares", slot));
    squares.add(traded * (day.sum("vwapQuote", slot) / traded - vwap) ** 2);
  }
}

/** A flat price has a σ of rounding errors, which is no measure. */
const LEAST_SIGMA = 1e-9;

/** How many σ a price stands above (below: negative) the VWAP; `null` without a spread of prices. */
export function sigmasFrom(price: number | null, vwap: Vwap | null): number | null {
  if (price === null || vwap === null || !(vwap.sigma > vwap.vwap * LEAST_SIGMA)) return null;
  const distance = (price - vwap.vwap) / vwap.sigma;
  return Number.isFinite(distance) ? distance : null;
}

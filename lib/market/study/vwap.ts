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
    if (past) {
      eachTraded(past, span, (traded, value) => {
        base.add(traded);
        quote.add(value);
      });
    }
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
    if (past) {
      // Parts join exactly (Chan, Golub and LeVeque, 1979): the squares about their own mean,
      // and the distance of that mean.
      eachTraded(past, span, (traded, value, about) => {
        squares.add(about);
        squares.add(traded * (value / traded - vwap) ** 2);
      });
    }
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

/** Tells base, quote and squares about their own mean of each quarter of a span that traded. */
function eachTraded(
  past: Past,
  span: Span,
  tell: (base: number, quote: number, squares: number) => void,
): void {
  const walk = wholeQuarters(past, span);
  const { day } = past.ring;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const slot = day.slotOf(t);
    const base = slot < 0 ? NaN : day.value("vwapBase", slot);
    if (base > 0) tell(base, day.value("vwapQuote", slot), day.value("vwapSquares", slot));
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

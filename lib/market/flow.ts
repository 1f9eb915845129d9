// This module is pure.
/**
 * Delta, delta % and CVD as the metrics page defines them, in quote currency. A minute
 * whose taker sides are unknown is left out of the sums and counted as missing.
 */
import { type Bucket, MINUTE_MS, QUARTER_MS, sumKnown } from "./bucket.ts";
import { countBits } from "./past/bits.ts";
import { type Minutes, type Past, stretchOf, wholeQuarters } from "./past/past.ts";
import { Sum } from "./sum.ts";
import type { Span } from "./windows.ts";

// Type aliases, not interfaces: these values leave as JSON, which wants an index signature.

/** What takers did in a span. `null` where no minute of it is known. */
export type Flow = {
  readonly buyQuote: number | null;
  readonly sellQuote: number | null;
  /** Taker buy − taker sell. */
  readonly delta: number | null;
  /** Delta ÷ (buy + sell), a fraction −1 … 1; `null` also where nothing traded. */
  readonly deltaPct: number | null;
  /** Minutes, summed over the series, whose sides are unknown. */
  readonly missing: number;
};

/** Spot and perpetuals apart and together. */
export type ByMarket<T> = {
  readonly spot: T;
  readonly perp: T;
  readonly all: T;
};

/** Whether both taker sides of a minute are known; one without the other says nothing. */
export function sidesKnown(bucket: Bucket): boolean {
  return bucket.buyQuote !== null && bucket.sellQuote !== null;
}

/** The buckets of ordered ones that start inside the span. */
export function within<Row extends { readonly t: number }>(
  buckets: readonly Row[],
  span: Span,
): readonly Row[] {
  return buckets.slice(lowerBound(buckets, span.fromMs), lowerBound(buckets, span.toMs));
}

/** The flow of several series in a span; each series is its ordered minutes. */
export function flowOf(series: readonly Minutes[], span: Span): Flow {
  const buy = new Sum();
  const sell = new Sum();
  let known = 0;
  for (const minutes of series) {
    const { past, buckets } = stretchOf(minutes);
    if (past) known += addQuarters(past, span, buy, sell);
    for (const { buyQuote, sellQuote } of within(buckets, span)) {
      if (buyQuote === null || sellQuote === null) continue;
      buy.add(buyQuote);
      sell.add(sellQuote);
      known++;
    }
  }
  const missing = series.length * (span.toMs - span.fromMs) / MINUTE_MS - known;
  return known === 0 ? flow(null, null, missing) : flow(buy.value, sell.value, missing);
}

/** Adds what takers did in the quarters of a span; returns how many of their minutes tell it. */
function addQuarters(past: Past, span: Span, buy: Sum, sell: Sum): number {
  const { day } = past.ring;
  const walk = wholeQuarters(past, span);
  let known = 0;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const slot = day.slotOf(t);
    const sided = slot < 0 ? 0 : day.bitsIn(slot, "sides");
    if (sided === 0) continue;
    buy.add(day.value("buyQuote", slot));
    sell.add(day.value("sellQuote", slot));
    known += countBits(sided);
  }
  return known;
}

/** Two flows together: unknown in one leaves the other, and its minutes stay missing. */
export function joinFlows(a: Flow, b: Flow): Flow {
  return flow(
    sumKnown(a.buyQuote, b.buyQuote),
    sumKnown(a.sellQuote, b.sellQuote),
    a.missing + b.missing,
  );
}

/**
 * CVD: the running sum of deltas, whose anchor is the start of the first one. An unknown
 * delta leaves an unknown level there and changes nothing after it.
 */
export function cvdSeries(deltas: readonly (number | null)[]): (number | null)[] {
  const sum = new Sum();
  return deltas.map((delta) => {
    if (delta === null) return null;
    sum.add(delta);
    return sum.value;
  });
}

function flow(buyQuote: number | null, sellQuote: number | null, missing: number): Flow {
  if (buyQuote === null || sellQuote === null) {
    return { buyQuote: null, sellQuote: null, delta: null, deltaPct: null, missing };
  }
  const delta = buyQuote - sellQuote;
  const total = buyQuote + sellQuote;
  return { buyQuote, sellQuote, delta, deltaPct: total > 0 ? delta / total : null, missing };
}

/** The index of the first row at or after a time. */
export function lowerBound(rows: readonly { readonly t: number }[], timeMs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && row.t < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

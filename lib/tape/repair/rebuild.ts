// This module is pure.
/** Whole minutes made anew from what the venue still has: its trades, or its candles. */
import { type Bucket, emptyBucket, MINUTE_MS } from "../../market/bucket.ts";
import type { Candle } from "../../market/collector.ts";
import type { Trade } from "../../market/events.ts";
import { Series } from "../../market/head/series.ts";
import type { SeriesOptions } from "../../market/head/series_options.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Span } from "./plan.ts";

/**
 * The minutes of a span from all of its trades. They must be complete: every id of the
 * span where ids are sequential, every print back to before its start elsewhere.
 * `thresholdUsd` is what counts as large for this symbol now.
 */
export function fromTrades(
  trades: readonly Trade[],
  span: Span,
  instrument: Instrument,
  options: SeriesOptions,
  thresholdUsd: number,
): Bucket[] {
  const scratch = new Series(instrument, { ...options, liquidations: false }, thresholdUsd);
  const buckets: Bucket[] = [];
  let at = 0;
  const inSpan = trades.filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs);
  // Minute by minute, since the scratch series has a hot window of its own.
  for (let t = span.fromMs; t < span.toMs; t += MINUTE_MS) {
    scratch.coverage.cover(t, t + MINUTE_MS);
    for (let trade = inSpan[at]; trade && trade.timeMs < t + MINUTE_MS; trade = inSpan[++at]) {
      scratch.addTrade(trade, trade.timeMs);
    }
    const bucket = scratch.bucket(t / MINUTE_MS);
    if (bucket) buckets.push({ ...bucket, coverageMs: MINUTE_MS, source: "repaired" });
  }
  return buckets;
}

/** Checks that sequential ids have no hole; the venue's answer is then the whole truth. */
export function isContiguous(trades: readonly Trade[]): boolean {
  return trades.every((trade, index) => {
    const before = trades[index - 1];
    return before === undefined || trade.id === before.id + 1;
  });
}

/**
 * A minute from a candle. With taker volumes it is complete but for counts and large
 * trades; without them only price and total volume are known, and the coverage says so.
 */
export function fromCandle(candle: Candle): Bucket {
  const { openMs, base, quote, buyBase, buyQuote } = candle;
  const sided = buyBase !== null && buyQuote !== null;
  // A candle without trades repeats the last price; a bucket without trades has none.
  const traded = base > 0;
  return {
    ...emptyBucket(openMs),
    o: traded ? candle.open : null,
    h: traded ? candle.high : null,
    l: traded ? candle.low : null,
    c: traded ? candle.close : null,
    volBase: base,
    volQuote: quote,
    buyBase,
    sellBase: sided ? Math.max(0, base - buyBase) : null,
    buyQuote,
    sellQuote: sided ? Math.max(0, quote - buyQuote) : null,
    coverageMs: sided ? MINUTE_MS : 0,
    source: "candle",
  };
}

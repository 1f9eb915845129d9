// This module is pure.
/** What an answer that stands on the 24 h tickers can be trusted with. */
import type { Source } from "../lib/market/source.ts";
import { escape } from "../lib/reply/html.ts";
import { age } from "../lib/reply/times.ts";
import type { TapeMarket } from "./_tape.ts";

// A type alias: it leaves as the reply's data.
export type TickerTrust = {
  readonly venuesComplete: number;
  readonly venuesAsked: number;
  /** Enabled venues of the kind without a ticker. */
  readonly missing: readonly string[];
  /** Of the oldest list, `null` before the first. */
  readonly ageMs: number | null;
};

export function tickerTrust(source: Source, market: TapeMarket): TickerTrust {
  const asked = source.venues().filter((venue) => venue.market === market);
  const heard = new Set(source.tickers(market).map((row) => row.venue));
  const missing = asked.filter(({ venue }) => !heard.has(venue)).map(({ venue }) => venue);
  const readMs = source.tickersMs(market);
  return {
    venuesComplete: asked.length - missing.length,
    venuesAsked: asked.length,
    missing,
    ageMs: readMs === null ? null : Math.max(0, source.nowMs() - readMs),
  };
}

/** `1/2 venues · bybit-perp missing · 40 s old`. */
export function tickerTrustLine({ venuesComplete, venuesAsked, missing, ageMs }: TickerTrust) {
  return [
    `${venuesComplete}/${venuesAsked} venues`,
    ...missing.map((venue) => `${escape(venue)} missing`),
    ageMs === null ? "no data yet" : age(ageMs),
  ].join(" · ");
}

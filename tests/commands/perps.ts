/** Perpetual markets for tests: minutes with price, OI, funding and liquidations. */
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Latest, TickerRow } from "../../lib/market/source.ts";
import { minute, NOW_MS } from "../market/fake_source.ts";

/** 14:05, where the forming minute begins. */
export const EDGE_MS = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;

/** The newest minutes before 14:05, oldest first; `ago` is 0 for the last closed one. */
export function closed(count: number, make: (ago: number) => Partial<Bucket>): Bucket[] {
  return Array.from({ length: count }, (_, i) => {
    const ago = count - 1 - i;
    const t = EDGE_MS - (ago + 1) * MINUTE_MS;
    return minute(t, 2000, 1000, {
      ...{ o: 100, h: 101, l: 99, c: 100 },
      ...{ liqLongQuote: 0, liqShortQuote: 0, liqLongs: 0, liqShorts: 0 },
      ...make(ago),
    });
  });
}

export const TRADED: Partial<Latest> = {
  ...{ price: 100, tradeMs: NOW_MS - 2000 },
  ...{ markPrice: 100, markMs: NOW_MS - 2000 },
};

/** The same minutes with nothing known of them. */
export function blank(rows: readonly Bucket[]): Bucket[] {
  return rows.map((bucket) => emptyBucket(bucket.t));
}

export function ticker(venue: string, base: string, more: Partial<TickerRow> = {}): TickerRow {
  return {
    venue,
    market: venue.endsWith("-spot") ? "spot" : "perp",
    symbol: `${base}USDT`,
    base,
    quote: "USDT",
    lastPrice: 100,
    quoteVolume24h: 1e6,
    change24h: null,
    oiBase: null,
    fundingRate: null,
    ...more,
  };
}

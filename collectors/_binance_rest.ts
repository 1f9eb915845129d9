// This module is pure.
/** The REST calls that Binance spot (`/api/v3`) and USDⓈ-M futures (`/fapi/v1`) share. */
import { pathOf } from "../lib/market/path.ts";
import type { Candle, Endpoint, RangeQuery, Ticker, TradesQuery } from "../lib/market/collector.ts";
import type { Trade } from "../lib/market/events.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { type Instrument, multiplierOf, realAsset } from "../lib/market/instrument.ts";
import { tradeOf } from "./_binance.ts";
import {
  amount,
  isAbsent,
  type Json,
  list,
  price,
  record,
  replyOf,
  signed,
  text,
  time,
  whole,
} from "./_wire.ts";

/** Rows of one aggTrades page, in both markets. */
export const TRADES_PAGE = 1000;

export function timeCall(prefix: string): Endpoint<null, number> {
  const path = `${prefix}/time`;
  return {
    path: () => path,
    weight: () => 1,
    read: replyOf(path, (body) => time(record(body, "the body").serverTime, "serverTime")),
  };
}

/** One row of exchangeInfo, of either market. */
export function instrumentOf(venue: string, row: Json): Instrument {
  return {
    venue,
    symbol: text(row.symbol, "symbol"),
    quote: text(row.quoteAsset, "quoteAsset"),
    ...realAsset(text(row.baseAsset, "baseAsset")),
  };
}

/** Of exchangeInfo, whose rows are 3 KB each; `contractType` is the futures'. */
export const INSTRUMENTS_LIST = {
  name: "symbols",
  fields: ["symbol", "status", "baseAsset", "quoteAsset", "contractType"],
} as const;

/** The rows of exchangeInfo that `keep` wants. */
export function instrumentsOf(
  venue: string,
  body: unknown,
  keep: (row: Json) => boolean,
): Instrument[] {
  return list(record(body, "the body").symbols, "symbols")
    .map((row) => record(row, "a symbol"))
    .filter(keep)
    .map((row) => instrumentOf(venue, row));
}

export function tickersCall(prefix: string, weight: number): Endpoint<null, readonly Ticker[]> {
  const path = `${prefix}/ticker/24hr`;
  return {
    path: () => path,
    weight: () => weight,
    list: { name: null, fields: ["symbol", "lastPrice", "quoteVolume", "priceChangePercent"] },
    read: replyOf(path, (body) =>
      list(body, "the body")
        .map((row) => record(row, "a ticker"))
        // A market that has not traded for a day, or was delisted, has a last price of 0 or none.
        .filter((row) => !isAbsent(row.lastPrice) && amount(row.lastPrice, "lastPrice", 1) > 0)
        .filter((row) => !isAbsent(row.quoteVolume))
        .map(tickerOf)),
  };
}

function tickerOf(row: Json): Ticker {
  const symbol = text(row.symbol, "symbol");
  return {
    symbol,
    lastPrice: price(row.lastPrice, "lastPrice", multiplierOf(symbol)),
    quoteVolume24h: amount(row.quoteVolume, "quoteVolume", 1),
    change24h: isAbsent(row.priceChangePercent)
      ? null
      : signed(row.priceChangePercent, "priceChangePercent") / 100,
    oiBase: null,
    fundingRate: null,
  };
}

/**
 * aggTrades by id, by time or the newest, oldest first. Binance takes an id or times, not
 * both; `spanMs` is the longest time span that one call may ask for.
 */
export function tradesCall(
  prefix: string,
  weight: number,
  spanMs: number,
): Endpoint<TradesQuery, readonly Trade[]> {
  const path = `${prefix}/aggTrades`;
  return {
    path({ symbol, fromId, fromMs, toMs }) {
      if (fromId !== null) return pathOf(path, { symbol, fromId, limit: TRADES_PAGE });
      const endMs = toMs === null || fromMs === null ? toMs : Math.min(toMs, fromMs + spanMs);
      return pathOf(path, {
        symbol,
        startTime: fromMs,
        endTime: endMs === null ? null : endMs - 1, // Binance's end is inclusive
        limit: TRADES_PAGE,
      });
    },
    weight: () => weight,
    read: replyOf(path, (body, { symbol }) =>
      list(body, "the body").map((value) => {
        const row = record(value, "a trade");
        return tradeOf({ ...row, s: symbol }, row.a);
      })),
  };
}

/** The 1-minute candles from `fromMs` on, at most `page` of them. */
export function candlesCall(
  prefix: string,
  page: number,
  weight: (limit: number) => number,
): Endpoint<RangeQuery, readonly Candle[]> {
  const path = `${prefix}/klines`;
  const limitOf = ({ fromMs, toMs }: RangeQuery) =>
    Math.min(page, Math.max(1, Math.ceil((toMs - fromMs) / MINUTE_MS)));
  return {
    path: (query) =>
      pathOf(path, {
        symbol: query.symbol,
        interval: "1m",
        startTime: query.fromMs,
        endTime: query.toMs - 1, // inclusive
        limit: limitOf(query),
      }),
    weight: (query) => weight(limitOf(query)),
    read: replyOf(path, (body, { symbol }) => {
      const multiplier = multiplierOf(symbol);
      return list(body, "the body").map((row) => candleOf(list(row, "a candle"), multiplier));
    }),
  };
}

/** `[openMs, open, high, low, close, base, closeMs, quote, trades, taker base, taker quote, –]` */
function candleOf(row: readonly unknown[], multiplier: number): Candle {
  return {
    openMs: time(row[0], "the open time"),
    open: price(row[1], "open", multiplier),
    high: price(row[2], "high", multiplier),
    low: price(row[3], "low", multiplier),
    close: price(row[4], "close", multiplier),
    base: amount(row[5], "the volume", multiplier),
    quote: amount(row[7], "the quote volume", 1),
    buyBase: amount(row[9], "the taker volume", multiplier),
    buyQuote: amount(row[10], "the taker quote volume", 1),
    matches: whole(row[8], "the count"),
  };
}

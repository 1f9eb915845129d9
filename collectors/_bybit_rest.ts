// This module is pure.
/** The REST calls that Bybit's markets share (v5); `category` is `spot` or `linear`. */
import { pathOf } from "../lib/market/path.ts";
import type {
  Candle,
  Endpoint,
  Paged,
  RangeQuery,
  RestLimits,
  Ticker,
  TradesQuery,
} from "../lib/market/collector.ts";
import type { Trade } from "../lib/market/events.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { type Instrument, multiplierOf, realAsset } from "../lib/market/instrument.ts";
import { isBuy, tradeId } from "./_bybit.ts";
import {
  amount,
  clip,
  isAbsent,
  type Json,
  list,
  price,
  record,
  replyOf,
  signed,
  size,
  text,
  timeText,
} from "./_wire.ts";

export type Category = "spot" | "linear";

/** 600 requests in 5 s; who asks more gets a 403 and has to stay away for 10 minutes. */
export const REST_LIMITS: RestLimits = {
  weight: 600,
  windowMs: 5000,
  usedHeader: null,
  forbiddenPauseMs: 600_000,
  elsewhere: "BYBIT_REST=https://api.bytick.com",
};

export const CANDLES_PAGE = 1000;

/** What to do about Bybit's refusals; it answers HTTP 200 for them. */
const FIXES: Readonly<Record<number, string>> = {
  10001: "check the symbol and the parameters",
  10006: "ask less often",
  10009: "Bybit does not serve this region, set BYBIT_REST to the host of yours",
  10016: "Bybit has a fault, ask again later",
  10024: "Bybit does not serve this region, set BYBIT_REST to the host of yours",
};

/**
 * The `result` of `{"retCode":0,"retMsg":"OK","result":{…},"retExtInfo":{},"time":ms}`.
 * @throws {Error} where Bybit refused the call
 */
export function resultOf(body: unknown): Json {
  const envelope = record(body, "the body");
  const code = envelope.retCode;
  if (typeof code !== "number") throw new SyntaxError("retCode is not a number");
  if (code !== 0) {
    const fix = FIXES[code] ?? "look the code up in Bybit's error codes";
    const reason = typeof envelope.retMsg === "string" ? clip(envelope.retMsg) : "no reason given";
    throw new Error(`Bybit refused the call with ${code}, ${reason}: ${fix}`);
  }
  return record(envelope.result, "result");
}

/** The rows of `result.list`. */
export function rowsOf(body: unknown): Json[] {
  return list(resultOf(body).list, "result.list").map((row) => record(row, "a row"));
}

export const timeCall: Endpoint<null, number> = {
  path: () => "/v5/market/time",
  weight: () => 1,
  read: replyOf("/v5/market/time", (body) => {
    const nanos = text(resultOf(body).timeNano, "timeNano");
    return timeText(nanos.slice(0, -6), "timeNano in ms");
  }),
};

/** Pages of 1000; linear lists more than 500 contracts. */
export function instrumentsCall(
  venue: string,
  category: Category,
  keep: (row: Json) => boolean,
): Endpoint<{ cursor: string | null }, Paged<Instrument>> {
  const path = "/v5/market/instruments-info";
  return {
    path: ({ cursor }) => pathOf(path, { category, limit: 1000, cursor }),
    weight: () => 1,
    list: {
      name: "list",
      fields: ["symbol", "status", "baseCoin", "quoteCoin", "contractType", "fundingInterval"],
    },
    read: replyOf(path, (body) => {
      const next = resultOf(body).nextPageCursor;
      return {
        rows: rowsOf(body).filter((row) => row.status === "Trading" && keep(row)).map((row) => ({
          venue,
          symbol: text(row.symbol, "symbol"),
          quote: text(row.quoteCoin, "quoteCoin"),
          ...realAsset(text(row.baseCoin, "baseCoin")),
          ...intervalOf(row),
        })),
        next: isAbsent(next) ? null : cursorOf(text(next, "nextPageCursor")),
      };
    }),
  };
}

/** Bybit gives a cursor percent-encoded and wants it back so; our paths encode it again. */
function cursorOf(next: string): string {
  try {
    return decodeURIComponent(next);
  } catch {
    return next;
  }
}

/**
 * `"fundingInterval":480`, minutes, of a perpetual; a spot market has none. Nothing pays more
 * often than hourly, and a list is not refused for what can be learnt from the stream.
 */
function intervalOf({ fundingInterval: minutes }: Json): Pick<Instrument, "fundingIntervalHours"> {
  const told = typeof minutes === "number" && minutes >= 60;
  return told ? { fundingIntervalHours: minutes / 60 } : {};
}

export function tickersCall(category: Category): Endpoint<null, readonly Ticker[]> {
  const path = "/v5/market/tickers";
  return {
    path: () => pathOf(path, { category }),
    weight: () => 1,
    list: {
      name: "list",
      fields: [
        ...["symbol", "lastPrice", "turnover24h", "price24hPcnt", "fundingRate"],
        ...["openInterest", "singleOpenInterest"],
      ],
    },
    read: replyOf(path, (body) =>
      rowsOf(body)
        // A market without a trade yet has a last price of "" or 0.
        .filter((row) => !isAbsent(row.lastPrice) && amount(row.lastPrice, "lastPrice", 1) > 0)
        .filter((row) => !isAbsent(row.turnover24h))
        .map(tickerOf)),
  };
}

function tickerOf(row: Json): Ticker {
  const symbol = text(row.symbol, "symbol");
  const multiplier = multiplierOf(symbol);
  return {
    symbol,
    lastPrice: price(row.lastPrice, "lastPrice", multiplier),
    quoteVolume24h: amount(row.turnover24h, "turnover24h", 1),
    change24h: isAbsent(row.price24hPcnt) ? null : signed(row.price24hPcnt, "price24hPcnt"),
    oiBase: oneSideOf(row, multiplier),
    fundingRate: isAbsent(row.fundingRate) ? null : signed(row.fundingRate, "fundingRate"),
  };
}

/**
 * One side's open interest in real coins. `openInterest` counts both sides, says the
 * documentation since 2026-06-11; a frame of that year: `"openInterest":"59891.732"`,
 * `"singleOpenInterest":"29945.866"`.
 */
export function oneSideOf(row: Json, multiplier: number): number | null {
  if (!isAbsent(row.singleOpenInterest)) {
    return amount(row.singleOpenInterest, "singleOpenInterest", multiplier);
  }
  if (isAbsent(row.openInterest)) return null;
  return amount(row.openInterest, "openInterest", multiplier) / 2;
}

/** The newest trades, oldest first; Bybit has no way to ask for older ones. */
export function tradesCall(
  category: Category,
  page: number,
): Endpoint<TradesQuery, readonly Trade[]> {
  const path = "/v5/market/recent-trade";
  return {
    path: ({ symbol }) => pathOf(path, { category, symbol, limit: page }),
    weight: () => 1,
    read: replyOf(
      path,
      (body) => rowsOf(body).filter((row) => row.isBlockTrade !== true).map(tradeOf).reverse(),
    ),
  };
}

function tradeOf(row: Json): Trade {
  const symbol = text(row.symbol, "symbol");
  const multiplier = multiplierOf(symbol);
  return {
    kind: "trade",
    symbol,
    timeMs: timeText(row.time, "time"),
    price: price(row.price, "price", multiplier),
    size: size(row.size, "size", multiplier),
    side: isBuy(row.side, "side") ? "buy" : "sell",
    id: tradeId(row.execId, "execId"),
  };
}

/** The 1-minute candles from `fromMs` on, at most a page of them. */
export function candlesCall(category: Category): Endpoint<RangeQuery, readonly Candle[]> {
  const path = "/v5/market/kline";
  return {
    path: ({ symbol, fromMs, toMs }) =>
      pathOf(path, {
        category,
        symbol,
        interval: 1,
        start: fromMs,
        // Inclusive. A longer range would be answered with its newest page.
        end: Math.min(toMs, fromMs + CANDLES_PAGE * MINUTE_MS) - 1,
        limit: CANDLES_PAGE,
      }),
    weight: () => 1,
    read: replyOf(path, (body, { symbol }) => {
      const multiplier = multiplierOf(symbol);
      return list(resultOf(body).list, "result.list")
        .map((row) => candleOf(list(row, "a candle"), multiplier))
        .reverse();
    }),
  };
}

/** `[start, open, high, low, close, volume, turnover]`, all text, without taker volumes. */
function candleOf(row: readonly unknown[], multiplier: number): Candle {
  return {
    openMs: timeText(row[0], "the start"),
    open: price(row[1], "open", multiplier),
    high: price(row[2], "high", multiplier),
    low: price(row[3], "low", multiplier),
    close: price(row[4], "close", multiplier),
    base: amount(row[5], "volume", multiplier),
    quote: amount(row[6], "turnover", 1),
    buyBase: null,
    buyQuote: null,
    matches: null,
  };
}

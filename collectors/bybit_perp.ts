// This module is pure.
/**
 * Bybit linear perpetuals (USDT and USDC): trades, mark price, funding and open interest,
 * every liquidation, the best 50 levels. Source: the v5 documentation.
 */
import { pathOf } from "../lib/market/path.ts";
import type {
  Collector,
  Endpoint,
  FundingRate,
  OpenInterest,
  RangeQuery,
  Topic,
} from "../lib/market/collector.ts";
import type { Derivative, Liquidation } from "../lib/market/events.ts";
import { multiplierOf } from "../lib/market/instrument.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { isBuy, MAX_AGE_MS, readFrame, readRows, REQUESTS } from "./_bybit.ts";
import {
  CANDLES_PAGE,
  candlesCall,
  instrumentsCall,
  oneSideOf,
  REST_LIMITS,
  rowsOf,
  tickersCall,
  timeCall,
  tradesCall,
} from "./_bybit_rest.ts";
import {
  isAbsent,
  type Json,
  parserOf,
  price,
  type Reading,
  record,
  replyOf,
  signed,
  size,
  text,
  time,
  timeText,
} from "./_wire.ts";

const VENUE = "bybit-perp";
const TRADES_PAGE = 1000;
const HISTORY_PAGE = 200;
const OI_STEP_MS = 5 * MINUTE_MS;

const oiHistory: Endpoint<RangeQuery, readonly OpenInterest[]> = {
  path: ({ symbol, fromMs, toMs }) =>
    pathOf("/v5/market/open-interest", {
      category: "linear",
      symbol,
      intervalTime: "5min",
      startTime: fromMs,
      endTime: Math.min(toMs, fromMs + HISTORY_PAGE * OI_STEP_MS) - 1,
      limit: HISTORY_PAGE,
    }),
  weight: () => 1,
  read: replyOf("/v5/market/open-interest", (body, { symbol }) => {
    const multiplier = multiplierOf(symbol);
    return rowsOf(body).map((row) => {
      const oiBase = oneSideOf(row, multiplier);
      if (oiBase === null) throw new SyntaxError("openInterest is missing");
      return { timeMs: timeText(row.timestamp, "timestamp"), oiBase };
    }).reverse();
  }),
};

const fundingHistory: Endpoint<RangeQuery, readonly FundingRate[]> = {
  path: ({ symbol, fromMs, toMs }) =>
    pathOf("/v5/market/funding/history", {
      category: "linear",
      symbol,
      startTime: fromMs,
      endTime: toMs - 1,
      limit: HISTORY_PAGE,
    }),
  weight: () => 1,
  read: replyOf("/v5/market/funding/history", (body) =>
    rowsOf(body).map((row) => ({
      timeMs: timeText(row.fundingRateTimestamp, "fundingRateTimestamp"),
      fundingRate: signed(row.fundingRate, "fundingRate"),
    })).reverse()),
};

export const bybitPerp: Collector = {
  venue: VENUE,
  market: "perp",
  ws: "wss://stream.bybit.com",
  rest: "https://api.bybit.com",
  envWs: "BYBIT_WS",
  envRest: "BYBIT_REST",
  tradeIds: "unordered",
  liquidations: "complete",
  depth: "deltas",
  derivative: "deltas",
  routes: [{
    name: "linear",
    path: "/v5/public/linear",
    ...REQUESTS,
    limits: {
      topicsPerSocket: 1000,
      // One bad symbol fails its whole request, so requests stay small.
      topicsPerRequest: 40,
      charsPerSocket: 21_000,
      requestSpacingMs: 100,
      maxAgeMs: MAX_AGE_MS,
    },
    topics: (instruments) =>
      instruments.flatMap(({ symbol }): Topic[] => [
        { name: `publicTrade.${symbol}`, kind: "trade", symbol },
        { name: `tickers.${symbol}`, kind: "derivative", symbol },
        { name: `allLiquidation.${symbol}`, kind: "liquidation", symbol },
        { name: `orderbook.50.${symbol}`, kind: "depth", symbol },
      ]),
  }],
  parse: parserOf(VENUE, (decoded, lists) => readFrame(decoded, lists, readTopic)),
  recognises: (frame) =>
    /^\{"topic":"publicTrade\.[^".]+(?:USDT|USDC|PERP)"/.test(frame) &&
    /"i":"[0-9a-f]{8}-/.test(frame),
  api: {
    time: timeCall,
    instruments: instrumentsCall(VENUE, "linear", (row) =>
      row.contractType === "LinearPerpetual" &&
      (row.quoteCoin === "USDT" || row.quoteCoin === "USDC")),
    tickers: tickersCall("linear"),
    tickersEveryMs: 60_000,
    trades: tradesCall("linear", TRADES_PAGE),
    tradesReach: { kind: "newest", page: TRADES_PAGE },
    candles: candlesCall("linear"),
    candlesPage: CANDLES_PAGE,
    takerCandles: false,
    oiHistory,
    fundingHistory,
  },
  restLimits: REST_LIMITS,
};

function readTopic(topic: string, frame: Json): Reading {
  if (topic.startsWith("tickers.")) return isLinear(frame) ? derivativeOf(frame) : undefined;
  if (topic.startsWith("allLiquidation.")) return readRows(frame.data, liquidationOf);
  return undefined;
}

/** Spot tickers come whole only, and without what a derivative has. */
function isLinear({ type, data }: Json): boolean {
  if (type === "delta") return true;
  const { markPrice, openInterest, fundingRate } = record(data, "data");
  return !(isAbsent(markPrice) && isAbsent(openInterest) && isAbsent(fundingRate));
}

/**
 * `{"topic":"tickers.BTCUSDT","type":"delta","cs":24987956059,"ts":1673272861686,
 * "data":{"symbol":"BTCUSDT","markPrice":"17217.36"}}`: a delta leaves out what has not
 * changed. Most only move the best bid and ask; they say that all the rest stands, which a
 * market whose mark price rests (closed sessions) says in no other way.
 */
function derivativeOf(frame: Json): Derivative {
  const data = record(frame.data, "data");
  const symbol = text(data.symbol, "symbol");
  const multiplier = multiplierOf(symbol);
  const { markPrice, fundingRate, fundingIntervalHour: hours, nextFundingTime: next } = data;
  return {
    kind: "derivative",
    symbol,
    timeMs: time(frame.ts, "ts"),
    markPrice: isAbsent(markPrice) ? null : price(markPrice, "markPrice", multiplier),
    fundingRate: isAbsent(fundingRate) ? null : signed(fundingRate, "fundingRate"),
    fundingIntervalHours: isAbsent(hours) || hours === "0"
      ? null
      : size(hours, "fundingIntervalHour", 1),
    nextFundingMs: isAbsent(next) || next === "0" ? null : timeText(next, "nextFundingTime"),
    oiBase: oneSideOf(data, multiplier),
  };
}

/**
 * `{"T":1739502302929,"s":"ROSEUSDT","S":"Sell","v":"20000","p":"0.04499"}`. `S` is the side
 * of the position, not of the order: `Buy` is a long that was liquidated. `p` is the price
 * at which it was bankrupt.
 */
function liquidationOf(row: Json): Liquidation {
  const symbol = text(row.s, "s");
  const multiplier = multiplierOf(symbol);
  return {
    kind: "liquidation",
    symbol,
    timeMs: time(row.T, "T"),
    price: price(row.p, "p", multiplier),
    size: size(row.v, "v", multiplier),
    position: isBuy(row.S, "S") ? "long" : "short",
  };
}

// This module is pure.
/** Bybit spot: trades and the best 50 levels. Source: the v5 documentation. */
import type { Collector, Topic } from "../lib/market/collector.ts";
import { MAX_AGE_MS, readFrame, REQUESTS } from "./_bybit.ts";
import {
  CANDLES_PAGE,
  candlesCall,
  instrumentsCall,
  REST_LIMITS,
  tickersCall,
  timeCall,
  tradesCall,
} from "./_bybit_rest.ts";
import { parserOf } from "./_wire.ts";

const VENUE = "bybit-spot";
const TRADES_PAGE = 60;

export const bybitSpot: Collector = {
  venue: VENUE,
  market: "spot",
  ws: "wss://stream.bybit.com",
  rest: "https://api.bybit.com",
  envWs: "BYBIT_WS",
  envRest: "BYBIT_REST",
  tradeIds: "unordered",
  liquidations: "none",
  depth: "deltas",
  routes: [{
    name: "spot",
    path: "/v5/public/spot",
    ...REQUESTS,
    limits: {
      topicsPerSocket: 500,
      topicsPerRequest: 10,
      charsPerSocket: 21_000,
      requestSpacingMs: 100,
      maxAgeMs: MAX_AGE_MS,
    },
    topics: (instruments) =>
      instruments.flatMap(({ symbol }): Topic[] => [
        { name: `publicTrade.${symbol}`, kind: "trade", symbol },
        { name: `orderbook.50.${symbol}`, kind: "depth", symbol },
      ]),
  }],
  // Spot has tickers too, but nothing in them that the trades do not say.
  parse: parserOf(VENUE, (decoded, lists) => readFrame(decoded, lists, () => undefined)),
  // Spot numbers its trades, linear gives them UUIDs; the topics are the same.
  recognises: (frame) => /^\{"topic":"publicTrade\./.test(frame) && /"i":"\d+"/.test(frame),
  api: {
    time: timeCall,
    instruments: instrumentsCall(VENUE, "spot", () => true),
    tickers: tickersCall("spot"),
    tickersEveryMs: 60_000,
    trades: tradesCall("spot", TRADES_PAGE),
    tradesReach: { kind: "newest", page: TRADES_PAGE },
    candles: candlesCall("spot"),
    candlesPage: CANDLES_PAGE,
    takerCandles: false,
  },
  restLimits: REST_LIMITS,
};

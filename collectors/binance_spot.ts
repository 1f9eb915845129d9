// This module is pure.
/** Binance spot: aggregated trades and the best 20 levels. Source: binance-spot-api-docs. */
import type { Collector, Topic } from "../lib/market/collector.ts";
import type { Depth, MarketEvent } from "../lib/market/events.ts";
import { multiplierOf } from "../lib/market/instrument.ts";
import {
  HOUR_MS,
  isPartialDepth,
  limitsOf,
  readFrame,
  REQUESTS,
  streamOf,
  tradeOf,
} from "./_binance.ts";
import {
  candlesCall,
  INSTRUMENTS_LIST,
  instrumentsOf,
  tickersCall,
  timeCall,
  TRADES_PAGE,
  tradesCall,
} from "./_binance_rest.ts";
import type { LevelLists } from "./_levels.ts";
import { type Json, levels, parserOf, replyOf } from "./_wire.ts";

const VENUE = "binance-spot";
const API = "/api/v3";
const CANDLES_PAGE = 1000;

export const binanceSpot: Collector = {
  venue: VENUE,
  market: "spot",
  ws: "wss://stream.binance.com:9443",
  rest: "https://api.binance.com",
  envWs: "BINANCE_SPOT_WS",
  envRest: "BINANCE_SPOT_REST",
  tradeIds: "sequential",
  liquidations: "none",
  depth: "partial",
  routes: [{
    name: "stream",
    path: "/stream",
    ...REQUESTS,
    limits: {
      ...limitsOf(1024),
      elsewhere: "BINANCE_SPOT_WS=wss://data-stream.binance.vision",
    },
    topics: (instruments) =>
      instruments.flatMap(({ symbol }): Topic[] => [
        // Not @trade as well: the same volume would be counted twice.
        { name: streamOf(symbol, "aggTrade"), kind: "trade", symbol },
        { name: streamOf(symbol, "depth20"), kind: "depth", symbol },
      ]),
  }],
  parse: parserOf(VENUE, (decoded, lists) => readFrame(decoded, lists, readEvent)),
  // Spot's trades carry the unused `M`, the futures' do not.
  recognises: (frame) => /"e":"(?:aggT|t)rade"/.test(frame) && frame.includes('"M":'),
  api: {
    time: timeCall(API),
    instruments: {
      path: () => `${API}/exchangeInfo?symbolStatus=TRADING`,
      weight: () => 20,
      list: INSTRUMENTS_LIST,
      read: replyOf(`${API}/exchangeInfo`, (body) => ({
        rows: instrumentsOf(VENUE, body, (row) => row.status === "TRADING"),
        next: null,
      })),
    },
    tickers: tickersCall(API, 80),
    tickersEveryMs: 60_000,
    trades: tradesCall(API, 4, Infinity),
    tradesReach: { kind: "byId", page: TRADES_PAGE },
    candles: candlesCall(API, CANDLES_PAGE, () => 2),
    candlesPage: CANDLES_PAGE,
    takerCandles: true,
  },
  restLimits: {
    weight: 6000,
    windowMs: 60_000,
    usedHeader: "X-MBX-USED-WEIGHT-1M",
    forbiddenPauseMs: HOUR_MS / 6,
    elsewhere: "BINANCE_SPOT_REST=https://data-api.binance.vision",
  },
};

function readEvent(
  data: Json,
  stream: string | null,
  lists: LevelLists,
): MarketEvent | undefined {
  switch (data.e) {
    case "aggTrade":
      return tradeOf(data, data.a);
    case "trade":
      return tradeOf(data, data.t);
    case undefined:
      return isPartialDepth(stream) ? depthOf(data, stream, lists) : undefined;
    default:
      return undefined;
  }
}

/**
 * `{"stream":"btcusdt@depth20","data":{"lastUpdateId":160,"bids":[["0.0024","10"]],
 * "asks":[["0.0026","100"]]}}`: the symbol stands in the stream's name only, the time nowhere.
 */
function depthOf(data: Json, stream: string, lists: LevelLists): Depth {
  const symbol = stream.slice(0, stream.indexOf("@")).toUpperCase();
  const multiplier = multiplierOf(symbol);
  return {
    kind: "depth",
    symbol,
    timeMs: null,
    snapshot: true,
    bids: levels(data.bids, "bids", multiplier, lists),
    asks: levels(data.asks, "asks", multiplier, lists),
  };
}

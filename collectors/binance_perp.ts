// This module is pure.
/**
 * Binance USDⓈ-M perpetuals: aggregated trades, mark price and funding, liquidations, the
 * best 20 levels. Source: the USDⓈ-M documentation and its WebSocket change notice of 2026.
 */
import type { Collector, Topic } from "../lib/market/collector.ts";
import type { Depth, Derivative, Liquidation, MarketEvent, Omitted } from "../lib/market/events.ts";
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
import { candlesCall, tickersCall, timeCall, TRADES_PAGE, tradesCall } from "./_binance_rest.ts";
import * as calls from "./_binance_perp_rest.ts";
import type { LevelLists } from "./_levels.ts";
import {
  isAbsent,
  type Json,
  levels,
  parserOf,
  price,
  record,
  signed,
  size,
  text,
  time,
  whole,
} from "./_wire.ts";

const VENUE = "binance-perp";
const API = "/fapi/v1";
const CANDLES_PAGE = 1500;

export const binancePerp: Collector = {
  venue: VENUE,
  market: "perp",
  ws: "wss://fstream.binance.com",
  rest: "https://fapi.binance.com",
  envWs: "BINANCE_PERP_WS",
  envRest: "BINANCE_PERP_REST",
  tradeIds: "sequential",
  // At most one per symbol and second is published.
  liquidations: "sampled",
  depth: "partial",
  // Since 2026 a stream that is asked for on the wrong path is acked and stays silent.
  routes: [
    {
      name: "market",
      path: "/market/stream",
      ...REQUESTS,
      limits: limitsOf(200),
      topics: (instruments) =>
        instruments.flatMap(({ symbol }): Topic[] => [
          { name: streamOf(symbol, "aggTrade"), kind: "trade", symbol },
          { name: streamOf(symbol, "markPrice@1s"), kind: "derivative", symbol },
          { name: streamOf(symbol, "forceOrder"), kind: "liquidation", symbol },
        ]),
    },
    {
      name: "public",
      path: "/public/stream",
      ...REQUESTS,
      limits: limitsOf(200),
      topics: (instruments) =>
        instruments.map(({ symbol }): Topic => (
          { name: streamOf(symbol, "depth20@500ms"), kind: "depth", symbol }
        )),
    },
  ],
  parse: parserOf(VENUE, (decoded, lists) => readFrame(decoded, lists, readEvent)),
  // Futures have no `M` on trades and a `pu` on books; COIN-M names its contracts with `_`.
  recognises: (frame) =>
    /"e":"(?:aggTrade|trade|depthUpdate)"/.test(frame) && /"s":"[^"_]+"/.test(frame) &&
    (frame.includes('"pu":') || (frame.includes('"m":') && !frame.includes('"M":'))),
  api: {
    time: timeCall(API),
    instruments: calls.instruments(VENUE),
    tickers: tickersCall(API, 40),
    tickersEveryMs: 60_000,
    openInterest: calls.openInterest,
    fundingInfo: calls.fundingInfo,
    fundingNow: calls.fundingNow,
    // Only the last 48 h can be read, and less than an hour at a time.
    trades: tradesCall(API, 20, HOUR_MS),
    tradesReach: { kind: "byId", page: TRADES_PAGE },
    candles: candlesCall(API, CANDLES_PAGE, calls.candlesWeight),
    candlesPage: CANDLES_PAGE,
    takerCandles: true,
    oiHistory: calls.oiHistory,
    fundingHistory: calls.fundingHistory,
  },
  restLimits: {
    weight: calls.WEIGHT_PER_MINUTE,
    windowMs: 60_000,
    usedHeader: "X-MBX-USED-WEIGHT-1M",
    forbiddenPauseMs: HOUR_MS / 6,
  },
};

function readEvent(
  data: Json,
  stream: string | null,
  lists: LevelLists,
): MarketEvent | undefined {
  // Since 2026-06-30 whole-market streams carry COIN-M too (st 2), whose sizes are contracts.
  if (data.st !== undefined && data.st !== 1) return undefined;
  switch (data.e) {
    case "aggTrade":
      return tradeOf(data, data.a);
    case "trade":
      // X: MARKET, or a fill that no taker asked for (INSURANCE_FUND, ADL, …).
      return data.X === undefined || data.X === "MARKET" ? tradeOf(data, data.t) : omittedOf(data);
    case "markPriceUpdate":
      return derivativeOf(data);
    case "forceOrder":
      return liquidationOf(record(data.o, "o"));
    case "depthUpdate":
      return isPartialDepth(stream) ? depthOf(data, lists) : undefined;
    default:
      return undefined;
  }
}

function omittedOf(data: Json): Omitted {
  return {
    kind: "omitted",
    symbol: text(data.s, "s"),
    timeMs: time(data.T, "T"),
    id: whole(data.t, "t"),
  };
}

/**
 * `{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15","i":"11784.62",
 * "P":"11784.25","r":"0.00038167","T":1562306400000,"st":1}`; a contract without funding
 * has `"r":""` and `"T":0`.
 */
function derivativeOf(data: Json): Derivative {
  const symbol = text(data.s, "s");
  return {
    kind: "derivative",
    symbol,
    timeMs: time(data.E, "E"),
    markPrice: isAbsent(data.p) ? null : price(data.p, "p", multiplierOf(symbol)),
    fundingRate: isAbsent(data.r) ? null : signed(data.r, "r"),
    fundingIntervalHours: null,
    nextFundingMs: isAbsent(data.T) || data.T === 0 ? null : time(data.T, "T"),
    oiBase: null,
  };
}

/**
 * `{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","q":"0.014","p":"9910",
 * "ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893},"st":1}`. `S` is the
 * side of the order: a sell closes a long. `p` is only its limit; `ap` is what was paid.
 */
function liquidationOf(order: Json): Liquidation {
  const symbol = text(order.s, "s");
  const multiplier = multiplierOf(symbol);
  const side = text(order.S, "S");
  if (side !== "BUY" && side !== "SELL") throw new SyntaxError(`S is ${side}, not BUY or SELL`);
  return {
    kind: "liquidation",
    symbol,
    timeMs: time(order.T, "T"),
    price: isUnfilled(order.ap)
      ? price(order.p, "p", multiplier)
      : price(order.ap, "ap", multiplier),
    size: isUnfilled(order.z) ? size(order.q, "q", multiplier) : size(order.z, "z", multiplier),
    position: side === "SELL" ? "long" : "short",
  };
}

/** An order that was published before its first fill has zeros in `ap` and `z`. */
function isUnfilled(value: unknown): boolean {
  return isAbsent(value) || Number(value) === 0;
}

/** `{"e":"depthUpdate","E":1571889248277,"T":1571889248276,"s":"BTCUSDT","b":[…],"a":[…]}` */
function depthOf(data: Json, lists: LevelLists): Depth {
  const symbol = text(data.s, "s");
  const multiplier = multiplierOf(symbol);
  return {
    kind: "depth",
    symbol,
    timeMs: time(data.E, "E"),
    snapshot: true,
    bids: levels(data.b, "b", multiplier, lists),
    asks: levels(data.a, "a", multiplier, lists),
  };
}

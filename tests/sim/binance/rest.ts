/** Binance's public REST, spot and USDⓈ-M: what each path weighs and answers. */
import type { VenueName } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import { decimal } from "../engine/decimal.ts";
import { type Asked, BinanceError, marketOf, numberOf } from "./asked.ts";
import { aggTradeRow, fineText, levelTexts, rawIds } from "./frames.ts";
import { exchangeInfo } from "./exchange_info.ts";
import { fundingInfo, fundingRates, openInterestHistory } from "./derivatives.ts";

export interface BinancePath {
  weight(query: URLSearchParams): number;
  /** Counted apart from the weight of the minute. */
  readonly shared?: boolean;
  /** @throws {BinanceError} for a request that Binance refuses */
  answer(asked: Asked): unknown;
}

/** To add a path: one row here, and its answer below or in a file of its own. */
const SPOT: Readonly<Record<string, BinancePath>> = {
  "/api/v3/ping": { weight: () => 1, answer: () => ({}) },
  "/api/v3/time": { weight: () => 1, answer: time },
  "/api/v3/exchangeInfo": { weight: () => 20, answer: exchangeInfo },
  "/api/v3/ticker/24hr": { weight: one(2, 80), answer: tickers },
  "/api/v3/aggTrades": { weight: () => 4, answer: aggTrades },
  "/api/v3/klines": { weight: () => 2, answer: klines },
  "/api/v3/depth": { weight: (query) => (limitOf(query) <= 100 ? 5 : 25), answer: depth },
};

const PERP: Readonly<Record<string, BinancePath>> = {
  "/fapi/v1/ping": { weight: () => 1, answer: () => ({}) },
  "/fapi/v1/time": { weight: () => 1, answer: time },
  "/fapi/v1/exchangeInfo": { weight: () => 1, answer: exchangeInfo },
  "/fapi/v1/ticker/24hr": { weight: one(1, 40), answer: tickers },
  "/fapi/v1/aggTrades": { weight: () => 20, answer: aggTrades },
  "/fapi/v1/klines": { weight: klinesWeight, answer: klines },
  "/fapi/v1/depth": { weight: (query) => (limitOf(query) <= 50 ? 2 : 10), answer: depth },
  "/fapi/v1/premiumIndex": { weight: one(1, 10), answer: premiumIndex },
  "/fapi/v1/openInterest": { weight: () => 1, answer: openInterest },
  "/fapi/v1/fundingRate": { weight: () => 0, shared: true, answer: fundingRates },
  "/fapi/v1/fundingInfo": { weight: () => 0, shared: true, answer: fundingInfo },
  "/futures/data/openInterestHist": {
    weight: () => 0,
    shared: true,
    answer: openInterestHistory,
  },
};

export function binancePath(venue: VenueName, path: string): BinancePath | undefined {
  return (venue === "binance-spot" ? SPOT : PERP)[path];
}

function one(single: number, all: number): (query: URLSearchParams) => number {
  return (query) => query.has("symbol") ? single : all;
}

function limitOf(query: URLSearchParams, standard = 500): number {
  return Number(query.get("limit") ?? standard);
}

/** Weight by limit, USDⓈ-M: under 100, under 500, up to 1000, above. */
function klinesWeight(query: URLSearchParams): number {
  const limit = limitOf(query);
  return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1000 ? 5 : 10;
}

function time({ nowMs }: Asked) {
  return { serverTime: nowMs };
}

function tickers(asked: Asked): unknown {
  if (asked.query.has("symbol")) return ticker(marketOf(asked), asked.nowMs);
  return asked.world.on(asked.venue).map((market) => ticker(market, asked.nowMs));
}

function ticker(market: Market, nowMs: number) {
  const { listing, lastPrice, tape } = market;
  const open = Math.exp(tape.past.options.path[0] ?? 0) * listing.multiplier;
  const text = (price: number) => price.toFixed(listing.perp ? listing.priceDecimals : 8);
  return {
    symbol: listing.symbol,
    priceChange: text(lastPrice - open),
    priceChangePercent: ((lastPrice / open - 1) * 100).toFixed(3),
    weightedAvgPrice: text((lastPrice + open) / 2),
    lastPrice: text(lastPrice),
    openPrice: text(open),
    highPrice: text(Math.max(lastPrice, open)),
    lowPrice: text(Math.min(lastPrice, open)),
    volume: (market.dayQuote / lastPrice).toFixed(8),
    quoteVolume: market.dayQuote.toFixed(8),
    openTime: nowMs - 86_400_000,
    closeTime: nowMs,
    firstId: 1,
    lastId: rawIds(tape.nextId - 1).last,
    count: rawIds(tape.nextId - 1).last,
  };
}

function aggTrades(asked: Asked): unknown {
  const { query, venue, nowMs } = asked;
  const market = marketOf(asked);
  const limit = numberOf(query, "limit", 1000) ?? 500;
  const fromId = numberOf(query, "fromId");
  const fromMs = numberOf(query, "startTime");
  const toMs = numberOf(query, "endTime");
  const span = fromMs !== undefined && toMs !== undefined ? toMs - fromMs : 0;
  if (venue === "binance-perp") {
    if (fromId !== undefined && (fromMs !== undefined || toMs !== undefined)) {
      throw new BinanceError(-1128, "Combination of optional parameters invalid.");
    }
    if (span > 3_600_000) {
      throw new BinanceError(-1127, "More than 1 hours between startTime and endTime.");
    }
  }
  const prints = market.tape.prints({ fromId, fromMs, toMs, limit });
  const reachMs = venue === "binance-perp" ? nowMs - 48 * 3_600_000 : 0;
  return prints.filter((print) => print.timeMs >= reachMs)
    .map((print) => aggTradeRow(market.listing, print));
}

const INTERVALS: Readonly<Record<string, number>> = {
  "1m": 1,
  "3m": 3,
  "5m": 5,
  "15m": 15,
  "30m": 30,
  "1h": 60,
  "2h": 120,
  "4h": 240,
  "1d": 1440,
};

function klines(asked: Asked): unknown {
  const { query, nowMs, venue } = asked;
  const market = marketOf(asked);
  const minutes = INTERVALS[query.get("interval") ?? ""];
  if (minutes === undefined) throw new BinanceError(-1120, "Invalid interval.");
  const limit = numberOf(query, "limit", venue === "binance-spot" ? 1000 : 1500) ?? 500;
  const fromMs = numberOf(query, "startTime");
  const toMs = numberOf(query, "endTime") ?? nowMs;
  const width = minutes * 60_000;
  const bars = market.bars(fromMs ?? toMs - limit * width, toMs, minutes, nowMs);
  const chosen = fromMs === undefined ? bars.slice(-limit) : bars.slice(0, limit);
  const { priceDecimals, sizeDecimals } = market.listing;
  const price = (ticks: number) => decimal(ticks, priceDecimals, market.listing.perp ? 0 : 8);
  const size = (steps: number) => decimal(steps, sizeDecimals, market.listing.perp ? 0 : 8);
  const quote = (product: number) => decimal(product, priceDecimals + sizeDecimals, 8);
  return chosen.map((bar) => [
    bar.t,
    price(bar.open),
    price(bar.high),
    price(bar.low),
    price(bar.close),
    size(bar.buySteps + bar.sellSteps),
    bar.t + width - 1,
    quote(bar.buyProduct + bar.sellProduct),
    bar.prints === 0 ? 0 : rawIds(bar.lastId).last - rawIds(bar.firstId).first + 1,
    size(bar.buySteps),
    quote(bar.buyProduct),
    "0",
  ]);
}

function depth(asked: Asked): unknown {
  const market = marketOf(asked);
  const book = market.bookAt(asked.nowMs);
  const limit = numberOf(asked.query, "limit") ?? 100;
  return {
    lastUpdateId: book.updateId,
    ...(market.listing.perp ? { E: asked.nowMs, T: asked.nowMs } : {}),
    bids: levelTexts(market.listing, book.bids(limit)),
    asks: levelTexts(market.listing, book.asks(limit)),
  };
}

function premiumIndex(asked: Asked): unknown {
  const row = (market: Market) => ({
    symbol: market.listing.symbol,
    markPrice: fineText(market.markPrice),
    indexPrice: fineText(market.indexPrice),
    estimatedSettlePrice: fineText(market.indexPrice),
    lastFundingRate: market.fundingRate(asked.nowMs).toFixed(8),
    interestRate: "0.00010000",
    nextFundingTime: market.nextFundingMs(asked.nowMs),
    time: asked.nowMs,
  });
  return asked.query.has("symbol") ? row(marketOf(asked)) : asked.world.on("binance-perp").map(row);
}

function openInterest(asked: Asked): unknown {
  const market = marketOf(asked);
  const { symbol, sizeDecimals } = market.listing;
  return { openInterest: market.openInterest.toFixed(sizeDecimals), symbol, time: asked.nowMs };
}

/** Bybit's public v5 REST: HTTP 200 with a return code, newest rows first. */
import { decimal } from "../engine/decimal.ts";
import type { VenueName } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import type { World } from "../market/world.ts";
import { execId, isRetail, levelTexts, priceText, sizeText, tickerFields } from "./frames.ts";
import { instruments } from "./instruments.ts";

export interface Asked {
  readonly world: World;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

/** A refusal as Bybit words it, inside HTTP 200. */
export class BybitError extends Error {
  override name = "BybitError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** To add a path: one row here and its answer below. */
const PATHS: Readonly<Record<string, (asked: Asked) => unknown>> = {
  "/v5/market/time": time,
  "/v5/market/instruments-info": (asked) => instruments(asked, venueOf(asked)),
  "/v5/market/tickers": tickers,
  "/v5/market/kline": kline,
  "/v5/market/recent-trade": recentTrade,
  "/v5/market/open-interest": openInterest,
  "/v5/market/funding/history": fundingHistory,
  "/v5/market/orderbook": orderbook,
};

export function bybitPath(path: string): ((asked: Asked) => unknown) | undefined {
  return PATHS[path];
}

/** The envelope around every answer; `result` is empty where the code is not 0. */
export function envelope(answer: () => unknown, nowMs: number): Response {
  const tail = { retExtInfo: {}, time: nowMs };
  try {
    return Response.json({ retCode: 0, retMsg: "OK", result: answer(), ...tail });
  } catch (error) {
    if (!(error instanceof BybitError)) throw error;
    return Response.json({ retCode: error.code, retMsg: error.message, result: {}, ...tail });
  }
}

function venueOf({ query }: Asked): VenueName {
  const category = query.get("category") ?? "linear";
  if (category === "spot") return "bybit-spot";
  if (category === "linear") return "bybit-perp";
  throw new BybitError(10001, "params error: category invalid");
}

function marketOf(asked: Asked): Market {
  const market = asked.world.market(venueOf(asked), asked.query.get("symbol") ?? "");
  if (!market) throw new BybitError(10001, "params error: symbol invalid");
  return market;
}

function numberOf(query: URLSearchParams, name: string, most = Infinity): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) {
    throw new BybitError(10001, `params error: ${name} invalid`);
  }
  return value;
}

function head(asked: Asked) {
  return { category: asked.query.get("category") ?? "linear" };
}

function time({ nowMs }: Asked) {
  return { timeSecond: String(Math.floor(nowMs / 1000)), timeNano: `${nowMs}000000` };
}

function tickers(asked: Asked): unknown {
  const markets = asked.query.has("symbol") ? [marketOf(asked)] : asked.world.on(venueOf(asked));
  return { ...head(asked), list: markets.map((market) => tickerFields(market, asked.nowMs)) };
}

const INTERVALS: Readonly<Record<string, number>> = {
  "1": 1,
  "3": 3,
  "5": 5,
  "15": 15,
  "30": 30,
  "60": 60,
  "120": 120,
  "240": 240,
  "D": 1440,
};

/** Newest first, and of a range that is too long the newest rows. */
function kline(asked: Asked): unknown {
  const { query, nowMs } = asked;
  const market = marketOf(asked);
  const minutes = INTERVALS[query.get("interval") ?? ""];
  if (minutes === undefined) throw new BybitError(10001, "params error: interval invalid");
  const limit = numberOf(query, "limit", 1000) ?? 200;
  const width = minutes * 60_000;
  const fromMs = numberOf(query, "start");
  const toMs = numberOf(query, "end") ??
    (fromMs === undefined ? nowMs : Math.min(nowMs, fromMs + (limit - 1) * width));
  const bars = market.bars(fromMs ?? toMs - limit * width, toMs, minutes, nowMs).slice(-limit);
  const { listing } = market;
  const list = bars.reverse().map((bar) => [
    String(bar.t),
    priceText(listing, bar.open),
    priceText(listing, bar.high),
    priceText(listing, bar.low),
    priceText(listing, bar.close),
    sizeText(listing, bar.buySteps + bar.sellSteps),
    decimal(bar.buyProduct + bar.sellProduct, listing.priceDecimals + listing.sizeDecimals),
  ]);
  return { symbol: listing.symbol, ...head(asked), list };
}

/** The newest trades only: 60 on spot, 1000 elsewhere, no paging. */
function recentTrade(asked: Asked): unknown {
  const market = marketOf(asked);
  const { listing, tape } = market;
  const most = listing.perp ? 1000 : 60;
  const limit = Math.min(numberOf(asked.query, "limit") ?? (listing.perp ? 500 : 60), most);
  const list = tape.newest({ limit }).reverse().map((print) => ({
    execId: execId(listing, print.id),
    symbol: listing.symbol,
    price: priceText(listing, print.ticks),
    size: sizeText(listing, print.steps),
    side: print.buy ? "Buy" : "Sell",
    time: String(print.timeMs),
    isBlockTrade: print.block,
    isRPITrade: isRetail(print),
    seq: String(112_000_000_000 + print.id),
  }));
  return { ...head(asked), list };
}

const PERIODS: Readonly<Record<string, number>> = {
  "5min": 5,
  "15min": 15,
  "30min": 30,
  "1h": 60,
  "4h": 240,
  "1d": 1440,
};

function openInterest(asked: Asked): unknown {
  const { query, nowMs } = asked;
  const market = marketOf(asked);
  const minutes = PERIODS[query.get("intervalTime") ?? ""];
  if (minutes === undefined) throw new BybitError(10001, "params error: intervalTime invalid");
  const limit = numberOf(query, "limit", 200) ?? 50;
  const width = minutes * 60_000;
  const cursor = numberOf(query, "cursor");
  const toMs = Math.min(cursor ?? numberOf(query, "endTime") ?? nowMs, nowMs);
  const fromMs = Math.max(numberOf(query, "startTime") ?? 0, market.startMs);
  const list: unknown[] = [];
  let t = Math.floor(toMs / width) * width;
  for (; t >= fromMs && list.length < limit; t -= width) {
    const coins = market.interestAt(t / 60_000 - 1);
    const both = (coins * 2).toFixed(8);
    list.push({ openInterest: both, singleOpenInterest: coins.toFixed(8), timestamp: String(t) });
  }
  const nextPageCursor = t >= fromMs ? String(t) : "";
  return { symbol: market.listing.symbol, ...head(asked), list, nextPageCursor };
}

function fundingHistory(asked: Asked): unknown {
  const { query, nowMs } = asked;
  const market = marketOf(asked);
  const limit = numberOf(query, "limit", 200) ?? 200;
  const fromMs = numberOf(query, "startTime");
  const endMs = numberOf(query, "endTime");
  if (fromMs !== undefined && endMs === undefined) {
    throw new BybitError(10001, "params error: endTime is required with startTime");
  }
  const { symbol, fundingHours } = market.listing;
  const width = fundingHours * 3_600_000;
  const list: unknown[] = [];
  // A month of history is enough for every question that the service asks.
  const first = Math.max(fromMs ?? 0, nowMs - 30 * 86_400_000);
  let t = Math.floor(Math.min(endMs ?? nowMs, nowMs) / width) * width;
  for (; t >= first && list.length < limit; t -= width) {
    const fundingRate = String(market.fundingRate(t - 1));
    list.push({ symbol, fundingRate, fundingRateTimestamp: String(t) });
  }
  return { ...head(asked), list };
}

function orderbook(asked: Asked): unknown {
  const market = marketOf(asked);
  const book = market.bookAt(asked.nowMs);
  const limit = numberOf(asked.query, "limit") ?? 25;
  const b = levelTexts(market.listing, book.bids(limit));
  const a = levelTexts(market.listing, book.asks(limit));
  return { s: market.listing.symbol, b, a, ts: asked.nowMs, u: book.updateId, seq: book.updateId };
}

// This module is pure.
/** The REST calls that only Binance USDⓈ-M has. */
import { pathOf } from "../lib/market/path.ts";
import type {
  Endpoint,
  FundingInfo,
  FundingNow,
  FundingRate,
  OpenInterest,
  Paged,
  RangeQuery,
} from "../lib/market/collector.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { type Instrument, multiplierOf } from "../lib/market/instrument.ts";
import { INSTRUMENTS_LIST, instrumentsOf } from "./_binance_rest.ts";
import { amount, isAbsent, list, record, replyOf, signed, text, time, whole } from "./_wire.ts";

export const WEIGHT_PER_MINUTE = 2400;

// Two families of calls have counters of their own, which we express in the common one, so
// that a single budget keeps all three: a call costs the share of a minute that it uses.
const FUNDING_WEIGHT = WEIGHT_PER_MINUTE / (500 / 5); // 500 calls in 5 minutes
const DATA_WEIGHT = WEIGHT_PER_MINUTE / (1000 / 5); // 1000 calls in 5 minutes

const OI_STEP_MS = 5 * MINUTE_MS;
const OI_PAGE = 500;
const FUNDING_PAGE = 1000;

/** Perpetuals in trade, settled in dollars; TradFi and dated contracts have other types. */
export function instruments(
  venue: string,
): Endpoint<{ cursor: string | null }, Paged<Instrument>> {
  const path = "/fapi/v1/exchangeInfo";
  return {
    path: () => path,
    weight: () => 1,
    list: INSTRUMENTS_LIST,
    read: replyOf(path, (body) => ({
      rows: instrumentsOf(
        venue,
        body,
        (row) =>
          row.contractType === "PERPETUAL" && row.status === "TRADING" &&
          (row.quoteAsset === "USDT" || row.quoteAsset === "USDC"),
      ),
      next: null,
    })),
  };
}

/** Weight of klines by the rows asked for. */
export function candlesWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

/** `{"openInterest":"10659.509","symbol":"BTCUSDT","time":1589437530011}`: one side, base coin. */
export const openInterest: Endpoint<{ symbol: string }, OpenInterest> = {
  path: ({ symbol }) => pathOf("/fapi/v1/openInterest", { symbol }),
  weight: () => 1,
  read: replyOf("/fapi/v1/openInterest", (body, { symbol }) => {
    const row = record(body, "the body");
    return {
      timeMs: time(row.time, "time"),
      oiBase: amount(row.openInterest, "openInterest", multiplierOf(symbol)),
    };
  }),
};

/** Only the symbols whose interval was changed; every other one pays each 8 hours. */
export const fundingInfo: Endpoint<null, readonly FundingInfo[]> = {
  path: () => "/fapi/v1/fundingInfo",
  weight: () => FUNDING_WEIGHT,
  read: replyOf("/fapi/v1/fundingInfo", (body) =>
    list(body, "the body").flatMap((value) => {
      const row = record(value, "a row");
      // A row without an interval says nothing; the others stand.
      if (isAbsent(row.fundingIntervalHours) || row.fundingIntervalHours === 0) return [];
      const hours = whole(row.fundingIntervalHours, "fundingIntervalHours");
      return [{ symbol: text(row.symbol, "symbol"), fundingIntervalHours: hours }];
    })),
};

/** Of every symbol; a dated contract has an empty rate. */
export const fundingNow: Endpoint<null, readonly FundingNow[]> = {
  path: () => "/fapi/v1/premiumIndex",
  weight: () => 10,
  list: { name: null, fields: ["symbol", "lastFundingRate"] },
  read: replyOf("/fapi/v1/premiumIndex", (body) =>
    list(body, "the body")
      .map((value) => record(value, "a row"))
      .filter((row) => !isAbsent(row.lastFundingRate))
      .map((row) => ({
        symbol: text(row.symbol, "symbol"),
        fundingRate: signed(row.lastFundingRate, "lastFundingRate"),
      }))),
};

/** Open interest every 5 minutes of the last month, at most 500 rows from `fromMs` on. */
export const oiHistory: Endpoint<RangeQuery, readonly OpenInterest[]> = {
  path: ({ symbol, fromMs, toMs }) =>
    pathOf("/futures/data/openInterestHist", {
      symbol,
      period: "5m",
      startTime: fromMs,
      endTime: Math.min(toMs, fromMs + OI_PAGE * OI_STEP_MS) - 1,
      limit: OI_PAGE,
    }),
  weight: () => DATA_WEIGHT,
  read: replyOf("/futures/data/openInterestHist", (body, { symbol }) => {
    const multiplier = multiplierOf(symbol);
    return list(body, "the body")
      .map((value) => {
        const row = record(value, "a row");
        return {
          timeMs: time(row.timestamp, "timestamp"),
          oiBase: amount(row.sumOpenInterest, "sumOpenInterest", multiplier),
        };
      })
      .sort((a, b) => a.timeMs - b.timeMs);
  }),
};

/** Paid funding, oldest first. */
export const fundingHistory: Endpoint<RangeQuery, readonly FundingRate[]> = {
  path: ({ symbol, fromMs, toMs }) =>
    pathOf("/fapi/v1/fundingRate", {
      symbol,
      startTime: fromMs,
      endTime: toMs - 1,
      limit: FUNDING_PAGE,
    }),
  weight: () => FUNDING_WEIGHT,
  read: replyOf("/fapi/v1/fundingRate", (body) =>
    list(body, "the body")
      .map((value) => {
        const row = record(value, "a row");
        return {
          timeMs: time(row.fundingTime, "fundingTime"),
          fundingRate: signed(row.fundingRate, "fundingRate"),
        };
      })
      .sort((a, b) => a.timeMs - b.timeMs)),
};

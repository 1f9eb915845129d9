// This module is pure.
/**
 * What the questions are asked of: ordered minute buckets and newest values per
 * market, whether they come from memory, from the store or from a test.
 */
import type { Bucket } from "./bucket.ts";
import type { Market, Ticker } from "./collector.ts";
import type { Past } from "./past/past.ts";
import type { LiquidationNorm } from "./study/liquidation/norm.ts";
import type { EarlierBars } from "./study/same_time.ts";

/** A market that is collected, or was. */
export interface SeriesInfo {
  readonly venue: string;
  readonly market: Market;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** `sampled` totals are lower bounds. */
  readonly liquidations: "complete" | "sampled" | "none";
}

/** The newest values, whatever minute they fell in; `null` before the first. */
export interface Latest {
  price: number | null;
  tradeMs: number | null;
  markPrice: number | null;
  /** When the mark price was told or stood, and with it, on every venue, the funding rate. */
  markMs: number | null;
  fundingRate: number | null;
  fundingIntervalHours: number | null;
  nextFundingMs: number | null;
  oiBase: number | null;
  oiMs: number | null;
  imbalance: number | null;
}

export function unknownLatest(): Latest {
  return {
    price: null,
    tradeMs: null,
    markPrice: null,
    markMs: null,
    fundingRate: null,
    fundingIntervalHours: null,
    nextFundingMs: null,
    oiBase: null,
    oiMs: null,
    imbalance: null,
  };
}

export interface VenueInfo {
  readonly venue: string;
  readonly market: Market;
  /** Every enabled stream of the venue delivers. */
  readonly live: boolean;
  /** Why not, in plain words; `null` while live. */
  readonly reason: string | null;
}

export interface TickerRow extends Ticker {
  readonly venue: string;
  readonly market: Market;
  readonly base: string;
  readonly quote: string;
  /** Of a perpetual, as far as the venue's lists tell it. */
  readonly fundingIntervalHours?: number | null;
}

export interface Source {
  /** The venues' clock, ms; in a replay the recording's. */
  nowMs(): number;
  venues(): readonly VenueInfo[];
  /** Assets with at least one series, in watch-list order. */
  assets(): readonly string[];
  /** Every asset that an enabled venue lists, for the nearest names. */
  listed(): Iterable<string>;
  /** The asset's series, one per venue, in venue order; empty where none. */
  seriesOf(asset: string): readonly SeriesInfo[];
  /** Every series, for the API. */
  allSeries(): readonly SeriesInfo[];
  /**
   * Makes an asset ready to be asked about: `watched` ones are; for a listed one the last
   * day's candles and newest values are fetched now (within 2 s); `unlisted` names nothing.
   */
  ensure(asset: string): Promise<"watched" | "fetched" | "unlisted">;
  latest(series: SeriesInfo): Readonly<Latest> | null;
  /**
   * One bucket per minute of `[fromMs, toMs)`, ordered, the open minute included; a
   * minute of which nothing is known is an empty bucket. Minutes before the first and
   * after now are left out.
   */
  buckets(series: SeriesInfo, fromMs: number, toMs: number): Promise<readonly Bucket[]>;
  /**
   * Minutes `[fromMs, toMs)` in closed quarter-hours, for sums and counts over a day;
   * `toMs` is at the edge of one. Those of the last 26 hours are in memory for a watched
   * asset, their coverage for 49; and so is the price of perpetuals, of others when it is
   * `priced`. It is a view: read it before anything else is awaited.
   */
  past(series: SeriesInfo, fromMs: number, toMs: number, priced?: boolean): Promise<Past>;
  /**
   * What is usual of an asset's liquidations, by all minutes that are stored before the last
   * full hour; right after an hour it may still be that of the hour before.
   */
  liquidationNorm(asset: string): Promise<LiquidationNorm>;
  /**
   * What the series traded on earlier days at the time of its last closed bars; `null` until
   * that is worked out, within seconds of a bar's end, and for what is not collected.
   */
  earlierBars(series: SeriesInfo): EarlierBars | null;
  /** The newest 24 h tickers of a market kind; empty before the first poll. */
  tickers(market: Market): readonly TickerRow[];
  /** When the oldest of those tickers was read, ms; `null` before the first poll. */
  tickersMs(market: Market): number | null;
}

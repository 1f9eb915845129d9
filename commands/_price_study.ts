// This module is pure.
/** Everything /price says, computed: newest values per venue and how far they differ. */
import { QUOTES } from "../lib/market/instrument.ts";
import type { SeriesInfo, Source, TickerRow } from "../lib/market/source.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow } from "../lib/market/windows.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  readTape,
  type TapeMarket,
  venuesOf,
} from "./_tape.ts";

/** A price older than this is printed with its age and takes no part in a spread. */
export const FRESH_MS = 60_000;

/** The trust line of a price looks back this far: enough to tell a live tape from a dead one. */
const TRUST_MINUTES = 5;

// Type aliases: the study leaves as the reply's data.

export type PriceRow = {
  readonly venue: string;
  readonly market: TapeMarket;
  readonly symbol: string;
  readonly price: number | null;
  /** `trade`: the newest print. `ticker`: the last 24 h poll. */
  readonly priceFrom: "trade" | "ticker" | null;
  readonly ageMs: number | null;
  /** Fraction of the rolling 24 h. */
  readonly change24h: number | null;
  readonly quoteVolume24h: number | null;
  /** Of those two: age of the oldest ticker list of the market kind. */
  readonly tickerAgeMs: number | null;
  readonly markPrice: number | null;
  readonly markAgeMs: number | null;
  /** Fraction per interval. */
  readonly fundingRate: number | null;
  readonly fundingAgeMs: number | null;
  readonly fundingIntervalHours: number | null;
  readonly nextFundingMs: number | null;
  readonly oiBase: number | null;
  readonly oiQuote: number | null;
  readonly oiAgeMs: number | null;
};

/** How far fresh prices of one market kind are apart. */
export type Spread = {
  readonly low: number;
  readonly lowVenue: string;
  readonly high: number;
  readonly highVenue: string;
  /** (high − low) ÷ low. */
  readonly fraction: number;
};

export type PriceStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly rows: readonly PriceRow[];
  /** Venues that may have the asset, of which nothing is known. */
  readonly without: readonly string[];
  readonly spread: { readonly spot: Spread | null; readonly perp: Spread | null };
  readonly trust: Trust;
};

export async function studyPrice(source: Source, asset: string): Promise<PriceStudy> {
  const nowMs = source.nowMs();
  const tape = await readTape(source, asset, rollingWindow(TRUST_MINUTES, nowMs));
  return priceOf(source, asset, tape, nowMs);
}

/** The same from a tape that was read already and holds the last minutes. */
export function priceOf(
  source: Source,
  asset: string,
  tape: readonly HeldSeries[],
  nowMs: number,
): PriceStudy {
  const tickers = [...tickersOf(source, asset, "spot"), ...tickersOf(source, asset, "perp")];
  const collected = tape.flatMap(({ info, market }) => {
    if (!info) return [];
    const ticker = tickers.find((row) => row.venue === info.venue && row.symbol === info.symbol);
    return [seriesRow(source, { info, market, ticker, nowMs })];
  });
  const venues = new Set(collected.map((row) => row.venue));
  const polled = tickers
    .filter((row) => !venues.has(row.venue))
    .map((row) => tickerRow(source, row, nowMs));
  const rows = [...collected, ...firstPerVenue(polled)];
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    rows,
    without: venuesOf(tape).filter((venue) => rows.every((row) => row.venue !== venue)),
    spread: { spot: spreadOf(rows, "spot"), perp: spreadOf(rows, "perp") },
    trust: trustOf(tape, rollingWindow(TRUST_MINUTES, nowMs), nowMs),
  };
}

interface TapeTicker extends TickerRow {
  readonly market: TapeMarket;
}

/** The asset's tickers, the quote that we would watch first. */
function tickersOf(source: Source, asset: string, market: TapeMarket): TapeTicker[] {
  return source.tickers(market)
    .filter((row) => row.base === asset && QUOTES.includes(row.quote))
    .sort((a, b) => QUOTES.indexOf(a.quote) - QUOTES.indexOf(b.quote))
    .map((row) => ({ ...row, market }));
}

interface Collected {
  readonly info: SeriesInfo;
  readonly market: TapeMarket;
  readonly ticker: TapeTicker | undefined;
  readonly nowMs: number;
}

function seriesRow(source: Source, { info, market, ticker, nowMs }: Collected): PriceRow {
  const latest = source.latest(info);
  const polled = ticker ? tickerRow(source, ticker, nowMs) : null;
  const traded = latest?.price ?? null;
  const tradeMs = latest?.tradeMs ?? null;
  const price = traded ?? polled?.price ?? null;
  const markPrice = latest?.markPrice ?? null;
  const markAgeMs = ageOf(latest?.markMs, nowMs);
  const streamedRate = latest?.fundingRate ?? null;
  const streamedOi = latest?.oiBase ?? null;
  const oiBase = streamedOi ?? polled?.oiBase ?? null;
  return {
    venue: info.venue,
    market,
    symbol: info.symbol,
    price,
    priceFrom: traded !== null ? "trade" : polled?.priceFrom ?? null,
    ageMs: traded !== null && tradeMs !== null ? ageOf(tradeMs, nowMs) : polled?.ageMs ?? null,
    change24h: polled?.change24h ?? null,
    quoteVolume24h: polled?.quoteVolume24h ?? null,
    tickerAgeMs: polled?.tickerAgeMs ?? null,
    markPrice,
    markAgeMs,
    fundingRate: streamedRate ?? polled?.fundingRate ?? null,
    fundingAgeMs: streamedRate === null ? polled?.fundingAgeMs ?? null : markAgeMs,
    fundingIntervalHours: latest?.fundingIntervalHours ?? polled?.fundingIntervalHours ?? null,
    nextFundingMs: latest?.nextFundingMs ?? null,
    oiBase,
    oiQuote: valueOf(oiBase, markPrice ?? price),
    oiAgeMs: streamedOi === null ? polled?.oiAgeMs ?? null : ageOf(latest?.oiMs, nowMs),
  };
}

function tickerRow(source: Source, ticker: TapeTicker, nowMs: number): PriceRow {
  const ageMs = ageOf(source.tickersMs(ticker.market), nowMs);
  return {
    venue: ticker.venue,
    market: ticker.market,
    symbol: ticker.symbol,
    price: ticker.lastPrice,
    priceFrom: "ticker",
    ageMs,
    change24h: ticker.change24h,
    quoteVolume24h: ticker.quoteVolume24h,
    tickerAgeMs: ageMs,
    markPrice: null,
    markAgeMs: null,
    fundingRate: ticker.fundingRate,
    fundingAgeMs: ticker.fundingRate === null ? null : ageMs,
    fundingIntervalHours: ticker.fundingIntervalHours ?? null,
    nextFundingMs: null,
    oiBase: ticker.oiBase,
    oiQuote: valueOf(ticker.oiBase, ticker.lastPrice),
    oiAgeMs: ticker.oiBase === null ? null : ageMs,
  };
}

function ageOf(timeMs: number | null | undefined, nowMs: number): number | null {
  return typeof timeMs === "number" ? Math.max(0, nowMs - timeMs) : null;
}

function firstPerVenue(rows: readonly PriceRow[]): PriceRow[] {
  const first = new Map<string, PriceRow>();
  for (const row of rows) if (!first.has(row.venue)) first.set(row.venue, row);
  return [...first.values()];
}

function valueOf(base: number | null, price: number | null): number | null {
  return base === null || price === null ? null : base * price;
}

/** A row whose price is young enough to be compared with others. */
export function isFresh(row: PriceRow): boolean {
  return row.priceFrom === "trade" && row.ageMs !== null && row.ageMs <= FRESH_MS;
}

function spreadOf(rows: readonly PriceRow[], market: TapeMarket): Spread | null {
  const fresh = rows.flatMap((row) =>
    row.market === market && row.price !== null && row.price > 0 && isFresh(row)
      ? [{ venue: row.venue, price: row.price }]
      : []
  ).sort((a, b) => a.price - b.price);
  const low = fresh[0];
  const high = fresh.at(-1);
  if (!low || !high || fresh.length < 2) return null;
  return {
    low: low.price,
    lowVenue: low.venue,
    high: high.price,
    highVenue: high.venue,
    fraction: (high.price - low.price) / low.price,
  };
}

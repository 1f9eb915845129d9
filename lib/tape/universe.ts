/**
 * Which markets there are and which of them are collected: the venues' instrument
 * lists, the 24 h tickers, and the user's choice (`BTC,ETH` or `top:20`).
 */
import type { Collector, FundingInfo, FundingNow, Market, Ticker } from "../market/collector.ts";
import { type Instrument, QUOTES, typedAsset } from "../market/instrument.ts";
import type { TickerRow } from "../market/source.ts";

export type SymbolChoice =
  | { readonly kind: "top"; readonly count: number }
  | { readonly kind: "list"; readonly assets: readonly string[] };

/** What one venue lists, by asset: its market with the preferred quote. */
interface Listing {
  readonly collector: Collector;
  readonly bySymbol: Map<string, Instrument>;
  readonly byAsset: Map<string, Instrument>;
  tickers: readonly Ticker[];
  tickersMs: number | null;
  /** Of the markets whose interval is not the usual one; `null` before it was read. */
  fundingHours: ReadonlyMap<string, number> | null;
  /** Beside the tickers. */
  fundingRates: ReadonlyMap<string, number>;
}

/** Where no `fundingInfo` entry exists the interval is 8 h (metrics page). */
export const DEFAULT_FUNDING_HOURS = 8;

export class Universe {
  readonly #listings = new Map<string, Listing>();
  readonly #choice: SymbolChoice;
  /** Assets added by users at run time, after the configured ones. */
  readonly #extra = new Set<string>();
  #top: readonly string[] = [];

  constructor(collectors: readonly Collector[], choice: SymbolChoice) {
    this.#choice = choice;
    for (const collector of collectors) {
      this.#listings.set(collector.venue, {
        collector,
        bySymbol: new Map(),
        byAsset: new Map(),
        tickers: [],
        tickersMs: null,
        fundingHours: null,
        fundingRates: new Map(),
      });
    }
  }

  /** Takes a venue's instrument list; an empty one is a venue's fault and changes nothing. */
  list(venue: string, instruments: readonly Instrument[]): void {
    const listing = this.#listings.get(venue);
    if (!listing || instruments.length === 0) return;
    listing.bySymbol.clear();
    listing.byAsset.clear();
    for (const instrument of instruments) {
      listing.bySymbol.set(instrument.symbol, instrument);
      const held = listing.byAsset.get(instrument.base);
      if (rank(instrument.quote) < rank(held?.quote)) {
        listing.byAsset.set(instrument.base, instrument);
      }
    }
  }

  /** Whether the venue's list of markets was ever read. */
  isListed(venue: string): boolean {
    return (this.#listings.get(venue)?.bySymbol.size ?? 0) > 0;
  }

  setTickers(venue: string, tickers: readonly Ticker[], nowMs: number): void {
    const listing = this.#listings.get(venue);
    if (!listing) return;
    listing.tickers = tickers;
    listing.tickersMs = nowMs;
  }

  /** Whether the venue's tickers were ever read. */
  hasTickers(venue: string): boolean {
    return (this.#listings.get(venue)?.tickersMs ?? null) !== null;
  }

  setFunding(venue: string, rows: readonly FundingInfo[]): void {
    const listing = this.#listings.get(venue);
    if (listing) {
      listing.fundingHours = new Map(rows.map((row) => [row.symbol, row.fundingIntervalHours]));
    }
  }

  /** Of the venues whose tickers do not tell the funding rate. */
  setFundingNow(venue: string, rows: readonly FundingNow[]): void {
    const listing = this.#listings.get(venue);
    if (listing) {
      listing.fundingRates = new Map(rows.map((row) => [row.symbol, row.fundingRate]));
    }
  }

  /** Funding interval of a perpetual, hours, as far as the venue's lists say. */
  fundingHours(venue: string, symbol: string): number | null {
    const listing = this.#listings.get(venue);
    return listing ? toldHours(listing, symbol) : null;
  }

  instrument(venue: string, symbol: string): Instrument | undefined {
    return this.#listings.get(venue)?.bySymbol.get(symbol);
  }

  /** The asset's market on each venue that has one, in venue order. */
  marketsOf(asset: string): Instrument[] {
    const found: Instrument[] = [];
    for (const listing of this.#listings.values()) {
      const instrument = listing.byAsset.get(asset);
      if (instrument) found.push(instrument);
    }
    return found;
  }

  /** Every asset that some venue lists with a dollar quote. */
  *assets(): Iterable<string> {
    const seen = new Set<string>();
    for (const listing of this.#listings.values()) {
      for (const asset of listing.byAsset.keys()) {
        if (!seen.has(asset)) yield asset;
        seen.add(asset);
      }
    }
  }

  add(asset: string): void {
    this.#extra.add(asset);
  }

  remove(asset: string): void {
    this.#extra.delete(asset);
  }

  /** Ranks `top:N` anew; returns whether the watched assets changed. Called once a day. */
  rerank(): boolean {
    if (this.#choice.kind !== "top") return false;
    const before = this.#top.join();
    const ranked = this.#ranked().slice(0, this.#choice.count);
    if (ranked.length > 0) this.#top = ranked;
    return this.#top.join() !== before;
  }

  /** What the settings choose: the list, or the ranking. */
  configured(): readonly string[] {
    return this.#choice.kind === "list"
      ? this.#choice.assets.map((typed) => this.#assetOf(typed))
      : this.#top;
  }

  /** Of the chosen assets those that no venue lists, once all lists are read. */
  unlisted(): readonly string[] {
    const isRead = [...this.#listings.values()].every(({ bySymbol }) => bySymbol.size > 0);
    return isRead ? this.configured().filter((asset) => this.marketsOf(asset).length === 0) : [];
  }

  /** An asset may be written as a pair, `BTCUSDT`, too. */
  #assetOf(typed: string): string {
    if (this.marketsOf(typed).length > 0) return typed;
    const asset = typedAsset(typed);
    return this.marketsOf(asset).length > 0 ? asset : typed;
  }

  /** The assets to collect, in the user's or the ranking's order, then what users added. */
  watched(): string[] {
    return [...new Set([...this.configured(), ...this.#extra])];
  }

  /** The markets to collect on a venue; an asset that it lacks is simply not there. */
  watchedOn(venue: string): Instrument[] {
    const byAsset = this.#listings.get(venue)?.byAsset;
    return this.watched().flatMap((asset) => byAsset?.get(asset) ?? []);
  }

  /** Assets by 24 h perpetual turnover over all venues, largest first; spot where no perp is enabled. */
  #ranked(): string[] {
    const rows = this.tickers("perp");
    const turnover = new Map<string, number>();
    for (const row of rows.length > 0 ? rows : this.tickers("spot")) {
      turnover.set(row.base, (turnover.get(row.base) ?? 0) + row.quoteVolume24h);
    }
    return [...turnover].sort((a, b) => b[1] - a[1]).map(([asset]) => asset);
  }

  /** Newest tickers of dollar-quoted markets of a kind, one per venue and asset. */
  tickers(market: Market): TickerRow[] {
    const rows: TickerRow[] = [];
    for (const listing of this.#listings.values()) {
      const { collector: { venue, market: kind }, tickers, bySymbol, byAsset, fundingRates } =
        listing;
      if (kind !== market) continue;
      for (const ticker of tickers) {
        const instrument = bySymbol.get(ticker.symbol);
        if (!instrument || byAsset.get(instrument.base) !== instrument) continue;
        const { base, quote } = instrument;
        const fundingIntervalHours = toldHours(listing, ticker.symbol);
        const fundingRate = ticker.fundingRate ?? fundingRates.get(ticker.symbol) ?? null;
        rows.push({ ...ticker, fundingRate, venue, market, base, quote, fundingIntervalHours });
      }
    }
    return rows;
  }

  /** When the oldest ticker list of a market kind was read; `null` before the first. */
  tickersMs(market: Market): number | null {
    let oldest: number | null = null;
    for (const { collector, tickersMs } of this.#listings.values()) {
      if (collector.market !== market || tickersMs === null) continue;
      oldest = oldest === null ? tickersMs : Math.min(oldest, tickersMs);
    }
    return oldest;
  }
}

/** Order of preference of a quote; a quote that is no dollar is not watched. */
function rank(quote: string | undefined): number {
  const index = quote === undefined ? -1 : QUOTES.indexOf(quote);
  return index < 0 ? Infinity : index;
}

/** What the venue's lists say of a funding interval, hours; `null` before they were read. */
function toldHours({ bySymbol, fundingHours }: Listing, symbol: string): number | null {
  const told = fundingHours?.get(symbol) ?? bySymbol.get(symbol)?.fundingIntervalHours;
  return told ?? (fundingHours === null ? null : DEFAULT_FUNDING_HOURS);
}

/** Answers from memory for the hot window and from the store before it. */
import {
  barStart,
  type Bucket,
  emptyBucket,
  MINUTE_MS,
  QUARTER_MINUTES,
} from "../market/bucket.ts";
import type { Collector, Market } from "../market/collector.ts";
import type { Head } from "../market/head/head.ts";
import { type Instrument, seriesKey } from "../market/instrument.ts";
import type { Past } from "../market/past/past.ts";
import type { Latest, SeriesInfo, Source, TickerRow, VenueInfo } from "../market/source.ts";
import type { LiquidationNorm } from "../market/study/liquidation/norm.ts";
import type { Store } from "../store/mod.ts";
import type { Minutes } from "./minutes.ts";
import type { Norms } from "./past/norms.ts";
import type { Quarters } from "./past/quarters.ts";
import type { EarlierBars } from "../market/study/same_time.ts";
import type { EarlierDays } from "./past/earlier_days.ts";
import type { Universe } from "./universe.ts";

export interface TapeSourceOptions {
  readonly collectors: readonly Collector[];
  readonly head: Head;
  readonly store: Store;
  readonly minutes: Minutes;
  readonly quarters: Quarters;
  readonly norms: Norms;
  /** A replay has none. */
  readonly earlierDays?: EarlierDays;
  readonly universe: Universe;
  /** How long minutes are kept, ms. */
  readonly keptMs: number;
  /** See `Source.ensure`. */
  readonly ensure: (asset: string) => Promise<"watched" | "fetched" | "unlisted">;
  readonly nowMs: () => number;
  /** Why a venue is not live, without its name, or `null`. */
  readonly trouble: (venue: string) => string | null;
}

export class TapeSource implements Source {
  readonly #options: TapeSourceOptions;
  readonly #collectors: ReadonlyMap<string, Collector>;
  /** First minute known of each series: before it there is nothing to report as missing. */
  readonly #firstMs = new Map<string, number>();

  constructor(options: TapeSourceOptions) {
    this.#options = options;
    this.#collectors = new Map(options.collectors.map((one) => [one.venue, one]));
  }

  nowMs(): number {
    // The venues' clock is reckoned in fractions of a millisecond; nobody wants to read them.
    return Math.floor(this.#options.nowMs());
  }

  venues(): VenueInfo[] {
    return this.#options.collectors.map(({ venue, market }) => {
      const reason = this.#options.trouble(venue);
      return { venue, market, live: reason === null, reason };
    });
  }

  assets(): string[] {
    const held = new Set<string>();
    for (const { base } of this.allSeries()) held.add(base);
    const watched = this.#options.universe.watched().filter((asset) => held.delete(asset));
    return [...watched, ...held];
  }

  *listed(): Iterable<string> {
    yield* this.#options.universe.assets();
    for (const { base } of this.allSeries()) yield base;
  }

  allSeries(): SeriesInfo[] {
    return this.#seriesWhere(() => true);
  }

  #seriesWhere(wanted: (instrument: Instrument) => boolean): SeriesInfo[] {
    const rows: SeriesInfo[] = [];
    for (const { instrument } of this.#options.head.all()) {
      if (!wanted(instrument)) continue;
      const collector = this.#collectors.get(instrument.venue);
      if (!collector) continue;
      const { venue, symbol, base, quote } = instrument;
      const { market, liquidations } = collector;
      rows.push({ venue, market, symbol, base, quote, liquidations });
    }
    const order = [...this.#collectors.keys()];
    return rows.sort((a, b) => order.indexOf(a.venue) - order.indexOf(b.venue));
  }

  seriesOf(asset: string): SeriesInfo[] {
    const best = new Map<string, SeriesInfo>();
    const markets = this.#options.universe.marketsOf(asset);
    for (const info of this.#seriesWhere(({ base }) => base === asset)) {
      const chosen = markets
        .some((market) => market.venue === info.venue && market.symbol === info.symbol);
      if (chosen || !best.has(info.venue)) best.set(info.venue, info);
    }
    return [...best.values()];
  }

  latest(series: SeriesInfo): Readonly<Latest> | null {
    return this.#options.head.get(series.venue, series.symbol)?.latest ?? null;
  }

  /** Reads the directory of stored series, so that holes before this start are known as holes. */
  async loadFirstMinutes(): Promise<void> {
    for (const { venue, symbol, firstMs } of await this.#options.store.seriesList()) {
      this.#firstMs.set(seriesKey(venue, symbol), firstMs);
    }
  }

  ensure(asset: string): Promise<"watched" | "fetched" | "unlisted"> {
    return this.#options.ensure(asset);
  }

  async buckets(series: SeriesInfo, fromMs: number, toMs: number): Promise<Bucket[]> {
    const endMs = Math.min(toMs, (Math.floor(this.nowMs() / MINUTE_MS) + 1) * MINUTE_MS);
    const known = await this.#options.minutes.read(series, fromMs, endMs);
    const key = seriesKey(series.venue, series.symbol);
    const firstKnown = known.find((bucket) => bucket.source !== null);
    const firstMs = Math.min(this.#firstMs.get(key) ?? Infinity, firstKnown?.t ?? Infinity);
    this.#firstMs.set(key, firstMs);
    // Nothing is missing from before a series began, nor from before what is kept.
    const fromKnownMs = Math.max(fromMs, firstMs, this.#keptFromMs());
    const rows: Bucket[] = [];
    let next = 0;
    for (let t = Math.ceil(fromKnownMs / MINUTE_MS) * MINUTE_MS; t < endMs; t += MINUTE_MS) {
      while ((known[next]?.t ?? Infinity) < t) next++;
      const bucket = known[next];
      rows.push(bucket?.t === t ? bucket : emptyBucket(t));
    }
    return rows;
  }

  async past(
    series: SeriesInfo,
    fromMs: number,
    toMs: number,
    priced = false,
  ): Promise<Past> {
    const { quarters } = this.#options;
    return await quarters.past(series, Math.max(fromMs, this.#keptFromMs()), toMs, priced);
  }

  earlierBars({ venue, symbol }: SeriesInfo): EarlierBars | null {
    const { earlierDays, head } = this.#options;
    const series = head.get(venue, symbol);
    return series && earlierDays ? earlierDays.of(series) : null;
  }

  /**
   * From here on minutes are told. Never from inside a quarter-hour, which has its sums only
   * as a whole: the store keeps its rows until their hour is over.
   */
  #keptFromMs(): number {
    return barStart(this.#options.nowMs() - this.#options.keptMs, QUARTER_MINUTES);
  }

  async liquidationNorm(asset: string): Promise<LiquidationNorm> {
    return await this.#options.norms.of(asset, this.seriesOf(asset));
  }

  tickers(market: Market): readonly TickerRow[] {
    return this.#options.universe.tickers(market);
  }

  tickersMs(market: Market): number | null {
    return this.#options.universe.tickersMs(market);
  }
}

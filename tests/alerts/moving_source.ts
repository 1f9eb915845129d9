/** A market of made-up minutes whose clock a test turns: what is not over yet only forms. */
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { type Past, pastFrom } from "../../lib/market/past/past.ts";
import {
  type SeriesInfo,
  type Source,
  type TickerRow,
  unknownLatest,
} from "../../lib/market/source.ts";
import { normOf } from "../market/fake_source.ts";

export interface MovingMarket {
  readonly venue: string;
  readonly base: string;
  readonly buckets: readonly Bucket[];
}

export class MovingSource implements Source {
  now: number;
  /** Coverage is credited this long after a minute's end. */
  creditMs = 1_500;
  tickerRows: readonly TickerRow[] = [];
  tickersReadMs: number | null = null;
  readonly #markets: readonly {
    readonly info: SeriesInfo;
    readonly rows: ReadonlyMap<number, Bucket>;
  }[];

  constructor(markets: readonly MovingMarket[], now: number) {
    this.now = now;
    this.#markets = markets.map(({ venue, base, buckets }) => ({
      info: {
        venue,
        market: venue.endsWith("-spot") ? "spot" : "perp",
        symbol: `${base}USDT`,
        base,
        quote: "USDT",
        liquidations: venue.endsWith("-spot") ? "none" : "complete",
      },
      rows: new Map(buckets.map((bucket) => [bucket.t, bucket])),
    }));
  }

  nowMs = () => this.now;
  venues = () =>
    this.allSeries().map(({ venue, market }) => ({ venue, market, live: true, reason: null }));
  assets = () => [...new Set(this.allSeries().map(({ base }) => base))];
  listed = () => this.assets();
  allSeries = () => this.#markets.map(({ info }) => info);
  seriesOf = (asset: string) => this.allSeries().filter(({ base }) => base === asset);
  ensure = () => Promise.resolve("watched" as const);
  tickers = (market: string) => this.tickerRows.filter((row) => row.market === market);
  tickersMs = () => this.tickersReadMs;
  earlierBars = () => null;

  latest(info: SeriesInfo) {
    const rows = this.#rowsOf(info);
    const last = rows?.get(Math.floor(this.now / MINUTE_MS) * MINUTE_MS - MINUTE_MS);
    return {
      ...unknownLatest(),
      price: last?.c ?? null,
      tradeMs: typeof last?.c === "number" ? this.now : null,
    };
  }

  buckets(info: SeriesInfo, fromMs: number, toMs: number): Promise<readonly Bucket[]> {
    const held = this.#rowsOf(info);
    const rows: Bucket[] = [];
    const endMs = Math.min(toMs, Math.floor(this.now / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
    for (let t = fromMs; t < endMs; t += MINUTE_MS) {
      const bucket = held?.get(t);
      if (bucket) rows.push(this.#asOfNow(bucket));
    }
    return Promise.resolve(rows);
  }

  async past(info: SeriesInfo, fromMs: number, toMs: number): Promise<Past> {
    return pastFrom(await this.buckets(info, fromMs, toMs), { fromMs, toMs });
  }

  liquidationNorm(asset: string) {
    const markets = this.#markets.map(({ info, rows }) => (
      { info, row: { buckets: [...rows.values()] } }
    ));
    return Promise.resolve(normOf(markets, asset, this.now));
  }

  #rowsOf({ venue, base }: SeriesInfo): ReadonlyMap<number, Bucket> | undefined {
    return this.#markets.find(({ info }) => info.venue === venue && info.base === base)?.rows;
  }

  /** Sums grow evenly while a minute forms; it is whole when its coverage is credited. */
  #asOfNow(bucket: Bucket): Bucket {
    const over = (this.now - bucket.t) / MINUTE_MS;
    if (over >= 1) {
      const credited = this.now >= bucket.t + MINUTE_MS + this.creditMs;
      return credited ? bucket : { ...bucket, coverageMs: Math.min(bucket.coverageMs, 58_000) };
    }
    const part = (value: number | null) => value === null ? null : value * over;
    return {
      ...bucket,
      volQuote: part(bucket.volQuote),
      buyQuote: part(bucket.buyQuote),
      sellQuote: part(bucket.sellQuote),
      largeBuyQuote: part(bucket.largeBuyQuote),
      largeSellQuote: part(bucket.largeSellQuote),
      liqLongQuote: part(bucket.liqLongQuote),
      liqShortQuote: part(bucket.liqShortQuote),
      coverageMs: Math.floor(bucket.coverageMs * over),
    };
  }
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface WildOptions {
  readonly seed: number;
  readonly fromMs: number;
  readonly minutes: number;
  readonly spot?: boolean;
  /** One minute in so many is not whole. */
  readonly gapEvery?: number;
}

/** Minutes with bursts of everything. */
export function wildMinutes({ seed, fromMs, minutes, spot, gapEvery }: WildOptions): Bucket[] {
  const next = random(seed);
  const shared = random(1);
  let [price, oi, funding] = [100, 10_000, 0.0001];
  return Array.from({ length: minutes }, (_, i) => {
    const t = fromMs + i * MINUTE_MS;
    const storm = shared() < 0.06;
    const [turn, size] = [shared() - 0.5, storm ? 6 : 1];
    const open = price;
    price *= 1 + turn * 0.004 * size;
    oi *= 1 + (next() - 0.5) * 0.004 * size;
    if (next() < 0.05) funding = (next() - 0.4) * 0.0008;
    const volume = 50_000 * (0.5 + next()) * size;
    const buy = volume * Math.min(0.95, Math.max(0.05, 0.5 + turn + (next() - 0.5) * 0.4));
    const [long, short] = [
      storm && turn < 0 ? 400_000 * next() : 0,
      storm && turn > 0 ? 300_000 * next() : 0,
    ];
    const torn = gapEvery !== undefined && i % gapEvery === gapEvery - 1;
    return {
      ...emptyBucket(t),
      o: open,
      h: Math.max(open, price) * (1 + 0.002 * next()),
      l: Math.min(open, price) * (1 - 0.002 * next()),
      c: price * (1 + 0.002 * (next() - 0.5)),
      volBase: volume / price,
      volQuote: volume,
      buyBase: buy / price,
      sellBase: (volume - buy) / price,
      buyQuote: buy,
      sellQuote: volume - buy,
      buys: 100,
      sells: 100,
      largeBuyQuote: storm ? buy / 3 : 0,
      largeSellQuote: storm ? (volume - buy) / 4 : 0,
      liqLongQuote: spot ? null : long,
      liqShortQuote: spot ? null : short,
      liqLongs: spot ? null : long > 0 ? 9 : 0,
      liqShorts: spot ? null : short > 0 ? 9 : 0,
      oiBase: spot ? null : oi,
      fundingRate: spot ? null : funding,
      fundingIntervalHours: spot ? null : 8,
      imbalance: next() * 2 - 1,
      imbalanceSamples: 60,
      coverageMs: torn ? 40_000 : MINUTE_MS,
      source: "live",
    } satisfies Bucket;
  });
}

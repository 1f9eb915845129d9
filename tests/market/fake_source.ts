/**
 * A source built from hand-made minutes, and builders for them: for tests of everything
 * that asks questions.
 */
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { type Past, pastFrom } from "../../lib/market/past/past.ts";
import { normEnd, NormMinutes } from "../../lib/market/study/liquidation/norm.ts";
import type { EarlierBars } from "../../lib/market/study/same_time.ts";
import {
  type Latest,
  type SeriesInfo,
  type Source,
  type TickerRow,
  unknownLatest,
  type VenueInfo,
} from "../../lib/market/source.ts";

/** 2026-11-20 14:05:30 UTC: half of the forming minute is over. */
export const NOW_MS = Date.UTC(2026, 10, 20, 14, 5, 30);

export interface FakeSeries {
  /** `binance-spot`: the ending is the market. */
  readonly venue: string;
  readonly base?: string;
  readonly buckets?: readonly Bucket[];
  readonly latest?: Partial<Latest>;
  /** What it traded on earlier days. */
  readonly earlier?: EarlierBars;
  readonly liquidations?: SeriesInfo["liquidations"];
}

export interface FakeSourceOptions {
  readonly nowMs?: number;
  readonly series?: readonly FakeSeries[];
  readonly listed?: readonly string[];
  /** Assets whose series are there only because they were asked for. */
  readonly fetched?: readonly string[];
  readonly tickers?: readonly TickerRow[];
  readonly tickersMs?: number;
  /** Venues that are enabled; those of the series, all live, where not given. */
  readonly venues?: readonly VenueInfo[];
}

/** A live minute, covered whole, with taker volumes in quote. */
export function minute(t: number, buyQuote: number, sellQuote: number, more: Partial<Bucket> = {}) {
  return {
    ...emptyBucket(t),
    buyQuote,
    sellQuote,
    buyBase: buyQuote / 100,
    sellBase: sellQuote / 100,
    volQuote: buyQuote + sellQuote,
    volBase: (buyQuote + sellQuote) / 100,
    coverageMs: MINUTE_MS,
    source: "live",
    ...more,
  } satisfies Bucket;
}

/** Minutes one after the other from `fromMs`, each with its taker buy and sell volume. */
export function minutes(
  fromMs: number,
  count: number,
  flow: (index: number) => readonly [buyQuote: number, sellQuote: number],
): Bucket[] {
  return Array.from({ length: count }, (_, i) => {
    const [buy, sell] = flow(i);
    return minute(fromMs + i * MINUTE_MS, buy, sell);
  });
}

export function fakeSource(options: FakeSourceOptions = {}): Source {
  const { nowMs = NOW_MS, series = [], listed = [], tickers = [] } = options;
  const rows = series.map((row) => ({ info: infoOf(row), row }));
  const infos = rows.map(({ info }) => info);
  const find = (info: SeriesInfo) => rows.find((held) => held.info === info)?.row;
  const live = [...new Map(infos.map((info) => [info.venue, info])).values()];
  // As in memory, what was worked out once is there for the next question.
  const pasts = new Map<string, Past>();
  return {
    nowMs: () => nowMs,
    venues: () =>
      options.venues ??
        live.map(({ venue, market }) => ({ venue, market, live: true, reason: null })),
    assets: () => [...new Set(infos.map((info) => info.base))],
    listed: () => listed,
    seriesOf: (asset) => infos.filter((info) => info.base === asset),
    allSeries: () => infos,
    ensure(asset) {
      const held = infos.some((info) => info.base === asset);
      return Promise.resolve(
        !held ? "unlisted" : options.fetched?.includes(asset) ? "fetched" : "watched",
      );
    },
    latest: (info) => ({ ...unknownLatest(), ...find(info)?.latest }),
    buckets: (info, fromMs, toMs) =>
      Promise.resolve(
        (find(info)?.buckets ?? []).filter((b) => b.t >= fromMs && b.t < toMs && b.t <= nowMs),
      ),
    past: (info, fromMs, toMs, priced = info.market === "perp") => {
      const key = `${info.venue} ${info.base} ${fromMs} ${toMs} ${priced}`;
      const past = pasts.get(key) ?? pastFrom(find(info)?.buckets ?? [], { fromMs, toMs }, priced);
      pasts.set(key, past);
      return Promise.resolve(past);
    },
    liquidationNorm: (asset) => Promise.resolve(normOf(rows, asset, nowMs)),
    earlierBars: (info) => find(info)?.earlier ?? null,
    tickers: (market) => tickers.filter((row) => row.market === market),
    tickersMs: () => options.tickersMs ?? null,
  };
}

/** Of all minutes that a source has. */
export function normOf(
  rows: readonly {
    readonly info: SeriesInfo;
    readonly row: { readonly buckets?: readonly Bucket[] };
  }[],
  asset: string,
  nowMs: number,
) {
  const perps = rows.filter(({ info }) =>
    info.base === asset && info.market === "perp" && info.liquidations !== "none"
  );
  const buckets = perps.flatMap(({ row }) => row.buckets ?? []);
  const toMs = normEnd(nowMs);
  const minutes = new NormMinutes({ fromMs: Math.min(toMs, ...buckets.map(({ t }) => t)), toMs });
  minutes.add(buckets);
  return minutes.norm();
}

function infoOf({ venue, base = "BTC", liquidations = "complete" }: FakeSeries): SeriesInfo {
  return {
    venue,
    market: venue.endsWith("-spot") ? "spot" : venue.endsWith("-options") ? "options" : "perp",
    symbol: `${base}USDT`,
    base,
    quote: "USDT",
    liquidations,
  };
}

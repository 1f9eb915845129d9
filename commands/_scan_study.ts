// This module is pure.
/** Everything /volscan says: the watched symbols' spikes, and the whole market's movers. */
import { QUOTES } from "../lib/market/instrument.ts";
import type { SeriesInfo, Source, TickerRow } from "../lib/market/source.ts";
import { barStart, QUARTER_MINUTES } from "../lib/market/bucket.ts";
import { type BarStudy, minuteVolumes, studyBar, volumeSpan } from "../lib/market/study/volume.ts";
import { type Missing, type Trust, trustOf } from "../lib/market/trust.ts";
import { lastClosedBar, type Span, type Timeframe, timeframeName } from "../lib/market/windows.ts";
import { tickerTrust } from "./_tickers.ts";

/** So many watched symbols are scanned at most: each one's last day is read. */
export const SCAN_LIMIT = 40;

/** Markets with less turnover than this move by a single order. */
export const MOVER_TURNOVER_USD = 5_000_000;

const MOVERS = 5;

// Type aliases: the study leaves as the reply's data.

export type ScanRow = Omit<BarStudy, "used"> & {
  readonly symbol: string;
  /** The market that was scanned: the asset's first perpetual, else its first spot market. */
  readonly venue: string;
  readonly change24h: number | null;
  readonly quoteVolume24h: number | null;
};

export type Mover = {
  readonly symbol: string;
  /** The venue with most turnover, whose change it is. */
  readonly venue: string;
  readonly change24h: number;
  /** Of all venues of the market kind. */
  readonly quoteVolume24h: number;
};

export type ScanStudy = {
  readonly nowMs: number;
  readonly timeframe: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** By spike score, the largest first; unknown ones last. */
  readonly rows: readonly ScanRow[];
  readonly market: "perp" | "spot";
  readonly markets: number;
  readonly rising: readonly Mover[];
  readonly falling: readonly Mover[];
  readonly busiest: readonly Mover[];
  readonly tickersAgeMs: number | null;
  /** Enabled venues whose turnover is in no sum: no list of theirs was read. */
  readonly tickersWithout: readonly string[];
  /** Minutes are summed over the scanned markets. */
  readonly trust: Trust;
};

export async function studyScan(
  source: Source,
  timeframe: Timeframe,
  watched: readonly string[] = source.assets(),
): Promise<ScanStudy> {
  const nowMs = source.nowMs();
  const kind = source.tickers("perp").length > 0 ? "perp" : "spot";
  const movers = moversOf(source.tickers(kind));
  const bySymbol = new Map(movers.map((mover) => [mover.symbol, mover]));
  const rows: ScanRow[] = [];
  const trusts: Trust[] = [];
  for (const asset of watched.slice(0, SCAN_LIMIT)) {
    const info = scanned(source.seriesOf(asset));
    if (!info) continue;
    const { volumes, trust } = await readDay(source, info, timeframe, nowMs);
    const { used: _, ...bar } = studyBar([volumes], timeframe, nowMs);
    trusts.push(trust);
    const { change24h = null, quoteVolume24h = null } = bySymbol.get(asset) ?? {};
    rows.push({ symbol: asset, venue: info.venue, ...bar, change24h, quoteVolume24h });
  }
  const tickersMs = source.tickersMs(kind);
  const liquid = movers.filter((mover) => mover.quoteVolume24h >= MOVER_TURNOVER_USD);
  const byChange = liquid.toSorted((a, b) => b.change24h - a.change24h);
  return {
    nowMs,
    timeframe: timeframeName(timeframe),
    ...lastClosedBar(timeframe, nowMs),
    rows: rows.sort(byScore),
    market: kind,
    markets: movers.length,
    rising: byChange.filter((mover) => mover.change24h > 0).slice(0, MOVERS),
    falling: byChange.filter((mover) => mover.change24h < 0).slice(-MOVERS).toReversed(),
    busiest: movers.toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h).slice(0, MOVERS),
    tickersAgeMs: tickersMs === null ? null : Math.max(0, nowMs - tickersMs),
    // Spot stands in for perpetuals of which nothing was read, so those are missing as well.
    tickersWithout: [
      ...tickerTrust(source, "perp").missing,
      ...(kind === "spot" ? tickerTrust(source, "spot").missing : []),
    ],
    trust: joinTrusts(trusts),
  };
}

/** All but the minutes of the forming quarter-hour are in memory as volumes. */
async function readDay(source: Source, info: SeriesInfo, timeframe: Timeframe, nowMs: number) {
  const asked = volumeSpan([timeframe], nowMs);
  const short = timeframe < QUARTER_MINUTES;
  const span: Span = short ? asked : { ...asked, toMs: barStart(asked.toMs, timeframe) };
  const formingMs = barStart(nowMs, QUARTER_MINUTES);
  const past = await source.past(info, span.fromMs, Math.min(formingMs, span.toMs));
  const buckets = short ? await source.buckets(info, formingMs, span.toMs) : [];
  const { venue } = info;
  const newestMs = source.latest(info)?.tradeMs ?? null;
  const trust = trustOf([{ venue, past, buckets, newestMs }], span, nowMs);
  return { volumes: minuteVolumes({ past, buckets }, span), trust };
}

function scanned(series: readonly SeriesInfo[]): SeriesInfo | undefined {
  return series.find((info) => info.market === "perp") ??
    series.find((info) => info.market === "spot");
}

function byScore(a: ScanRow, b: ScanRow): number {
  if (a.spikeScore === null || b.spikeScore === null) {
    return Number(a.spikeScore === null) - Number(b.spikeScore === null);
  }
  return b.spikeScore - a.spikeScore;
}

/** One row per asset: turnover of all venues, change of the one with most of it. */
function moversOf(tickers: readonly TickerRow[]): Mover[] {
  const best = new Map<string, { row: TickerRow; change24h: number; total: number }>();
  for (const row of tickers) {
    if (row.change24h === null || !QUOTES.includes(row.quote)) continue;
    const held = best.get(row.base);
    const total = (held?.total ?? 0) + row.quoteVolume24h;
    const larger = !held || row.quoteVolume24h > held.row.quoteVolume24h;
    best.set(row.base, larger ? { row, change24h: row.change24h, total } : { ...held, total });
  }
  return [...best].map(([symbol, { row, change24h, total }]) => ({
    symbol,
    venue: row.venue,
    change24h,
    quoteVolume24h: total,
  }));
}

/** The counts of several markets' minutes together. */
function joinTrusts(trusts: readonly Trust[]): Trust {
  const missing = new Map<string, number>();
  for (const trust of trusts) {
    for (const { venue, minutes } of trust.missing) {
      missing.set(venue, (missing.get(venue) ?? 0) + minutes);
    }
  }
  const sum = (pick: (trust: Trust) => number) => trusts.reduce((n, trust) => n + pick(trust), 0);
  const ages = trusts.flatMap(({ ageMs }) => ageMs === null ? [] : [ageMs]);
  return {
    minutesComplete: sum((trust) => trust.minutesComplete),
    minutesAsked: sum((trust) => trust.minutesAsked),
    missing: [...missing].map(([venue, minutes]): Missing => ({ venue, minutes })),
    repaired: sum((trust) => trust.repaired),
    candle: sum((trust) => trust.candle),
    ageMs: ages.length === 0 ? null : Math.min(...ages),
  };
}

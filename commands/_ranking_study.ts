// This module is pure.
/** Everything /top10 says, computed: the venues' 24 h tickers, asset by asset. */
import type { Source, TickerRow } from "../lib/market/source.ts";
import { Sum } from "../lib/market/sum.ts";
import { isOld, OI_FRESH_MS } from "./_ages.ts";
import type { TapeMarket } from "./_tape.ts";
import { type TickerTrust, tickerTrust } from "./_tickers.ts";

const PLACES = 10;

// Type aliases: the study leaves as the reply's data.

export type RankedAsset = {
  readonly symbol: string;
  readonly lastPrice: number;
  /** Turnover of the rolling 24 h, summed over the venues. */
  readonly quoteVolume24h: number;
  /** Fraction, of the venue with the largest turnover that tells it. */
  readonly change24h: number | null;
  /** USD, summed over the venues that tell it; `null` where none does, and of spot. */
  readonly oiQuote: number | null;
  /** Some venue's OI is unknown, so the sum is a lower bound. */
  readonly oiPartial: boolean;
  readonly venues: readonly string[];
};

export type RankingStudy = {
  readonly market: TapeMarket;
  readonly nowMs: number;
  /** Assets that have a ticker. */
  readonly assets: number;
  readonly byVolume: readonly RankedAsset[];
  /** Empty for spot. */
  readonly byInterest: readonly RankedAsset[];
  readonly trust: TickerTrust;
};

export function studyRanking(source: Source, market: TapeMarket): RankingStudy {
  const byAsset = new Map<string, TickerRow[]>();
  for (const row of source.tickers(market)) {
    const held = byAsset.get(row.base);
    if (held) held.push(row);
    else byAsset.set(row.base, [row]);
  }
  const interest = market === "perp" ? streamedInterest(source) : new Map<string, number>();
  const assets = [...byAsset.values()].flatMap((rows) => rankedAsset(rows, interest));
  return {
    market,
    nowMs: source.nowMs(),
    assets: assets.length,
    byVolume: assets.toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h).slice(0, PLACES),
    byInterest: assets
      .filter((asset) => asset.oiQuote !== null)
      .sort((a, b) => (b.oiQuote ?? 0) - (a.oiQuote ?? 0))
      .slice(0, PLACES),
    trust: tickerTrust(source, market),
  };
}

/**
 * OI of the watched markets, by `venue:asset`: some venues' tickers have none. Of a market
 * that was read for one question, or whose stream is cut, it is soon too old for a sum that
 * tells no age but the list's.
 */
function streamedInterest(source: Source): Map<string, number> {
  const nowMs = source.nowMs();
  const interest = new Map<string, number>();
  for (const info of source.allSeries()) {
    if (info.market !== "perp") continue;
    const { oiBase = null, oiMs = null } = source.latest(info) ?? {};
    const old = isOld(oiBase, oiMs === null ? null : nowMs - oiMs, OI_FRESH_MS);
    if (oiBase !== null && !old) interest.set(`${info.venue}:${info.base}`, oiBase);
  }
  return interest;
}

function rankedAsset(
  rows: readonly TickerRow[],
  streamed: ReadonlyMap<string, number>,
): RankedAsset[] {
  const sorted = rows.toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h);
  const [leader] = sorted;
  if (!leader) return [];
  const volume = new Sum();
  const interest = new Sum();
  let unknown = 0;
  for (const { venue, base, quoteVolume24h, oiBase, lastPrice } of sorted) {
    volume.add(quoteVolume24h);
    const coins = streamed.get(`${venue}:${base}`) ?? oiBase;
    if (coins === null) unknown++;
    else interest.add(coins * lastPrice);
  }
  return [{
    symbol: leader.base,
    lastPrice: leader.lastPrice,
    quoteVolume24h: volume.value,
    change24h: sorted.find((row) => row.change24h !== null)?.change24h ?? null,
    oiQuote: unknown === sorted.length ? null : interest.value,
    oiPartial: unknown > 0 && unknown < sorted.length,
    venues: sorted.map((row) => row.venue),
  }];
}

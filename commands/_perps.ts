// This module is pure.
/** The source as questions about derivatives see it: perpetuals only. */
import type { Market } from "../lib/market/collector.ts";
import type { Source } from "../lib/market/source.ts";
import { type Timeframe, timeframeName, TIMEFRAMES } from "../lib/market/windows.ts";
import type { Button } from "../lib/reply/command.ts";
import { askChart } from "./_chart_tape.ts";

/** A view in which spot and options do not exist, so that a day of them is not read either. */
export function perpsOf(source: Source): Source {
  const isPerp = ({ market }: { readonly market: Market }) => market === "perp";
  return {
    nowMs: () => source.nowMs(),
    venues: () => source.venues().filter(isPerp),
    assets: () => source.assets(),
    listed: () => source.listed(),
    seriesOf: (asset) => source.seriesOf(asset).filter(isPerp),
    allSeries: () => source.allSeries().filter(isPerp),
    ensure: (asset) => source.ensure(asset),
    latest: (series) => source.latest(series),
    buckets: (series, fromMs, toMs) => source.buckets(series, fromMs, toMs),
    past: (series, fromMs, toMs, priced) => source.past(series, fromMs, toMs, priced),
    liquidationNorm: (asset) => source.liquidationNorm(asset),
    earlierBars: (series) => source.earlierBars(series),
    tickers: (market) => market === "perp" ? source.tickers(market) : [],
    tickersMs: (market) => market === "perp" ? source.tickersMs(market) : null,
  };
}

/** `binance-perp` under a heading that says perp is `binance`. */
export function shortVenue(venue: string, market: Market = "perp"): string {
  return venue.endsWith(`-${market}`) ? venue.slice(0, -market.length - 1) : venue;
}

/** Buttons of a question about one asset: itself, its picture, and its neighbours. */
export function perpButtons(name: string, asset: string, shown: Timeframe, chart: boolean) {
  const numbers: Button = { label: chart ? "Numbers" : "Refresh", ask: `/${name} ${asset}` };
  const neighbours = [["oi", "OI"], ["funding", "Funding"], ["liquidations", "Liquidations"]]
    .filter(([other]) => other !== name)
    .map(([other, label = ""]): Button => ({ label, ask: `/${other} ${asset}` }));
  const rest = [...neighbours, { label: "CVD", ask: `/cvd ${asset} 15m` }];
  if (!chart) return [[numbers, { label: "Chart", ask: askChart(`/${name} ${asset}`) }], rest];
  const timeframes = TIMEFRAMES.map((timeframe): Button => ({
    label: timeframe === shown ? `· ${timeframeName(timeframe)} ·` : timeframeName(timeframe),
    ask: askChart(`/${name} ${asset} ${timeframeName(timeframe)}`),
  }));
  return [timeframes, [numbers, ...rest]];
}

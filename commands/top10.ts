// This module is pure.
/** `/top10`: the busiest assets of all that the venues list, watched or not. */
import type { Source } from "../lib/market/source.ts";
import type { Button, Command, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape, pre } from "../lib/reply/html.ts";
import { compact, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { type RankedAsset, type RankingStudy, studyRanking } from "./_ranking_study.ts";
import type { TapeMarket } from "./_tape.ts";
import { tickerTrustLine } from "./_tickers.ts";

/** What people call the two lists. */
const NAMES: Readonly<Record<string, TapeMarket>> = {
  spot: "spot",
  spots: "spot",
  perp: "perp",
  perps: "perp",
  perpetual: "perp",
  perpetuals: "perp",
  futures: "perp",
};

export const top10: Command = {
  name: "top10",
  usage: "[spot|perps]",
  description: "Largest by 24 h volume, perpetuals also by open interest",
  details: [
    "Volume and OI in USD, summed over the enabled venues; every listed asset takes part.",
    "≥: some venue's OI is unknown, so the sum is a lower bound. Example: /top10 spot",
  ],
  formulas: [
    "volume = Σ over the venues of the 24 h quote turnover in their tickers",
    "24 h = change in the ticker of the venue with the largest turnover",
    "OI USD = Σ OI coins × last price; the stream's OI while younger than 5 minutes, else the " +
    "ticker's",
    "one market an asset and venue: the one with the preferred dollar quote",
  ],
  async run({ words, source, asker, desk }) {
    const [typed = hasPerps(source) ? "perps" : "spot", extra] = words;
    const market = Object.hasOwn(NAMES, typed.toLowerCase())
      ? NAMES[typed.toLowerCase()]
      : undefined;
    if (market === undefined) return unknown(typed);
    if (extra !== undefined) return unknown(extra);
    const study = studyRanking(source, market);
    return {
      html: page(study, await zoneOf({ asker, desk })),
      data: study,
      buttons: buttons(study),
    };
  },
};

function hasPerps(source: Source): boolean {
  return source.venues().some(({ market }) => market === "perp");
}

function unknown(typed: string): Reply {
  return {
    html: `No list <b>${echo(typed)}</b>. There are two: spot perps`,
    data: { problem: { kind: "list", typed: clean(typed), nearest: ["spot", "perps"] } },
    buttons: [listButtons()],
  };
}

function listButtons(): Button[] {
  return [{ label: "Perps", ask: "/top10 perps" }, { label: "Spot", ask: "/top10 spot" }];
}

function page(study: RankingStudy, zone: Zone): string {
  const { market, byVolume, byInterest, assets, nowMs } = study;
  const spot = market === "spot";
  const head = spot ? ["by volume", "24 h USD", "24 h"] : ["by volume", "24 h USD", "24 h", "OI"];
  return [
    `${bold(`Top 10 ${spot ? "spot" : "perpetuals"}`)} · ${clock(nowMs, zone)} ${
      escape(zone.label)
    }`,
    ...(byVolume.length === 0 ? ["No tickers read yet"] : []),
    ...list(head, byVolume, (row) => [compact(row.quoteVolume24h), change(row), oi(row)]),
    ...list(["by OI", "OI USD", "24 h", "volume"], byInterest, (row) => [
      oi(row),
      change(row),
      compact(row.quoteVolume24h),
    ]),
    ...([...byVolume, ...byInterest].some((row) => row.oiPartial)
      ? ["≥ a venue's OI is unknown"]
      : []),
    `Of ${assets} assets, USD over all venues`,
    tickerTrustLine(study.trust),
  ].join("\n");
}

function list(
  head: readonly string[],
  rows: readonly RankedAsset[],
  cells: (row: RankedAsset) => readonly string[],
): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row, i) => [`${i + 1} ${row.symbol}`, ...cells(row)]);
  return [pre(table(head, lines))];
}

function change({ change24h }: RankedAsset): string {
  return signedPercent(change24h, 1);
}

function oi({ oiQuote, oiPartial }: RankedAsset): string {
  return (oiPartial ? "≥" : "") + compact(oiQuote);
}

function buttons({ market, byVolume }: RankingStudy): Button[][] {
  const assets = byVolume.slice(0, 5).map(({ symbol }) => ({
    label: symbol,
    ask: `/price ${symbol}`,
  }));
  const refresh = { label: "Refresh", ask: market === "spot" ? "/top10 spot" : "/top10 perps" };
  return [...(assets.length > 0 ? [assets] : []), [...listButtons(), refresh]];
}

// This module is pure.
/** `/price`: the newest values of one asset, venue by venue. */
import { type Timeframe, timeframeName, TIMEFRAMES } from "../lib/market/windows.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Button, Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { basisPoints, compact, price as priceText, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { age, clock, duration } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { oldInterest, oldMarksAndRates, oldTickers } from "./_ages.ts";
import { askChart, chartAsked } from "./_chart_tape.ts";
import { priceChart } from "./_flow_charts.ts";
import { isFresh, type PriceRow, type PriceStudy, studyPrice } from "./_price_study.ts";
import { originRemarks, type TapeMarket } from "./_tape.ts";

export const price: Command = {
  name: "price",
  usage: "[symbol] [chart]",
  description: "Last price, 24 h, mark, funding and OI per venue",
  details: [
    "Last trade per venue; 24 h change and turnover are the venue's rolling window.",
    "Funding is per interval; OI is one side, in coins and in USD.",
    "Example: /price ETH, or just ETH",
  ],
  formulas: [
    "last = price of the newest trade of the venue; older than a minute it shows its age",
    "24 h change and turnover = the venue's own rolling 24 h ticker; older than 2 minutes they " +
    "show the age of the oldest list",
    "OI USD = OI in coins, one side × mark price; older than 5 minutes it shows its age, mark " +
    "and funding when older than 2",
    "spread = (highest − lowest) ÷ lowest, of last prices younger than a minute",
    "minutes of the last line = the last 5 closed minutes",
  ],
  async run({ words: typed, source, asker, desk }) {
    const { words, chart } = chartAsked(typed);
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset, timeframe } = read;
    // A timeframe means nothing to a price, so a wrong one does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/price ${name}`);
    }
    const study = await studyPrice(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: chart ? chartButtons(asset, timeframe) : buttons(asset),
      ...(chart ? { chart: await priceChart(source, asset, timeframe) } : {}),
    };
  },
};

function buttons(asset: string): Button[][] {
  return [[
    { label: "Refresh", ask: `/price ${asset}` },
    { label: "Chart", ask: askChart(`/price ${asset}`) },
    { label: "CVD", ask: `/cvd ${asset} 15m` },
  ]];
}

/** The picture has candles, and they a timeframe. */
function chartButtons(asset: string, shown: Timeframe): Button[][] {
  const ask = (timeframe: Timeframe) => askChart(`/price ${asset} ${timeframeName(timeframe)}`);
  const timeframes = TIMEFRAMES.map((timeframe) => ({
    label: timeframe === shown ? `· ${timeframeName(timeframe)} ·` : timeframeName(timeframe),
    ask: ask(timeframe),
  }));
  return [timeframes, [
    { label: "Refresh", ask: ask(shown) },
    { label: "Numbers", ask: `/price ${asset}` },
    { label: "CVD", ask: askChart(`/cvd ${asset} ${timeframeName(shown)}`) },
  ]];
}

function page(study: PriceStudy, remarks: readonly string[], zone: Zone): string {
  return [
    heading(study, zone),
    ...lastTable(study.rows, "spot"),
    ...lastTable(study.rows, "perp"),
    ...derivativeTables(study),
    ...spreads(study),
    ...aged(study.rows),
    ...oldTickers(study.rows),
    ...oldMarksAndRates(study.rows),
    ...oldInterest(study.rows),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function heading({ symbol, rows, nowMs }: PriceStudy, zone: Zone): string {
  const shown = rows.find(isFresh) ?? rows.find((row) => row.price !== null);
  const now = `${clock(nowMs, zone)} ${escape(zone.label)}`;
  if (!shown) return `${bold(symbol)} · no price yet · ${now}`;
  return `${bold(`${symbol} ${priceText(shown.price)}`)} · ${escape(shown.venue)} · ${now}`;
}

function lastTable(all: readonly PriceRow[], market: TapeMarket): string[] {
  const rows = all.filter((row) => row.market === market);
  if (rows.length === 0) return [];
  const cells = rows.map((row) => [
    shortName(row),
    priceText(row.price),
    signedPercent(row.change24h, 1),
    compact(row.quoteVolume24h),
  ]);
  return [pre(table([market, "last", "24 h", "turnover"], cells))];
}

function derivativeTables({ rows, nowMs }: PriceStudy): string[] {
  const perps = rows.filter((row) => row.market === "perp");
  if (perps.length === 0) return [];
  const funding = perps.map((row) => [
    shortName(row),
    priceText(row.markPrice),
    signedPercent(row.fundingRate, 4),
    row.fundingIntervalHours === null ? "—" : `${row.fundingIntervalHours}h`,
  ]);
  const interest = perps.map((row) => [
    shortName(row),
    compact(row.oiBase),
    compact(row.oiQuote),
    duration(row.nextFundingMs === null ? null : row.nextFundingMs - nowMs),
  ]);
  return [
    pre(table(["perp", "mark", "funding", "per"], funding)),
    pre(table(["perp", "OI coins", "OI USD", "funds in"], interest)),
  ];
}

function spreads({ spread }: PriceStudy): string[] {
  const markets: readonly TapeMarket[] = ["spot", "perp"];
  return markets.flatMap((market) => {
    const found = spread[market];
    if (!found) return [];
    const { fraction, lowVenue, highVenue } = found;
    const between = fraction === 0 ? "" : ` (${escape(lowVenue)} → ${escape(highVenue)})`;
    return [`Spread ${market} ${basisPoints(fraction)}${between}`];
  });
}

/** Prices that are not of this minute say so. */
function aged(rows: readonly PriceRow[]): string[] {
  return rows.filter((row) => row.price !== null && !isFresh(row)).map((row) => {
    const from = row.priceFrom === "ticker" ? "24 h ticker, " : "";
    return `${escape(row.venue)}: ${from}${row.ageMs === null ? "age unknown" : age(row.ageMs)}`;
  });
}

/** `binance-perp` under the heading `perp` is `binance`. */
function shortName({ venue, market }: PriceRow): string {
  return venue.endsWith(`-${market}`) ? venue.slice(0, -market.length - 1) : venue;
}

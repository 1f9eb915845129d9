// This module is pure.
/** `/funding`: what holding a perpetual costs, in one measure for all intervals. */
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Button, Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock, duration } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { oldInterest, oldMarksAndRates } from "./_ages.ts";
import {
  type ExtremeRow,
  type FundingExtremes,
  type FundingStudy,
  studyExtremes,
  studyFunding,
} from "./_funding_study.ts";
import { shortVenue } from "./_perps.ts";
import { originRemarks } from "./_tape.ts";
import { tickerTrustLine } from "./_tickers.ts";

export const funding: Command = {
  name: "funding",
  usage: "[symbol]",
  description: "Funding per venue, 8 h and yearly; without a symbol the extremes",
  details: [
    "Longs pay shorts where the rate is positive. Per interval, as 8 h, and as APR.",
    "Without a symbol: the highest and the lowest five of all perpetuals.",
    "Example: /funding SOL",
  ],
  formulas: [
    "8 h = rate × 8 ÷ interval hours",
    "APR = rate × 8760 ÷ interval hours, simple, not compounded",
    "mean = Σ OI USD × rate ÷ Σ OI USD, of the venues that know both",
    "extremes = by 8 h equivalent; streams of watched markets while younger than 2 minutes, " +
    "else tickers that carry a rate",
    "an interval that no stream told is taken as 8 h and marked ?",
  ],
  async run({ words, source, asker, desk }) {
    const zone = await zoneOf({ asker, desk });
    if (words.length === 0) {
      const study = studyExtremes(source);
      return { html: market(study, zone), data: study, buttons: extremeButtons(study) };
    }
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset } = read;
    // A timeframe means nothing to a rate, so a wrong one does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/funding ${name}`);
    }
    const study = await studyFunding(source, asset);
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: [[
        { label: "Refresh", ask: `/funding ${asset}` },
        { label: "Extremes", ask: "/funding" },
        { label: "OI", ask: `/oi ${asset}` },
      ]],
    };
  },
};

function page(study: FundingStudy, remarks: readonly string[], zone: Zone): string {
  const { rows, nowMs } = study;
  const rates = rows.map((row) => [
    shortVenue(row.venue),
    signedPercent(row.fundingRate, 4),
    interval(row),
    duration(row.nextFundingMs === null ? null : row.nextFundingMs - nowMs),
  ]);
  const measures = rows.map((row) => [
    shortVenue(row.venue),
    signedPercent(row.rate8h, 4),
    signedPercent(row.apr, 1),
    compact(row.oiQuote),
  ]);
  return [
    `${bold(`${study.symbol} funding`)} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    pre(table(["perp", "rate", "per", "next in"], rates)),
    pre(table(["perp", "8 h", "APR", "OI USD"], measures)),
    meanLine(study),
    ...assumed(rows),
    ...oldMarksAndRates(rows),
    ...oldInterest(rows),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function meanLine({ mean }: FundingStudy): string {
  const { rate8h, apr, without } = mean;
  const left = without.length === 0 ? "" : `, without ${without.map(escape).join(", ")}`;
  return rate8h === null
    ? "No mean: no venue knows both its rate and its OI"
    : `Mean by OI: 8 h ${signedPercent(rate8h, 4)}, APR ${signedPercent(apr, 1)}${left}`;
}

interface Interval {
  readonly fundingIntervalHours: number;
  readonly intervalAssumed: boolean;
}

function interval({ fundingIntervalHours, intervalAssumed }: Interval): string {
  return `${fundingIntervalHours}h${intervalAssumed ? "?" : ""}`;
}

function assumed(rows: readonly Interval[]): string[] {
  return rows.some((row) => row.intervalAssumed) ? ["? interval not told, 8 h assumed"] : [];
}

function market(study: FundingExtremes, zone: Zone): string {
  const { highest, lowest, known, listed, nowMs } = study;
  return [
    `${bold("Funding extremes")} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    ...ends("highest", highest),
    ...ends("lowest", lowest),
    `By 8 h equivalent; rates of ${known} of ${listed} perpetuals are known`,
    ...assumed([...highest, ...lowest]),
    tickerTrustLine(study.trust),
  ].join("\n");
}

function ends(name: string, rows: readonly ExtremeRow[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => [
    `${row.base} ${shortVenue(row.venue)}`,
    signedPercent(row.fundingRate, 4),
    interval(row),
    signedPercent(row.apr, 1),
  ]);
  return [pre(table([name, "rate", "per", "APR"], cells))];
}

function extremeButtons({ highest, lowest }: FundingExtremes): Button[][] {
  const bases = new Set(
    [highest[0], highest[1], lowest[0], lowest[1]].flatMap((row) => row ? [row.base] : []),
  );
  const rows = [[{ label: "Refresh", ask: "/funding" }]];
  const assets = [...bases].map((base) => ({ label: base, ask: `/funding ${base}` }));
  return assets.length === 0 ? rows : [assets, ...rows];
}

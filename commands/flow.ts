// This module is pure.
/** `/flow`: who presses, how large, against which book, and whether the price believes it. */
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, percent, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import {
  type PressureStudy,
  type PressureWindow,
  studyPressure,
  type WindowDivergence,
} from "./_pressure_study.ts";
import { originRemarks } from "./_tape.ts";
import { neighbours, shortPercent } from "./_texts.ts";

export const flow: Command = {
  name: "flow",
  usage: "[symbol]",
  description: "Delta, large trades, book, spot against perps, divergence",
  details: [
    "Five windows of closed minutes; Δ = taker buy − taker sell, in USD.",
    "Large = prints of one side within 50 ms, from 25k USD or the 99.5th percentile of 24 h.",
    "Book = (bid − ask) ÷ (bid + ask) of the quote depth in the top 20 levels.",
    "Divergence: the price makes a new high or low while CVD does not.",
    "Example: /flow ETH",
  ],
  formulas: [
    "Δ = Σ taker buy − Σ taker sell; Δ% = Δ ÷ (buy + sell)",
    "large share = large ÷ all taker volume of the minutes in which both are known",
    "spot share = spot volume ÷ (spot + perp)",
    "book = (bid − ask) ÷ (bid + ask), top 20 levels; 5m and 60m are means of its samples",
    "divergence: the last fifth of the window against the four before it; price by its " +
    "minute highs and lows, CVD anchored at the window's start, whole venues only",
  ],
  async run({ words, source, commands, asker, desk }) {
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset } = read;
    // All five windows are shown, so a timeframe that is typed does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/flow ${name}`);
    }
    const study = await studyPressure(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: [[
        { label: "Refresh", ask: `/flow ${asset}` },
        ...neighbours(commands, asset, ["cvd", "oi", "volume"]),
      ]],
    };
  },
};

function page(study: PressureStudy, remarks: readonly string[], zone: Zone): string {
  return [
    `${bold(`${study.symbol} flow`)} · ${clock(study.nowMs, zone)} ${escape(zone.label)}`,
    pre(deltaLines(study)),
    pre(largeLines(study)),
    ...largeRemark(study),
    ...bookText(study),
    ...spotText(study),
    ...divergenceText(study),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function deltaLines({ windows }: PressureStudy): string[] {
  const rows = Object.entries(windows).map(([name, { spot, perp, all }]) => [
    name,
    delta(spot.delta),
    delta(perp.delta),
    delta(all.delta),
    signedPercent(all.deltaPct, 1),
  ]);
  return table(["", "spot Δ", "perp Δ", "all Δ", "Δ%"], rows);
}

/** Candles tell the sides and no large trades: a window may know less of these than of those. */
function isPartial({ large }: PressureWindow): boolean {
  return large.missing > 0 && large.largeDelta !== null;
}

function largeRemark({ windows }: PressureStudy): string[] {
  return Object.values(windows).some(isPartial) ? ["! large trades of some minutes unknown"] : [];
}

function largeLines({ windows }: PressureStudy): string[] {
  const rows = Object.entries(windows).map(([name, window]) => [
    isPartial(window) ? `${name}!` : name,
    compact(window.large.largeBuyQuote),
    compact(window.large.largeSellQuote),
    delta(window.large.largeDelta),
    percent(window.large.largeShare, 1),
  ]);
  return table(["large", "buy", "sell", "Δ", "share"], rows);
}

function bookText({ book }: PressureStudy): string[] {
  if (book.rows.length === 0) return [];
  const rows = book.rows.map((row) => [
    row.venue,
    signedPercent(row.imbalance, 0),
    signedPercent(row.imbalance5m, 0),
    signedPercent(row.imbalance60m, 0),
  ]);
  return [pre(table([`book, top ${book.levels}`, "now", "5m", "60m"], rows))];
}

function spotText({ windows }: PressureStudy): string[] {
  const told = Object.entries(windows).filter(([, window]) => window.spotWithPerp !== null);
  const last = told.at(-1);
  if (!last) return [];
  const against = told.flatMap(([name, { spotWithPerp }]) => spotWithPerp ? [] : [name]);
  const [name, { spotShare }] = last;
  const share = `spot is ${percent(spotShare, 0)} of the volume (${name})`;
  return against.length === 0
    ? [`Spot and perps press the same way; ${share}`]
    : [`Spot against perps: ${against.join(" ")}; ${share}`];
}

function divergenceText({ divergence, venues }: PressureStudy): string[] {
  const all = Object.entries(divergence);
  const of = (verdict: WindowDivergence["verdict"]) =>
    all.flatMap(([name, found]) => found.verdict === verdict ? [name] : []);
  const [none, unknown] = [of("none"), of(null)];
  return [
    ...all.flatMap(([name, found]) => found ? verdictText(name, found, venues.length) : []),
    ...(none.length > 0 ? [`No CVD divergence: ${none.join(" ")}`] : []),
    ...(unknown.length > 0 ? [`CVD divergence —, minutes missing: ${unknown.join(" ")}`] : []),
  ];
}

function verdictText(name: string, found: WindowDivergence, venueCount: number): string[] {
  const bearish = found.verdict === "bearish";
  const extreme = bearish ? found.high : found.low;
  if (!extreme || (!bearish && found.verdict !== "bullish")) return [];
  const of = found.venues.length === venueCount ? "" : ` (${found.venues.map(escape).join(", ")})`;
  const what = bearish ? "high" : "low";
  return [
    `${bold(`CVD divergence ${name}, ${found.verdict}`)}: new ${what}, price ` +
    `${shortPercent(extreme.priceChange)}, CVD ${delta(extreme.cvdChange)} against its own${of}`,
  ];
}

// This module is pure.
/** `/liquidations`: whose positions were closed by force, over five windows, and a cascade. */
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, percent, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock, clockAndDay } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { chartAsked } from "./_chart_tape.ts";
import { type LiquidationStudy, studyLiquidations } from "./_liquidation_study.ts";
import { liquidationsChart } from "./_perp_charts.ts";
import { perpButtons } from "./_perps.ts";
import { originRemarks } from "./_tape.ts";

export const liquidations: Command = {
  name: "liquidations",
  usage: "[symbol] [chart]",
  description: "Liquidated longs and shorts, ΔOI, cascade state",
  details: [
    "By the position that was closed, in USD, with the number of liquidations.",
    "≥: a venue publishes only a sample (at most one a second), so the total is a lower bound.",
    "Cascade: 60 s in which one side reaches the trigger, with 5 or more events, 70 % on that " +
    "side, and the price moving with it by one ATR(14, 1m). Example: /liquidations ETH",
  ],
  formulas: [
    "notional = filled size × average price (Binance) or × bankruptcy price (Bybit), USD",
    "window = Σ over the last 5, 15, 60, 240 and 1440 closed minutes of all perpetuals",
    "a minute that was not heard from end to end is missing; what was heard of it is counted",
    "ΔOI = OI at the window's end − at its start, coins, venues that know both ends",
    "cascade trigger = max(250 000 USD, 99th percentile of the larger side of all minutes that " +
    "are stored before the last full hour)",
    "cascade: in 60 s one side ≥ trigger, ≥ 5 events, ≥ 70 % of both sides, and the price went " +
    "≥ 1 × ATR(14, 1m) that way; it ends when 60 s pass below half of the trigger",
    "severity = 1, + 1 from twice the trigger, + 1 where OI fell by more than 0.25 %",
    "here it is judged on closed minutes, by alerts on the forming one too",
  ],
  async run({ words: typed, source, asker, desk }) {
    const { words, chart } = chartAsked(typed);
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset, timeframe } = read;
    // All windows are shown, so a wrong timeframe does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/liquidations ${name}`);
    }
    const study = await studyLiquidations(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: perpButtons("liquidations", asset, timeframe, chart),
      ...(chart ? { chart: await liquidationsChart(source, asset, timeframe) } : {}),
    };
  },
};

function page(study: LiquidationStudy, remarks: readonly string[], zone: Zone): string {
  return [
    `${bold(`${study.symbol} liquidations`)} · ${clock(study.nowMs, zone)} ${escape(zone.label)}`,
    pre(sideLines(study)),
    pre(totalLines(study)),
    largestLine(study, zone),
    ...cascadeLines(study, zone),
    ...legend(study),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

/** `≥` before a known total of which a venue publishes a sample only. */
function bound({ sampled }: LiquidationStudy, value: number | null): string {
  return (sampled.length > 0 && value !== null ? "≥" : "") + compact(value);
}

function mark({ missing }: { readonly missing: number }): string {
  return missing > 0 ? "!" : "";
}

function sideLines(study: LiquidationStudy): string[] {
  const rows = Object.entries(study.windows).map(([name, window]) => [
    name + mark(window),
    bound(study, window.longQuote),
    compact(window.longs),
    bound(study, window.shortQuote),
    compact(window.shorts),
  ]);
  return table(["", "longs", "n", "shorts", "n"], rows);
}

function totalLines(study: LiquidationStudy): string[] {
  const rows = Object.entries(study.windows).map(([name, window]) => [
    name + mark(window),
    bound(study, window.quote),
    percent(window.longShare, 0),
    delta(window.oi.deltaBase),
    signedPercent(window.oi.deltaPct),
  ]);
  return table(["", "USD", "long", "ΔOI", "ΔOI%"], rows);
}

function largestLine(study: LiquidationStudy, zone: Zone): string {
  const { largest, nowMs, venues } = study;
  if (venues.length === 0) return "No venue that publishes liquidations is heard";
  if (!largest) return "No liquidation in the minutes known";
  const { t, position, quote, count } = largest;
  return `Largest minute ${clockAndDay(t, nowMs, zone)}: ${position}s ${
    bound(study, quote)
  } USD in ${count}`;
}

function cascadeLines({ cascade, nowMs }: LiquidationStudy, zone: Zone): string[] {
  const { state, position, startedMs, endedMs, peakQuote, severity, oiPct } = cascade;
  const own = cascade.p99Quote === null
    ? cascade.p99Minutes === 0
      ? "no minute of its own yet"
      : `too few of its own: ${cascade.p99Minutes} min`
    : `p99 ${compact(cascade.p99Quote)} of ${cascade.p99Minutes} min`;
  const trigger = `Trigger ${compact(cascade.armedQuote)} USD a side in 60 s (${own})`;
  if (state !== "watch" && position !== null) {
    const until = state === "ended" ? ` – ${clock(endedMs, zone)}` : "";
    const oi = oiPct === null ? "OI unknown" : `OI ${signedPercent(oiPct)}`;
    return [
      `Cascade ${bold(state)}: ${position}s, ${clockAndDay(startedMs, nowMs, zone)}${until}, ` +
      `peak ${compact(peakQuote)} a minute, ${oi}, severity ${severity} of 3`,
      trigger,
    ];
  }
  const unjudged = cascade.asOfMs === null
    ? ", no minute to judge yet"
    : cascade.judged
    ? ""
    : ", cannot begin: ATR unknown";
  return [`Cascade: ${state}${unjudged}`, trigger];
}

function legend({ sampled, silent, windows }: LiquidationStudy): string[] {
  const names = (venues: readonly string[]) => venues.map(escape).join(", ");
  const torn = Object.values(windows).some((window) => window.missing > 0);
  return [
    ...(sampled.length > 0 ? [`≥ ${names(sampled)} publishes a sample, counts too`] : []),
    ...(silent.length > 0 ? [`${names(silent)} publishes none`] : []),
    ...(torn ? ["! minutes missing"] : []),
  ];
}

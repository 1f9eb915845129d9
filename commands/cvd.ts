// This module is pure.
/** `/cvd`: who crosses the spread, in bars, in a line and over the five windows. */
import type { ByMarket } from "../lib/market/flow.ts";
import { type Timeframe, timeframeName, TIMEFRAMES } from "../lib/market/windows.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import { signedBars } from "../lib/reply/bars.ts";
import type { Button, Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { delta, signedPercent } from "../lib/reply/numbers.ts";
import { sparkline } from "../lib/reply/sparkline.ts";
import { pad, table } from "../lib/reply/table.ts";
import { clock, clockAndDay } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { askChart, chartAsked } from "./_chart_tape.ts";
import { cvdChart } from "./_flow_charts.ts";
import { type FlowStudy, studyFlow } from "./_flow_study.ts";
import { originRemarks } from "./_tape.ts";
import { neighbours } from "./_texts.ts";

const MARKETS: readonly (keyof ByMarket<unknown>)[] = ["spot", "perp", "all"];

/** Columns on each side of the bars' axis. */
const HALF = 9;

export const cvd: Command = {
  name: "cvd",
  usage: "[symbol] [timeframe] [chart]",
  description: "Delta and CVD, spot and perpetuals, five windows",
  details: [
    "Delta = taker buy − taker sell, in USD. CVD = running delta from a stated anchor.",
    "Δ% = delta ÷ (buy + sell).",
    "Windows and CVD levels end with the last closed minute; the last bar is forming.",
    "Timeframes: 1m 5m 15m 30m 60m. Example: /cvd ETH 5m",
  ],
  formulas: [
    "Δ = Σ taker buy − Σ taker sell, USD, of the minutes whose sides are known",
    "Δ% = Δ ÷ (buy + sell)",
    "CVD = Σ Δ from its anchor (first bar shown, UTC midnight) to the last closed minute",
    "windows = the last 1, 5, 15, 30 and 60 closed minutes; all = spot + perp",
    "source: trades of every venue in the last line, by exchange time",
  ],
  async run({ words: typed, source, commands, asker, desk }) {
    const { words, chart } = chartAsked(typed);
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset, timeframe } = read;
    if (problem) return problemReply({ ...read, problem }, question);
    const study = await studyFlow(source, asset, timeframe);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: [
        ...buttons(asset, timeframe, chart),
        neighbours(commands, asset, ["price", "flow", "oi"]),
      ],
      ...(chart ? { chart: await cvdChart(source, asset, timeframe) } : {}),
    };
  },
};

function question(asset: string, timeframe: Timeframe): string {
  return `/cvd ${asset} ${timeframeName(timeframe)}`;
}

function page(study: FlowStudy, remarks: readonly string[], zone: Zone): string {
  return [
    `${bold(`${study.symbol} CVD ${study.timeframe}`)} · ${clock(study.nowMs, zone)} ${
      escape(zone.label)
    }`,
    pre(barLines(study, zone)),
    legend(study, zone),
    pre(cvdLines(study, zone)),
    ...anchors(study, zone),
    pre(windowLines(study)),
    "Δ = taker buy − sell, USD; it is also the CVD anchored at its window's start",
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function barLines({ bars, timeframe }: FlowStudy, zone: Zone): string[] {
  const drawn = signedBars(bars.map((bar) => bar.all.delta), HALF);
  const lines = bars.map((bar, i) => {
    const mark = bar.forming ? "…" : bar.complete ? " " : "!";
    return `${clock(bar.t, zone)}${mark}${drawn[i] ?? ""} ${pad(delta(bar.all.delta), 8, "left")}`;
  });
  return [`Δ per ${timeframe} bar, spot + perp`, ...lines];
}

function legend({ bars }: FlowStudy, zone: Zone): string {
  const torn = bars.some((bar) => !bar.complete && !bar.forming);
  const { t = null, complete = true } = bars.at(-1) ?? {};
  const forming = `… ${clock(t, zone)} is forming${complete ? "" : ", minutes missing"}`;
  return torn ? `${forming} · ! minutes missing` : forming;
}

function cvdLines({ bars, cvd, dayCvd }: FlowStudy, zone: Zone): string[] {
  const head = ["CVD from", clock(cvd.anchorMs, zone), clock(dayCvd.anchorMs, zone)];
  const rows = MARKETS.map((market) => [
    `${pad(market, 4, "right")} ${sparkline(bars.map((bar) => bar.cvd[market]))}`,
    delta(cvd[market]),
    delta(dayCvd[market]),
  ]);
  return table(head, rows);
}

function anchors({ cvd, dayCvd, nowMs }: FlowStudy, zone: Zone): string[] {
  const { minutesComplete, minutesAsked } = dayCvd.trust;
  const whole = minutesAsked === 0
    ? " (no closed minute yet)"
    : minutesComplete === minutesAsked
    ? ""
    : ` (${minutesComplete}/${minutesAsked} min)`;
  const first = clockAndDay(cvd.anchorMs, nowMs, zone);
  return [
    `CVD anchors: first bar ${first}, UTC day ${clock(dayCvd.anchorMs, zone)}${whole}`,
    `CVD and windows end at ${clock(cvd.toMs, zone)}, with the last closed minute`,
  ];
}

function windowLines({ windows }: FlowStudy): string[] {
  const rows = Object.entries(windows).map(([name, { spot, perp, all }]) => [
    name,
    delta(spot.delta),
    delta(perp.delta),
    delta(all.delta),
    signedPercent(all.deltaPct, 1),
  ]);
  return table(["", "spot Δ", "perp Δ", "all Δ", "Δ%"], rows);
}

/** Under a picture the timeframes and Refresh ask for pictures, too. */
function buttons(asset: string, shown: Timeframe, chart: boolean): Button[][] {
  const ask = (timeframe: Timeframe) =>
    chart ? askChart(question(asset, timeframe)) : question(asset, timeframe);
  const timeframes = TIMEFRAMES.map((timeframe) => ({
    label: timeframe === shown ? `· ${timeframeName(timeframe)} ·` : timeframeName(timeframe),
    ask: ask(timeframe),
  }));
  const other = question(asset, shown);
  return [timeframes, [
    { label: "Refresh", ask: ask(shown) },
    chart ? { label: "Numbers", ask: other } : { label: "Chart", ask: askChart(other) },
  ]];
}

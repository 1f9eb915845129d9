// This module is pure.
/** `/momentum`: which way the five timeframes point, and how far they agree. */
import { type Direction, EMA_SLOW } from "../lib/market/study/momentum.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { delta, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { type MomentumStudy, studyMomentum } from "./_momentum_study.ts";
import { originRemarks } from "./_tape.ts";
import { neighbours, shortPercent, whole } from "./_texts.ts";

export const momentum: Command = {
  name: "momentum",
  usage: "[symbol]",
  description: "ROC, RSI, EMA gap and delta on five timeframes",
  details: [
    "Closed bars only. ▲ ▼ = where most of the five numbers of a line point.",
    "ROC1, ROC14 = change of the close over 1 and 14 bars.",
    "RSI = Wilder's RSI(14). EMA = EMA(9) − EMA(21), in units of ATR(14).",
    "Δ% = delta ÷ volume of the last closed bar, all venues. — = too few bars.",
    "Example: /momentum ETH",
  ],
  formulas: [
    "ROC n = close ÷ close n bars before − 1",
    "RSI(14) = 100 · mean gain ÷ (mean gain + mean loss), Wilder's smoothing",
    "EMA gap = (EMA(9) − EMA(21)) ÷ ATR(14); each mean begins with a simple mean",
    "Δ% = (buy − sell) ÷ (buy + sell) of the last closed bar, spot + perp",
    "direction = sign of the mean of the signs of ROC1, ROC14, RSI − 50, EMA gap, Δ%",
    "composite = mean of the five directions, −1 … +1",
    "prices: up to 240 closed bars of the last 48 h of one market, named in the first line: the " +
    "first perpetual in venue order that is heard and has 21",
  ],
  async run({ words, source, commands, asker, desk }) {
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset } = read;
    // All five timeframes are shown, so one that is typed does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/momentum ${name}`);
    }
    const study = await studyMomentum(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: [[
        { label: "Refresh", ask: `/momentum ${asset}` },
        ...neighbours(commands, asset, ["volume", "flow", "analysis"]),
      ]],
    };
  },
};

function page(study: MomentumStudy, remarks: readonly string[], zone: Zone): string {
  const { symbol, timeframes, nowMs, trust } = study;
  // A market with few bars tells the short timeframes, another one the long ones.
  const venues = new Set(Object.values(timeframes).flatMap(({ priceVenue }) => priceVenue ?? []));
  const market = venues.size > 0 ? ` · ${[...venues].map(escape).join(", ")}` : "";
  return [
    `${bold(`${symbol} momentum`)}${market} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    pre(lines(study)),
    agreementText(study),
    "ROC over 1 and 14 bars · EMA 9 − 21 in ATR · Δ% of the last closed bar, all venues",
    ...fewBars(study),
    ...incompleteBars(study),
    ...remarks,
    trustLine(trust),
  ].join("\n");
}

function lines({ timeframes }: MomentumStudy): string[] {
  const rows = Object.entries(timeframes).map(([name, row]) => [
    `${name.padEnd(3)}${arrow(row.direction)}`,
    shortPercent(row.roc1),
    shortPercent(row.roc14),
    whole(row.rsi14),
    delta(row.emaGapAtr),
    signedPercent(row.deltaPct, 0),
  ]);
  return table(["", "ROC1", "ROC14", "RSI", "EMA", "Δ%"], rows);
}

function arrow(direction: Direction | null): string {
  return direction === null ? "" : direction > 0 ? "▲" : direction < 0 ? "▼" : "=";
}

/** `4 of 5 timeframes up, 1 down · composite +0.60`. */
export function agreementText({ agreement }: Pick<MomentumStudy, "agreement">): string {
  const { up, down, flat, unknown, composite } = agreement;
  const all = up + down + flat + unknown;
  if (composite === null) return `0 of ${all} timeframes known`;
  const [first, second] = down > up
    ? [`${down} of ${all} timeframes down`, `${up} up`]
    : [`${up} of ${all} timeframes up`, `${down} down`];
  const rest = [
    ...(Math.min(up, down) > 0 ? [second] : []),
    ...(flat > 0 ? [`${flat} flat`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  const score = composite === 0 ? "0" : delta(composite);
  return `${[first, ...rest].join(", ")} · composite ${score}`;
}

function fewBars({ timeframes }: MomentumStudy): string[] {
  const few = Object.entries(timeframes)
    .filter(([, row]) => row.closedBars < EMA_SLOW)
    .map(([name, row]) => `${name} ${row.closedBars}`);
  return few.length === 0 ? [] : [`Too few closed bars (${EMA_SLOW} wanted): ${few.join(", ")}`];
}

function incompleteBars({ timeframes, price }: MomentumStudy): string[] {
  const torn = Object.entries(timeframes)
    .filter(([, row]) => row.incompleteBars > 0)
    .map(([name, row]) => `${name} ${row.incompleteBars}/${row.closedBars}`);
  const minutes = price ? ` (${price.minutesComplete}/${price.minutesAsked} min of the price)` : "";
  return torn.length === 0 ? [] : [`Incomplete bars: ${torn.join(", ")}${minutes}`];
}

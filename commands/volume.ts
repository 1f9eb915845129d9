// This module is pure.
/** `/volume`: is this much, and where does the price stand in the day's volume. */
import type { ByMarket } from "../lib/market/flow.ts";
import type { Vwap } from "../lib/market/study/vwap.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, price as priceText } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { originRemarks } from "./_tape.ts";
import { neighbours, times, whole } from "./_texts.ts";
import { type DayVwap, studyVolume, type VolumeRow, type VolumeStudy } from "./_volume_study.ts";

const DAY_MINUTES = 1440;

export const volume: Command = {
  name: "volume",
  usage: "[symbol]",
  description: "Volume, RVOL and spikes on five timeframes, VWAP bands",
  details: [
    "Volume of the last closed bar, USD; RVOL = that ÷ the mean bar of the 24 h before.",
    "Same time = RVOL against the bars of that time on at least 7 earlier days.",
    "z = how unusual the bar is (robust z of log volume): from about 3.5 it is a spike.",
    "VWAP of the UTC day with its ±1σ and ±2σ bands.",
    "Example: /volume ETH",
  ],
  formulas: [
    "RVOL = volume of the last closed bar ÷ mean of the closed bars of the 24 h before it",
    "z = 0.6745 · (ln volume − median) ÷ MAD of the same bars; bars without a trade have no ln",
    "only venues whose bar is whole count; a baseline bar must be whole in all of them",
    "RVOL of the same time = volume ÷ mean of the bars 1, 2 … 30 days earlier, of 15m, 30m, 60m",
    "a day counts where it is kept and its bar whole in all venues compared; 7 days are the least",
    "VWAP = Σ quote ÷ Σ base since 00:00 UTC, to the last closed minute",
    "σ² = Σ q · (p − VWAP)² ÷ Σ q; p = a minute's VWAP on a venue, q = its base volume",
  ],
  async run({ words, source, commands, asker, desk }) {
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset } = read;
    // All five timeframes are shown, so one that is typed does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/volume ${name}`);
    }
    const study = await studyVolume(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: [[
        { label: "Refresh", ask: `/volume ${asset}` },
        ...neighbours(commands, asset, ["momentum", "flow", "analysis"]),
      ]],
    };
  },
};

function page(study: VolumeStudy, remarks: readonly string[], zone: Zone): string {
  const sameTime = sameTimeLines(study);
  return [
    `${bold(`${study.symbol} volume`)} · ${clock(study.nowMs, zone)} ${escape(zone.label)}`,
    pre([...barLines(study), ...sameTime]),
    ...baselines(study),
    ...leftOut(study, "", ({ without }) => without),
    ...leftOut(study, "same time ", ({ sameTimeWithout }) => sameTimeWithout),
    pre(vwapLines(study.vwap)),
    ...vwapText(study.vwap, zone),
    "Last closed bar in USD · RVOL against the bars of 24 h · z = robust z of ln volume",
    ...(sameTime.length === 0
      ? []
      : ["Same time = RVOL against the bars of that time on earlier days"]),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function barLines({ timeframes }: VolumeStudy): string[] {
  const rows = Object.entries(timeframes).map(([name, row]) => [
    row.without.length === 0 ? name : `${name}!`,
    compact(row.volQuote.spot),
    compact(row.volQuote.perp),
    compact(row.volQuote.all),
    times(row.rvol),
    delta(row.spikeScore),
  ]);
  return table(["", "spot", "perp", "all", "RVOL", "z"], rows);
}

/** RVOL against the same time of earlier days, where enough of them are kept for some bar. */
function sameTimeLines({ timeframes }: VolumeStudy): string[] {
  const rows = Object.entries(timeframes).filter(([, row]) => row.sameTimeDays !== null);
  if (rows.every(([, { rvolSameTime }]) => rvolSameTime === null)) return [];
  const names = rows.map(([name, row]) => row.sameTimeWithout.length === 0 ? name : `${name}!`);
  return table(["same time", ...names], [
    ["RVOL", ...rows.map(([, row]) => times(row.rvolSameTime))],
    ["days", ...rows.map(([, row]) => whole(row.sameTimeDays))],
  ]);
}

/** Baselines that are shorter than the day that they should be. */
function baselines({ timeframes }: VolumeStudy): string[] {
  const short = Object.entries(timeframes).flatMap(([name, row]) => {
    const bars = DAY_MINUTES * 60_000 / (row.toMs - row.fromMs);
    return row.baselineBars === bars ? [] : [`${name} ${row.baselineBars}/${bars}`];
  });
  return short.length === 0 ? [] : [`Baseline bars: ${short.join(", ")}`];
}

function leftOut(
  { timeframes }: VolumeStudy,
  what: string,
  of: (row: VolumeRow) => readonly string[],
): string[] {
  const byVenues = new Map<string, string[]>();
  for (const [name, row] of Object.entries(timeframes)) {
    if (of(row).length === 0) continue;
    const venues = of(row).map(escape).join(", ");
    byVenues.set(venues, [...byVenues.get(venues) ?? [], name]);
  }
  return [...byVenues].map(([venues, names]) => `! ${what}${names.join(" ")} without ${venues}`);
}

function vwapLines({ spot, perp, all }: DayVwap): string[] {
  const line = (name: string, pick: (vwap: Vwap) => number) => [
    name,
    ...[spot, perp, all].map((vwap) => priceText(vwap && pick(vwap))),
  ];
  const markets: readonly (keyof ByMarket<unknown>)[] = ["spot", "perp", "all"];
  return table(["", ...markets], [
    line("+2σ", (vwap) => vwap.upper2),
    line("+1σ", (vwap) => vwap.upper1),
    line("VWAP", (vwap) => vwap.vwap),
    line("−1σ", (vwap) => vwap.lower1),
    line("−2σ", (vwap) => vwap.lower2),
  ]);
}

function vwapText(vwap: DayVwap, zone: Zone): string[] {
  const { fromMs, toMs, trust, price, priceVenue, sigmas } = vwap;
  const { minutesComplete, minutesAsked } = trust;
  if (minutesAsked === 0) return ["VWAP: the UTC day has no closed minute yet"];
  const whole = minutesComplete === minutesAsked ? "" : ` (${minutesComplete}/${minutesAsked} min)`;
  const at = price === null || sigmas === null
    ? []
    : [`Price ${priceText(price)} (${escape(priceVenue ?? "")}) is ${delta(sigmas)}σ from VWAP`];
  return [`VWAP of the UTC day, ${clock(fromMs, zone)} to ${clock(toMs, zone)}${whole}`, ...at];
}

// This module is pure.
/** `/oi`: open interest per venue, its changes, and what they may mean. */
import type { Quadrant } from "../lib/market/study/interest.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, percent, signedPercent, UNKNOWN } from "../lib/reply/numbers.ts";
import { pad, table } from "../lib/reply/table.ts";
import { clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { oldInterest, oldMarks } from "./_ages.ts";
import { chartAsked } from "./_chart_tape.ts";
import { type InterestStudy, studyInterest } from "./_interest_study.ts";
import { perpButtons, shortVenue } from "./_perps.ts";
import { oiChart } from "./_perp_charts.ts";
import { originRemarks } from "./_tape.ts";

/** Short enough for a phone; the data has the full names. */
const SHORT: Readonly<Record<Quadrant, string>> = {
  "new longs": "new longs",
  "short covering": "short covering",
  "new shorts": "new shorts",
  "long liquidation or profit taking": "longs closing",
  none: "in dead-band",
};

export const oi: Command = {
  name: "oi",
  usage: "[symbol] [chart]",
  description: "Open interest, ΔOI, and price against OI",
  details: [
    "OI is one side, in coins and in USD. ΔOI is in coins, for dollar OI moves with price.",
    "Price↑ OI↑ new longs · price↑ OI↓ short covering · price↓ OI↑ new shorts · " +
    "price↓ OI↓ longs closing (liquidation or profit taking).",
    "That is an inference, so CVD's sign stands beside it. Example: /oi ETH",
  ],
  formulas: [
    "OI USD = OI coins × mark price (last price where no mark is known)",
    "ΔOI = OI at the window's end − OI at its start, coins, summed over the venues that know " +
    "both; a minute without OI takes the last value of the five minutes before",
    "ΔOI% = ΔOI ÷ OI at the start",
    "Price = close at the end ÷ close at the start − 1, of the first perpetual in " +
    "venue order that is heard and knows both",
    "Quadrant: sign of price and of ΔOI%, each beyond ±0.25 %; an inference",
    "CVD = Σ (taker buy − taker sell) of the perpetuals from the window's start, USD",
    "CVD/OI = that CVD in coins ÷ OI in coins at the end, both of the venues that know their OI",
    "Source: the venues' OI streams and polls, their trades; closed minutes only",
  ],
  async run({ words: typed, source, asker, desk }) {
    const { words, chart } = chartAsked(typed);
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset, timeframe } = read;
    // All timeframes are shown, so a wrong one does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/oi ${name}`);
    }
    const study = await studyInterest(source, asset);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(study, originRemarks(asset, study.tape), zone),
      data: study,
      buttons: perpButtons("oi", asset, timeframe, chart),
      ...(chart ? { chart: await oiChart(source, asset, timeframe) } : {}),
    };
  },
};

function page(study: InterestStudy, remarks: readonly string[], zone: Zone): string {
  return [
    `${bold(`${study.symbol} open interest`)} · ${clock(study.nowMs, zone)} ${escape(zone.label)}`,
    pre(venueLines(study)),
    pre(changeLines(study)),
    pre(meaningLines(study)),
    "An inference from price and ΔOI, each beyond ±0.25 %; perpetual CVD beside it",
    ...priceLine(study),
    ...gaps(study),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

function venueLines({ rows, all }: InterestStudy): string[] {
  const share = (base: number | null) =>
    base === null || all.oiBase === null || all.oiBase <= 0
      ? UNKNOWN
      : percent(base / all.oiBase, 0);
  const cells = rows.map((row) => [
    shortVenue(row.venue),
    compact(row.oiBase),
    compact(row.oiQuote),
    share(row.oiBase),
  ]);
  const floor = all.without.length > 0 && all.oiBase !== null ? "≥" : "";
  const total = ["all", floor + compact(all.oiBase), floor + compact(all.oiQuote), ""];
  return table(["perp", "OI coins", "OI USD", "share"], [...cells, total]);
}

function changeLines({ windows }: InterestStudy): string[] {
  const rows = Object.entries(windows).map(([name, window]) => [
    name,
    delta(window.deltaBase),
    signedPercent(window.deltaPct),
    signedPercent(window.priceChange),
    delta(window.cvd),
  ]);
  return table(["", "ΔOI", "ΔOI%", "price", "CVD"], rows);
}

function meaningLines({ windows }: InterestStudy): string[] {
  const rows = Object.entries(windows).map(([name, window]) => [
    `${pad(name, 3, "right")} ${window.quadrant === null ? UNKNOWN : SHORT[window.quadrant]}`,
    sign(window.cvd),
    signedPercent(window.cvdPerOi, 3),
  ]);
  return table(["    price × OI", "CVD", "CVD/OI"], rows);
}

function sign(value: number | null): string {
  return value === null ? UNKNOWN : value > 0 ? "+" : value < 0 ? "−" : "0";
}

function priceLine({ windows }: InterestStudy): string[] {
  const venues = new Set(Object.values(windows).flatMap(({ priceVenue }) => priceVenue ?? []));
  return venues.size === 0 ? [] : [`Price of ${[...venues].map(escape).join(", ")}`];
}

/** Whose OI is old, and whose is in no sum. */
function gaps({ rows, windows }: InterestStudy): string[] {
  const carried = Math.max(0, ...Object.values(windows).map((window) => window.carriedMinutes));
  const without = Object.entries(windows).filter(([, window]) => window.without.length > 0).map(
    ([name, window]) => `${name} without ${window.without.map(escape).join(", ")}`,
  );
  return [
    ...oldInterest(rows),
    ...oldMarks(rows.filter((row) => row.oiQuote !== null)),
    ...(carried > 0 ? [`OI carried forward by up to ${carried} min`] : []),
    ...(without.length > 0 ? [`ΔOI ${without.join("; ")}`] : []),
  ];
}

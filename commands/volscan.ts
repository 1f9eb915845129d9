// This module is pure.
/** `/volscan`: where the volume is unusual, and what moves in the whole market. */
import {
  parseTimeframe,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
} from "../lib/market/windows.ts";
import { problemReply } from "../lib/reply/arguments.ts";
import type { Button, Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact, delta } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { age, clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { type Mover, MOVER_TURNOVER_USD, type ScanStudy, studyScan } from "./_scan_study.ts";
import { shortPercent, times } from "./_texts.ts";

const SHOWN = 20;

export const volscan: Command = {
  name: "volscan",
  usage: "[timeframe]",
  description: "Volume spikes of the watched symbols, movers of the market",
  details: [
    "Watched symbols by z, the robust z-score of their last closed bar's log volume.",
    "RVOL = volume of that bar ÷ mean of the bars of the 24 h before.",
    "Below: the whole market by the venues' 24 h tickers, busiest, rising, falling.",
    "Timeframes: 1m 5m 15m 30m 60m. Example: /volscan 5m",
  ],
  formulas: [
    "z = 0.6745 · (ln volume − median) ÷ MAD over the closed bars of the 24 h before",
    "RVOL = volume ÷ mean of the same bars; bars with missing minutes are no baseline",
    "bars of 15m and more are sums of 15m bars, each with all of its 15 minutes",
    "one market per symbol: its first perpetual, else its first spot market",
    `movers: 24 h tickers, perpetuals (else spot), from ${
      compact(MOVER_TURNOVER_USD)
    } USD turnover`,
  ],
  async run({ words, source, asker, desk }) {
    const [typed, second] = words;
    const timeframe = typed === undefined ? 15 : parseTimeframe(typed);
    const fallback = { asset: "BTC", timeframe: timeframe ?? 15 } as const;
    if (timeframe === null) {
      const problem = { kind: "timeframe", typed: typed ?? "" } as const;
      return problemReply({ ...fallback, problem }, (_, choice) => question(choice));
    }
    if (second !== undefined) {
      const problem = { kind: "extra", typed: second } as const;
      return problemReply({ ...fallback, problem }, (_, choice) => question(choice));
    }
    // What was fetched for a question has no live volume.
    const study = await studyScan(source, timeframe, desk.watched());
    return {
      html: page(study, await zoneOf({ asker, desk })),
      data: study,
      buttons: buttons(timeframe),
    };
  },
};

function question(timeframe: Timeframe): string {
  return `/volscan ${timeframeName(timeframe)}`;
}

function page(study: ScanStudy, zone: Zone): string {
  const { timeframe, nowMs, fromMs, toMs, rows, trust } = study;
  return [
    `${bold(`Volume scan ${timeframe}`)} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    rows.length === 0 ? "No symbol is watched" : pre(scanLines(study)),
    `Bar ${clock(fromMs, zone)}–${clock(toMs, zone)} against the 24 h before, by z${more(study)}`,
    ...moverText(study),
    trustLine(trust),
  ].join("\n");
}

function more({ rows }: ScanStudy): string {
  return rows.length > SHOWN ? `, first ${SHOWN} of ${rows.length}` : "";
}

function scanLines({ rows }: ScanStudy): string[] {
  const cells = rows.slice(0, SHOWN).map((row) => [
    row.symbol,
    delta(row.spikeScore),
    times(row.rvol),
    compact(row.volQuote),
    shortPercent(row.change24h),
  ]);
  return table(["", "z", "RVOL", "volume", "24 h"], cells);
}

function moverText(study: ScanStudy) {
  const { market, markets, busiest, rising, falling, tickersAgeMs, tickersWithout } = study;
  if (markets === 0) return ["No 24 h tickers yet"];
  const left = tickersWithout.length === 0
    ? ""
    : `, without ${tickersWithout.map(escape).join(", ")}`;
  const line = (mover: Mover) => [
    mover.symbol,
    shortPercent(mover.change24h),
    compact(mover.quoteVolume24h),
  ];
  const part = (name: string, movers: readonly Mover[]) =>
    movers.length === 0 ? [] : [pre(table([name, "24 h", "turnover"], movers.map(line)))];
  return [
    ...part(`${market} busiest`, busiest),
    ...part("rising", rising),
    ...part("falling", falling),
    `24 h tickers of ${markets} ${market} markets, ${age(tickersAgeMs)}${left}`,
  ];
}

function buttons(shown: Timeframe): Button[][] {
  return [
    TIMEFRAMES.map((timeframe) => ({
      label: timeframe === shown ? `· ${timeframeName(timeframe)} ·` : timeframeName(timeframe),
      ask: question(timeframe),
    })),
    [{ label: "Refresh", ask: question(shown) }],
  ];
}

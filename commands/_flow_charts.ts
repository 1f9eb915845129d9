// This module is pure.
/** The pictures of /cvd and /price. */
import { type ByMarket, cvdSeries, sidesKnown, within } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
import { sumOf } from "../lib/market/sum.ts";
import { type Span, type Timeframe, timeframeName } from "../lib/market/windows.ts";
import type { Chart, ChartTone } from "../lib/reply/chart/chart.ts";
import { chartOf, type ChartTape, pricePanel, readChart } from "./_chart_tape.ts";
import { flows } from "./_flow_study.ts";
import type { HeldSeries } from "./_tape.ts";

type Deltas = ByMarket<number | null>;

/** Candles, delta bars, and CVD anchored at the start of the first bar. */
export async function cvdChart(
  source: Source,
  asset: string,
  timeframe: Timeframe,
): Promise<Chart> {
  const read = await readChart(source, { asset, timeframe, known: sidesKnown, measure: deltasOf });
  const rows = read.bars.map(({ t, measured, faint }) => ({ t, value: measured.all, faint }));
  const name = timeframeName(timeframe);
  return chartOf(read, `${asset} CVD ${name}`, [
    pricePanel(read, 5),
    {
      title: `Δ per ${name}, USD`,
      unit: "usd",
      weight: 3,
      layers: [{ kind: "bars", label: "", tone: "signed", rows }],
    },
    {
      title: "CVD from the left edge, USD",
      unit: "usd",
      weight: 4,
      layers: [
        cvdLine(read, "spot", "first"),
        cvdLine(read, "perp", "second"),
        cvdLine(read, "all", "main"),
      ],
    },
  ]);
}

function deltasOf(tape: readonly HeldSeries[], bar: Span): Deltas {
  const { spot, perp, all } = flows(tape, bar);
  return { spot: spot.delta, perp: perp.delta, all: all.delta };
}

function cvdLine({ bars }: ChartTape<Deltas>, market: keyof Deltas, tone: ChartTone) {
  const levels = cvdSeries(bars.map((bar) => bar.measured[market]));
  const rows = bars.map(({ t }, i) => ({ t, value: levels[i] ?? null }));
  return { kind: "line", label: market, tone, rows } as const;
}

/** Candles of the market whose price stands for the asset, over what all markets turned over. */
export async function priceChart(
  source: Source,
  asset: string,
  timeframe: Timeframe,
): Promise<Chart> {
  const read = await readChart(source, { asset, timeframe, measure: turnoverOf });
  const rows = read.bars.map(({ t, measured, faint }) => ({ t, value: measured, faint }));
  const name = timeframeName(timeframe);
  const [only = ""] = read.markets;
  const whose = read.markets.length === 1 ? only : `${read.markets.length} markets`;
  return chartOf(read, `${asset} ${name}`, [
    pricePanel(read, 7),
    {
      title: `Volume per ${name}, USD, ${whose}`,
      unit: "usd",
      weight: 3,
      layers: [{ kind: "bars", label: "", tone: "second", rows }],
    },
  ]);
}

function turnoverOf(tape: readonly HeldSeries[], bar: Span): number | null {
  const known = tape.flatMap(({ buckets }) =>
    within(buckets, bar).flatMap(({ volQuote }) => volQuote === null ? [] : [volQuote])
  );
  return known.length === 0 ? null : sumOf(known);
}

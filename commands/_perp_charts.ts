// This module is pure.
/** The pictures of /oi and /liquidations. */
import type { Source } from "../lib/market/source.ts";
import { standingAt } from "../lib/market/study/interest.ts";
import { liquidationsKnown, liquidationsOf } from "../lib/market/study/liquidation/liquidations.ts";
import { sumOf } from "../lib/market/sum.ts";
import { type Span, type Timeframe, timeframeName } from "../lib/market/windows.ts";
import type { Chart, ChartPoint } from "../lib/reply/chart/chart.ts";
import { chartOf, type ChartTape, pricePanel, readChart } from "./_chart_tape.ts";
import { perpsOf } from "./_perps.ts";
import { type HeldSeries, seriesOf } from "./_tape.ts";

/** Candles, open interest in coins at each bar's end, and its change from bar to bar. */
export async function oiChart(source: Source, asset: string, timeframe: Timeframe): Promise<Chart> {
  const read = await readChart(perpsOf(source), { asset, timeframe, measure: interestOf });
  const { venues, rows } = interestLevels(read);
  const changes = rows.map(({ t, value }, i): ChartPoint => {
    const before = rows[i - 1]?.value ?? null;
    const change = value === null || before === null ? null : value - before;
    return { t, value: change, faint: i === rows.length - 1 };
  });
  const name = timeframeName(timeframe);
  return chartOf(read, `${asset} open interest ${name}`, [
    pricePanel(read, 5),
    {
      title: `OI, coins${venues.length > 0 ? `, ${venues.join(" + ")}` : ""}`,
      unit: "coins",
      weight: 4,
      layers: [{ kind: "line", label: "", tone: "first", rows }],
    },
    {
      title: `ΔOI per ${name}, coins`,
      unit: "coins",
      weight: 3,
      layers: [{ kind: "bars", label: "", tone: "signed", rows: changes }],
    },
  ]);
}

/** What stands at a bar's end, of the venues that know it. */
type Interest = readonly { readonly venue: string; readonly oiBase: number }[];

function interestOf(tape: readonly HeldSeries[], bar: Span): Interest {
  return tape.flatMap(({ venue, buckets }) => {
    const standing = standingAt(buckets, bar.toMs, (row) => row.oiBase);
    return standing ? [{ venue, oiBase: standing.value }] : [];
  });
}

/**
 * The sum over the venues that publish OI. Where one of them does not know, the sum is
 * unknown: a venue that comes and goes would look like a move.
 */
function interestLevels({ bars, markets }: ChartTape<Interest>) {
  const publishing = new Set(bars.flatMap(({ measured }) => measured.map((row) => row.venue)));
  const rows = bars.map(({ t, measured }): ChartPoint => ({
    t,
    value: measured.length === 0 || measured.length < publishing.size
      ? null
      : sumOf(measured.map((row) => row.oiBase)),
  }));
  return { venues: markets.filter((venue) => publishing.has(venue)), rows };
}

/** Candles, and what was liquidated: shorts upwards, longs downwards. */
export async function liquidationsChart(
  source: Source,
  asset: string,
  timeframe: Timeframe,
): Promise<Chart> {
  const perps = perpsOf(source);
  const read = await readChart(perps, {
    asset,
    timeframe,
    known: liquidationsKnown,
    measure: (tape, bar) => liquidationsOf(seriesOf(tape, "perp"), bar),
  });
  const name = timeframeName(timeframe);
  // Some venues publish one a second at most: their totals are lower bounds.
  const sampled = perps.seriesOf(asset).some((info) => info.liquidations === "sampled");
  const shorts = read.bars.map(({ t, faint, measured }) => ({
    t,
    faint,
    value: measured.shortQuote,
  }));
  const longs = read.bars.map(({ t, faint, measured: { longQuote } }) => ({
    t,
    faint,
    value: longQuote === null ? null : -longQuote,
  }));
  return chartOf(read, `${asset} liquidations ${name}`, [
    pricePanel(read, 6),
    {
      title: `Liquidated per ${name}, ${sampled ? "≥ " : ""}USD`,
      unit: "usd",
      weight: 5,
      mirrored: true,
      layers: [
        { kind: "bars", label: "shorts", tone: "buy", rows: shorts },
        { kind: "bars", label: "longs", tone: "sell", rows: longs },
      ],
    },
  ]);
}

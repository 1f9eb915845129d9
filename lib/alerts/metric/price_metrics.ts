// This module is pure.
/** Metrics of the price: level, change, RSI, spread between venues. */
import { within } from "../../market/flow.ts";
import { changeOf } from "../../market/study/interest.ts";
import { mostKnowing } from "../../market/study/leading.ts";
import { partOfBars, rsi, RSI_BARS } from "../../market/study/momentum.ts";
import { priceBars } from "../../market/study/price_bars.ts";
import { type Span, type Timeframe, TIMEFRAMES } from "../../market/windows.ts";
import {
  always,
  type Metric,
  type Reader,
  type Reading,
  type View,
  type ViewSeries,
} from "./metric.ts";
import { BarCloses } from "./rsi_replay.ts";
import { lackOf, leadersOf, perps, pricedOver, reading, windowOf } from "./reading.ts";

const WINDOWS = [15, 1, 5, 30, 60];
/** As /momentum reads it: Wilder's means forget slowly. */
const RSI_HISTORY_BARS = 240;
const RSI_HISTORY_MINUTES = 2880;
/** The close before the window, which may be a carried one. */
const EDGE_MINUTES = 6;

const chart = (command: string) => (asset: string, minutes: number) =>
  `/${command} ${asset} ${minutes}m chart`;

function changeIn(view: View, minutes: number): Reading {
  const span = windowOf(view, minutes);
  const series = pricedOver(view, minutes);
  if (!series) return { lacking: "no price is heard" };
  const lacking = lackOf([series], span);
  if (lacking !== null) return { lacking };
  const change = changeOf(series.buckets, span, (bucket) => bucket.c);
  return reading(
    change === null ? null : change * 100,
    "the price at the window's start is unknown",
  );
}

type ClosesOf = (series: ViewSeries, timeframe: Timeframe, span: Span) => readonly number[];

const barByBar: ClosesOf = ({ buckets }, timeframe, span) =>
  priceBars(within(buckets, span), timeframe, span.toMs).map((bar) => bar.c);

function rsiOf(view: View, minutes: number, closesOf = barByBar): Reading {
  const timeframe = TIMEFRAMES.find((one) => one === minutes);
  const leaders = leadersOf(view);
  const [first] = leaders;
  if (timeframe === undefined || !first) return { lacking: "no price is heard" };
  // Before any other may know more: a bar of it that waits for its proof is none yet.
  const waits = lackOf([first], windowOf(view, minutes));
  if (waits !== null) return { lacking: waits };
  const span = { fromMs: view.endMs - rsiHistory(minutes) * 60_000, toMs: view.endMs };
  const closes = new Map<ViewSeries, readonly number[]>();
  const series = mostKnowing(leaders, (one) => {
    const made = closesOf(one, timeframe, span);
    closes.set(one, made);
    return partOfBars(made.length);
  }) ?? first;
  const lacking = lackOf([series], windowOf(view, minutes));
  if (lacking !== null) return { lacking };
  return reading(
    rsi(closes.get(series) ?? [], RSI_BARS),
    `fewer than ${RSI_BARS + 1} bars, or a price that stood still`,
  );
}

/** How much of what momentum wants a market's minutes hold. */
function knowsBars(series: ViewSeries, endMs: number, minutes: number): number {
  const timeframe = TIMEFRAMES.find((one) => one === minutes);
  if (timeframe === undefined) return 0;
  const fromMs = endMs - rsiHistory(minutes) * 60_000;
  return partOfBars(barByBar(series, timeframe, { fromMs, toMs: endMs }).length);
}

/** Bars of a market are made once. */
function rsiReplay(): Reader {
  const held = new Map<string, BarCloses>();
  const closesOf: ClosesOf = ({ venue, buckets }, timeframe, { fromMs, toMs }) => {
    const bars = held.get(venue) ?? new BarCloses(buckets, timeframe);
    held.set(venue, bars);
    return bars.within(fromMs, toMs);
  };
  return { read: (view, minutes) => rsiOf(view, minutes, closesOf) };
}

function rsiHistory(minutes: number): number {
  return Math.min(RSI_HISTORY_MINUTES, RSI_HISTORY_BARS * minutes);
}

function spreadOf(view: View): Reading {
  const series = perps(view);
  if (series.length < 2) return { lacking: "fewer than two perpetuals are heard" };
  const span = windowOf(view, 1);
  const lacking = lackOf(series, span);
  if (lacking !== null) return { lacking };
  const closes = series.map(({ buckets }) => within(buckets, span)[0]?.c ?? null);
  const known = closes.filter((close) => close !== null);
  if (known.length < closes.length) return { lacking: "a venue did not trade in the minute" };
  const low = Math.min(...known);
  return reading(low > 0 ? (Math.max(...known) / low - 1) * 100 : null, "no price");
}

export const PRICE_METRICS: readonly Metric[] = [
  {
    name: "price",
    critical: true,
    aliases: ["px", "last"],
    title: "price",
    unit: "price",
    windows: [],
    pace: "trade",
    formula: "every print of the leading market: the first perpetual in venue order that is " +
      "heard, else spot",
    shownBy: chart("price"),
  },
  {
    name: "change",
    aliases: ["chg", "pct"],
    title: "price change",
    unit: "percent",
    windows: WINDOWS,
    pace: "minute",
    history: (minutes) => minutes + EDGE_MINUTES,
    open: always(changeIn),
    formula: "close at the end of the window ÷ close at its start − 1, leading market",
    shownBy: chart("cvd"),
  },
  {
    name: "move",
    title: "price move either way",
    unit: "percent",
    windows: WINDOWS,
    pace: "minute",
    history: (minutes) => minutes + EDGE_MINUTES,
    open: always((view, minutes) => {
      const change = changeIn(view, minutes);
      return "value" in change ? { value: Math.abs(change.value) } : change;
    }),
    formula: "|close at the end of the window ÷ close at its start − 1|, leading market",
    shownBy: chart("cvd"),
  },
  {
    name: "rsi",
    title: "RSI(14)",
    unit: "index",
    windows: WINDOWS,
    pace: "minute",
    aligned: true,
    history: rsiHistory,
    leading: knowsBars,
    open: always((view, minutes) => rsiOf(view, minutes)),
    replay: rsiReplay,
    formula: "Wilder's RSI(14) of closed bars, leading market, as /momentum",
    shownBy: (asset) => `/momentum ${asset}`,
  },
  {
    name: "spread",
    title: "spread between venues",
    unit: "percent",
    windows: [],
    pace: "minute",
    history: () => EDGE_MINUTES,
    open: always(spreadOf),
    formula: "highest ÷ lowest close of the minute over the perpetuals − 1",
    shownBy: (asset) => `/price ${asset}`,
  },
];

// This module is pure.
/** What all charts share: the word that asks for one, their bars, candles and footer. */
import { type Bucket, mergeBuckets, MINUTE_MS } from "../lib/market/bucket.ts";
import { within } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
import { CARRY_MINUTES } from "../lib/market/study/interest.ts";
import { isComplete, type Trust, trustOf } from "../lib/market/trust.ts";
import { lastBars, rollingWindow, type Span, type Timeframe } from "../lib/market/windows.ts";
import type { Chart, ChartCandle, ChartPanel } from "../lib/reply/chart/chart.ts";
import { plain } from "../lib/reply/html.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type HeldSeries, priceSeriesOf, readMinutes } from "./_tape.ts";

/** Bars of a chart: enough to fill it, and never more than the day that can be fetched. */
const BARS: Readonly<Record<Timeframe, number>> = { 1: 60, 5: 60, 15: 60, 30: 48, 60: 24 };

/** Minutes that are held at a time: a day of four markets would be megabytes. */
const SLICE_MINUTES = 120;

const CHART = "chart";

/** Takes the word `chart` out of a command's words. */
export function chartAsked(words: readonly string[]): {
  readonly words: readonly string[];
  readonly chart: boolean;
} {
  const rest = words.filter((word) => word.toLowerCase() !== CHART);
  return { words: rest, chart: rest.length < words.length };
}

/** The same question, asked for its picture. */
export function askChart(question: string): string {
  return `${question} ${CHART}`;
}

export interface ChartQuestion<T> {
  readonly asset: string;
  readonly timeframe: Timeframe;
  /** Whether a minute knows what the chart needs beyond coverage. */
  readonly known?: (bucket: Bucket) => boolean;
  /** What a bar shows, of a tape that holds it and a few minutes before it. */
  readonly measure: (tape: readonly HeldSeries[], bar: Span) => T;
}

/** A bar of a chart, and what was measured of it. */
export interface ChartBar<T> {
  readonly t: number;
  readonly measured: T;
  readonly candle: ChartCandle;
  /** To be drawn faint: it is forming, or minutes of it are missing. */
  readonly faint: boolean;
}

export interface ChartTape<T> {
  /** Oldest first; the last one is forming. */
  readonly bars: readonly ChartBar<T>[];
  /** Of the candles; `null` where nothing is held. */
  readonly priceVenue: string | null;
  /** Markets that are held. */
  readonly markets: readonly string[];
  readonly stepMs: number;
  readonly trust: Trust;
}

/** Reads a chart's bars slice by slice, from the newest to the oldest. */
export async function readChart<T>(
  source: Source,
  { asset, timeframe, known = () => true, measure }: ChartQuestion<T>,
): Promise<ChartTape<T>> {
  const nowMs = source.nowMs();
  const endMs = rollingWindow(1, nowMs).toMs + MINUTE_MS;
  const spans = lastBars(timeframe, BARS[timeframe], nowMs)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, endMs) }));
  let price: HeldSeries | null = null;
  let trust: Trust | null = null;
  let markets: string[] = [];
  const bars: ChartBar<T>[] = [];
  const perSlice = Math.max(1, Math.floor(SLICE_MINUTES / timeframe));
  for (let end = spans.length; end > 0; end -= perSlice) {
    const slice = spans.slice(Math.max(0, end - perSlice), end);
    const span = { fromMs: slice[0]?.fromMs ?? endMs, toMs: slice.at(-1)?.toMs ?? endMs };
    // OI is carried forward from a little earlier.
    const fromMs = span.fromMs - (CARRY_MINUTES + 1) * MINUTE_MS;
    const tape = await readMinutes(source, asset, { fromMs, toMs: span.toMs });
    price ??= priceSeriesOf(tape, nowMs, (one) => partPriced(one, slice));
    const venue = price?.venue;
    const priced = tape.find((series) => series.venue === venue);
    trust = joinTrust(trustOf(tape, span, nowMs, known), trust);
    markets = tape.flatMap((series) => series.info === null ? [] : [series.venue]);
    bars.unshift(...slice.map((bar) => {
      const { minutesComplete, minutesAsked } = trustOf(tape, bar, nowMs, known);
      const forming = bar === spans.at(-1);
      return {
        t: bar.fromMs,
        measured: measure(tape, bar),
        candle: candleOf(priced?.buckets ?? [], bar, forming),
        faint: forming || minutesComplete < minutesAsked,
      };
    }));
  }
  return {
    bars: carried(bars),
    priceVenue: price?.venue ?? null,
    markets,
    stepMs: timeframe * MINUTE_MS,
    trust: trust ?? trustOf([], { fromMs: endMs, toMs: endMs }, nowMs),
  };
}

/** Puts panels over the bars' time axis, with their trust line below. */
export function chartOf<T>(
  { bars, stepMs, trust }: ChartTape<T>,
  title: string,
  panels: readonly ChartPanel[],
): Chart {
  const fromMs = bars[0]?.t ?? 0;
  const toMs = fromMs + bars.length * stepMs;
  return { title, footer: plain(trustLine(trust)), fromMs, toMs, stepMs, panels };
}

/** The panel of candles, under the name of its market. */
export function pricePanel<T>({ bars, priceVenue }: ChartTape<T>, weight: number): ChartPanel {
  return {
    title: priceVenue === null ? "Price" : `Price ${priceVenue}`,
    unit: "price",
    weight,
    layers: [{ kind: "candles", label: "", rows: bars.map((bar) => bar.candle) }],
  };
}

/** The part of the bars of which a price is known. */
function partPriced({ buckets }: HeldSeries, bars: readonly Span[]): number {
  const known = bars.filter((bar) => {
    const minutes = within(buckets, bar);
    return minutes.some(({ c }) => c !== null) || minutes.length > 0 && minutes.every(isComplete);
  });
  return known.length / bars.length;
}

/** A candle; `still` where every minute is whole and nothing traded. */
function candleOf(
  buckets: readonly Bucket[],
  bar: Span,
  forming: boolean,
): ChartCandle & { readonly still: boolean } {
  const minutes = within(buckets, bar);
  const whole = minutes.length === (bar.toMs - bar.fromMs) / MINUTE_MS &&
    minutes.every(isComplete);
  const merged = minutes.length === 0 ? null : minutes.reduce(mergeBuckets);
  const { o = null, h = null, l = null, c = null } = merged ?? {};
  return { t: bar.fromMs, o, h, l, c, faint: forming || !whole, still: whole && c === null };
}

type Still<T> = ChartBar<T> & { readonly candle: { readonly still?: boolean } };

/** Where nothing traded in whole minutes the price stood still: that is known, a flat candle. */
function carried<T>(bars: readonly Still<T>[]): ChartBar<T>[] {
  let close: number | null = null;
  return bars.map((bar) => {
    const { t, o, h, l, c, faint = false, still = false } = bar.candle;
    if (!still) close = c;
    const candle = still
      ? { t, o: close, h: close, l: close, c: close, faint }
      : { t, o, h, l, c, faint };
    return { ...bar, candle };
  });
}

/** The trust of two spans that follow each other. */
function joinTrust(older: Trust, newer: Trust | null): Trust {
  if (!newer) return older;
  const venues = new Map(newer.missing.map(({ venue, minutes }) => [venue, minutes]));
  for (const { venue, minutes } of older.missing) {
    venues.set(venue, (venues.get(venue) ?? 0) + minutes);
  }
  return {
    minutesComplete: older.minutesComplete + newer.minutesComplete,
    minutesAsked: older.minutesAsked + newer.minutesAsked,
    missing: [...venues].map(([venue, minutes]) => ({ venue, minutes })),
    repaired: older.repaired + newer.repaired,
    candle: older.candle + newer.candle,
    ageMs: newer.ageMs,
  };
}

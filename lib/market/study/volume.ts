// This module is pure.
/** RVOL and spike score of a closed bar against the closed bars of the 24 h before it. */
import { barStart, type Bucket, MINUTE_MS } from "../bucket.ts";
import { isWholeQuarter, type Quarter, QUARTER_MINUTES } from "../quarter.ts";
import { sumOf } from "../sum.ts";
import { isComplete } from "../trust.ts";
import type { Span, Timeframe } from "../windows.ts";
import { robustZ } from "./robust.ts";

const BASELINE_MINUTES = 1440;

/** With fewer comparable bars a mean and a median say nothing. */
export const LEAST_BASELINE = 8;

/** From the start of the longest baseline to the last closed minute. */
export function volumeSpan(timeframes: readonly Timeframe[], nowMs: number): Span {
  const starts = timeframes.map((timeframe) => baselineStart(timeframe, nowMs));
  return { fromMs: Math.min(...starts), toMs: barStart(nowMs, 1) };
}

/** The bar before the forming one has a baseline of 24 h before its own start. */
function baselineStart(timeframe: Timeframe, nowMs: number): number {
  return barStart(nowMs, timeframe) - (timeframe + BASELINE_MINUTES) * MINUTE_MS;
}

/** Quote volumes of consecutive minutes or quarters; NaN where one is not whole or unknown. */
export interface MinuteVolumes {
  readonly fromMs: number;
  /** Minutes of each value, 1 where not said. */
  readonly step?: number;
  readonly quotes: Float64Array;
}

export function minuteVolumes(minutes: readonly Bucket[], span: Span): MinuteVolumes {
  return volumesOf(minutes, span, 1, isComplete);
}

/** The same in quarter-hours, which bars of 15 minutes and more are made of. */
export function quarterVolumes(quarters: readonly Quarter[], span: Span): MinuteVolumes {
  return volumesOf(quarters, span, QUARTER_MINUTES, isWholeQuarter);
}

function volumesOf<Row extends Pick<Bucket, "t" | "volQuote">>(
  rows: readonly Row[],
  { fromMs, toMs }: Span,
  step: number,
  whole: (row: Row) => boolean,
): MinuteVolumes {
  const stepMs = step * MINUTE_MS;
  const quotes = new Float64Array(Math.max(0, Math.floor((toMs - fromMs) / stepMs))).fill(NaN);
  for (const row of rows) {
    const index = (row.t - fromMs) / stepMs;
    if (index < 0 || index >= quotes.length) continue;
    if (whole(row) && row.volQuote !== null) quotes[index] = row.volQuote;
  }
  return { fromMs, step, quotes };
}

/** Volume of the bar that starts at `fromMs`; `null` where a minute of it is unknown. */
export function barVolume(
  { fromMs, step = 1, quotes }: MinuteVolumes,
  barMs: number,
  timeframe: Timeframe,
): number | null {
  const first = (barMs - fromMs) / (step * MINUTE_MS);
  const end = first + timeframe / step;
  if (first < 0 || end > quotes.length) return null;
  let sum = 0;
  for (let i = first; i < end; i++) sum += quotes[i] ?? NaN;
  return Number.isFinite(sum) ? sum : null;
}

// A type alias: it leaves as JSON.

export type BarStudy = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the series whose bar is whole; `null` where there is none. */
  readonly volQuote: number | null;
  /** Volume ÷ mean volume of the baseline's bars. */
  readonly rvol: number | null;
  /** Robust z of the log volume. */
  readonly spikeScore: number | null;
  /** Comparable bars found, of at most `24 h ÷ bar`. */
  readonly baselineBars: number;
  /** The series that were counted, by their place in the list given. */
  readonly used: readonly number[];
};

/**
 * Compares like with like: a series counts where its last closed bar is whole, and a
 * baseline bar where it is whole in all of those. Bars in which nothing traded are part
 * of the mean, but have no logarithm.
 */
export function studyBar(
  series: readonly MinuteVolumes[],
  timeframe: Timeframe,
  nowMs: number,
): BarStudy {
  const toMs = barStart(nowMs, timeframe);
  const fromMs = toMs - timeframe * MINUTE_MS;
  const used = series.flatMap((one, i) => barVolume(one, fromMs, timeframe) === null ? [] : [i]);
  const chosen = series.filter((_, i) => used.includes(i));
  const volumeAt = (barMs: number): number | null => {
    let sum = 0;
    for (const one of chosen) {
      const volume = barVolume(one, barMs, timeframe);
      if (volume === null) return null;
      sum += volume;
    }
    return sum;
  };
  const volQuote = chosen.length === 0 ? null : volumeAt(fromMs);
  const baseline: number[] = [];
  const firstMs = chosen.length === 0 ? fromMs : baselineStart(timeframe, nowMs);
  for (let t = firstMs; t < fromMs; t += timeframe * MINUTE_MS) {
    const volume = volumeAt(t);
    if (volume !== null) baseline.push(volume);
  }
  return {
    fromMs,
    toMs,
    volQuote,
    rvol: rvolOf(volQuote, baseline),
    spikeScore: spikeScore(volQuote, baseline),
    baselineBars: baseline.length,
    used,
  };
}

/** Volume ÷ mean of the baseline; `null` with too few bars or where none of them traded. */
export function rvolOf(volume: number | null, baseline: readonly number[]): number | null {
  if (volume === null || baseline.length < LEAST_BASELINE) return null;
  const mean = sumOf(baseline) / baseline.length;
  return mean > 0 ? volume / mean : null;
}

/** Robust z of ln volume; `null` with too few bars that traded, or where this one did not. */
export function spikeScore(volume: number | null, baseline: readonly number[]): number | null {
  const logs = baseline.filter((one) => one > 0).map(Math.log);
  if (volume === null || !(volume > 0) || logs.length < LEAST_BASELINE) return null;
  return robustZ(Math.log(volume), logs);
}

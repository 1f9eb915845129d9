// This module is pure.
/** RVOL and spike score of a closed bar against the closed bars of the 24 h before it. */
import { barStart, MINUTE_MS } from "../bucket.ts";
import { type Minutes, stretchOf } from "../past/past.ts";
import { sumOf } from "../sum.ts";
import { isComplete } from "../trust.ts";
import type { Span, Timeframe } from "../windows.ts";
import { robustZ } from "./robust.ts";

/** A bar is compared with those of so long before it. */
export const BASELINE_MINUTES = 1440;

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

/** Quote volumes of consecutive minutes; NaN where one is not whole or unknown. */
export interface MinuteVolumes {
  readonly fromMs: number;
  readonly quotes: Float64Array;
}

export function minuteVolumes(minutes: Minutes, span: Span): MinuteVolumes {
  const { past, buckets } = stretchOf(minutes);
  const { fromMs, toMs } = span;
  const quotes = new Float64Array(Math.max(0, Math.floor((toMs - fromMs) / MINUTE_MS))).fill(NaN);
  if (past) {
    const [heldMs, endMs] = [Math.max(fromMs, past.fromMs), Math.min(toMs, past.toMs)];
    past.ring.day.copyVolumes(heldMs, endMs, quotes, (heldMs - fromMs) / MINUTE_MS);
  }
  for (const bucket of buckets) {
    const index = (bucket.t - fromMs) / MINUTE_MS;
    if (index < 0 || index >= quotes.length) continue;
    if (isComplete(bucket) && bucket.volQuote !== null) quotes[index] = bucket.volQuote;
  }
  return { fromMs, quotes };
}

/** Volume of the bar that starts at `fromMs`; `null` where a minute of it is unknown. */
export function barVolume(
  volumes: MinuteVolumes,
  barMs: number,
  timeframe: Timeframe,
): number | null {
  const sum = barSum(volumes, barMs, timeframe);
  return Number.isFinite(sum) ? sum : null;
}

/** The same, NaN where unknown. */
function barSum(volumes: MinuteVolumes, barMs: number, timeframe: Timeframe): number {
  const { fromMs, quotes } = volumes;
  const first = (barMs - fromMs) / MINUTE_MS;
  const end = first + timeframe;
  if (first < 0 || end > quotes.length) return NaN;
  let sum = 0;
  for (let i = first; i < end; i++) sum += quotes[i] ?? NaN;
  return sum;
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
 * of the mean, but have no logarithm. A series that has just begun, with no baseline of its
 * own, is left out where it would take away that of the others.
 */
export function studyBar(
  series: readonly MinuteVolumes[],
  timeframe: Timeframe,
  nowMs: number,
): BarStudy {
  const toMs = barStart(nowMs, timeframe);
  const fromMs = toMs - timeframe * MINUTE_MS;
  const span = { fromMs: baselineStart(timeframe, nowMs), toMs: fromMs };
  let used = series.flatMap((one, i) => barVolume(one, fromMs, timeframe) === null ? [] : [i]);
  let baseline = baselineOf(series, used, timeframe, span);
  if (baseline.length < LEAST_BASELINE) {
    const older = used.filter((i) =>
      baselineOf(series, [i], timeframe, span).length >= LEAST_BASELINE
    );
    if (older.length > 0) [used, baseline] = [older, baselineOf(series, older, timeframe, span)];
  }
  const volQuote = volumeAt(series, used, timeframe, fromMs);
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

/** Volumes of the closed bars of a span that are whole in all of the series `used`. */
function baselineOf(
  series: readonly MinuteVolumes[],
  used: readonly number[],
  timeframe: Timeframe,
  { fromMs, toMs }: Span,
): Float64Array {
  if (used.length === 0) return new Float64Array();
  const sums = new Float64Array(Math.ceil((toMs - fromMs) / (timeframe * MINUTE_MS)));
  for (const i of used) {
    const one = series[i];
    if (one) addBars(sums, one, timeframe, fromMs);
  }
  let known = 0;
  for (let bar = 0; bar < sums.length; bar++) {
    const sum = sums[bar] ?? NaN;
    if (sum === sum) sums[known++] = sum;
  }
  return sums.subarray(0, known);
}

/** Adds a series' bars, the first of which starts at `fromMs`; NaN where one is not whole. */
function addBars(
  sums: Float64Array,
  { fromMs: heldMs, quotes }: MinuteVolumes,
  timeframe: Timeframe,
  fromMs: number,
): void {
  const first = (fromMs - heldMs) / MINUTE_MS;
  for (let bar = 0; bar < sums.length; bar++) {
    const at = first + bar * timeframe;
    let sum = sums[bar] ?? NaN;
    for (let i = at; i < at + timeframe; i++) sum += quotes[i] ?? NaN;
    sums[bar] = sum;
  }
}

/** Volume of a bar over the series `used`; `null` without any, and where one is not whole. */
export function volumeAt(
  series: readonly MinuteVolumes[],
  used: readonly number[],
  timeframe: Timeframe,
  barMs: number,
): number | null {
  let sum = 0;
  for (const i of used) {
    const one = series[i];
    sum += one ? barSum(one, barMs, timeframe) : NaN;
  }
  return used.length > 0 && Number.isFinite(sum) ? sum : null;
}

/** Volume ÷ mean of the baseline; `null` with too few bars or where none of them traded. */
export function rvolOf(
  volume: number | null,
  baseline: readonly number[] | Float64Array,
  least = LEAST_BASELINE,
): number | null {
  if (volume === null || baseline.length < least) return null;
  const mean = sumOf(baseline) / baseline.length;
  return mean > 0 ? volume / mean : null;
}

/** Robust z of ln volume; `null` with too few bars that traded, or where this one did not. */
export function spikeScore(
  volume: number | null,
  baseline: readonly number[] | Float64Array,
): number | null {
  if (volume === null || !(volume > 0)) return null;
  const logs = new Float64Array(baseline.length);
  let traded = 0;
  for (let i = 0; i < baseline.length; i++) {
    const one = baseline[i] ?? 0;
    if (one > 0) logs[traded++] = Math.log(one);
  }
  if (traded < LEAST_BASELINE) return null;
  return robustZ(Math.log(volume), logs.subarray(0, traded));
}

// This module is pure.
/**
 * A rule over stored minutes: the same metrics and the same judge as live, on the same
 * minutes. The readings are kept, so that other thresholds can be tried on them.
 */
import { barStart, type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import type { Source } from "../../market/source.ts";
import { normEnd, NormMinutes } from "../../market/study/liquidation/norm.ts";
import { minuteVolumes } from "../../market/study/volume.ts";
import type { Span } from "../../market/windows.ts";
import type { Metric, MinuteMetric, Reading, View, ViewSeries } from "../metric/metric.ts";
import { pricedSeries, tellsLiquidations } from "../metric/reading.ts";
import { metricOf } from "../rule/text.ts";
import type { Rule } from "../rule/rule.ts";
import { type Count, FRESH, isAbove, judge, NOT_YET, type Place } from "./judge.ts";

/** Readings of one asset in order of time; a minute that lacks something has none. */
export interface Readings {
  readonly asset: string;
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** Places of values that are lower bounds only: something of them is missing. */
  readonly bounds: ReadonlySet<number>;
  /** Minutes, or bars, that lacked something. */
  readonly lacking: number;
  /** What the newest of those lacked. */
  readonly lack: string | null;
}

export interface Would {
  readonly asset: string;
  readonly timeMs: number;
  readonly value: number;
}

/** A baseline of 24 h, the longest bar, and the hour that it is counted from. */
const VOLUME_MINUTES = 1560;
/** What is usual is told by all that is stored: so much, unless settings say otherwise. */
const NORM_MINUTES = 72 * 60;
const PRICE_MINUTES = 6;
/** Readings between two questions whether others should have their turn. */
const TURN = 8;
/** The same of values that are judged. */
const JUDGED = 512;

/** Whether stored minutes can tell anything of a metric. */
export function isStored(metric: Metric): metric is Extract<Metric, { pace: "trade" | "minute" }> {
  return metric.pace === "trade" || metric.pace === "minute";
}

/** Reads a metric at every minute's end of a span; `turn` is awaited now and then. */
export async function readStored(
  source: Source,
  asset: string,
  rule: Rule,
  span: Span,
  turn: () => Promise<void>,
): Promise<Readings> {
  const metric = metricOf(rule);
  if (!isStored(metric)) return { ...NOTHING, asset };
  const series = await loadSeries(source, asset, metric, rule, span, turn);
  const firstMs = Math.min(...series.flatMap(({ buckets }) => firstKnown(buckets) ?? []));
  if (!Number.isFinite(firstMs)) return { ...NOTHING, asset, lack: "nothing is stored" };
  const window = rule.windowMinutes ?? 1;
  const each = metric.pace === "trade" ? pricesOf(rule) : readingsOf(metric, window);
  const percentile = metric.pace === "minute" && metric.percentile
    ? percentiles(series, span.toMs)
    : null;
  const beginMs = barStart(Math.max(span.fromMs, firstMs), 1) + MINUTE_MS;
  const warmMs = beginMs - (metric.pace === "minute" ? metric.warmUp ?? 0 : 0) * MINUTE_MS;
  const [times, values, bounds]: [number[], number[], Set<number>] = [[], [], new Set()];
  let [lacking, lack]: [number, string | null] = [0, null];
  for (let endMs = warmMs, n = 0; endMs <= span.toMs; endMs += MINUTE_MS) {
    const view: View = { asset, endMs, series, liquidationP99: percentile?.(endMs) ?? null };
    for (const reading of each(view)) {
      if (endMs < beginMs) continue;
      const value = "value" in reading ? reading.value : reading.atLeast;
      if ("lacking" in reading) {
        lacking++;
        lack = reading.lacking;
        if (value !== undefined) bounds.add(values.length);
      }
      if (value === undefined) continue;
      times.push(endMs);
      values.push(value);
    }
    if (++n % TURN === 0) await turn();
  }
  return { asset, times, values, bounds, lacking, lack };
}

const NOTHING = { times: [], values: [], bounds: new Set<number>(), lacking: 0, lack: null };

/** All markets of the asset, as far back as the first minute of the span needs them. */
async function loadSeries(
  source: Source,
  asset: string,
  metric: Metric,
  { windowMinutes }: Rule,
  span: Span,
  turn: () => Promise<void>,
): Promise<ViewSeries[]> {
  const minute = metric.pace === "minute" ? metric : null;
  const near = minute ? minute.history(windowMinutes ?? 1) + (minute.warmUp ?? 0) : 0;
  const deep = minute?.percentile ? NORM_MINUTES : minute?.volumes ? VOLUME_MINUTES : 0;
  const fromMs = span.fromMs - Math.max(near, deep, PRICE_MINUTES) * MINUTE_MS;
  const series: ViewSeries[] = [];
  for (const info of source.seriesOf(asset)) {
    if (info.market === "options") continue;
    const { venue, market, liquidations } = info;
    const buckets = await source.buckets(info, fromMs, span.toMs);
    const volumes = minute?.volumes ? minuteVolumes(buckets, { fromMs, toMs: span.toMs }) : null;
    series.push({ venue, market, liquidations, buckets, newestMs: null, volumes });
    await turn();
  }
  return series;
}

/** The percentile before each hour, computed once. */
function percentiles(
  series: readonly ViewSeries[],
  toMs: number,
): (endMs: number) => number | null {
  const lists = series.filter(tellsLiquidations).map(({ buckets }) => buckets);
  const minutes = new NormMinutes({
    fromMs: Math.min(toMs, ...lists.map(([first]) => first?.t ?? Infinity)),
    toMs,
  });
  for (const buckets of lists) minutes.add(buckets);
  const known = new Map<number, number | null>();
  return (endMs) => {
    const hourMs = normEnd(endMs);
    const held = known.get(hourMs);
    if (held !== undefined) return held;
    const { p99Quote } = minutes.norm(hourMs);
    known.set(hourMs, p99Quote);
    return p99Quote;
  };
}

function firstKnown(buckets: readonly Bucket[]): number | null {
  return buckets.find((bucket) => bucket.source !== null)?.t ?? null;
}

function readingsOf(metric: MinuteMetric, window: number) {
  const { read } = (metric.replay ?? metric.open)();
  return (view: View): Reading[] => {
    const off = metric.aligned && view.endMs % (window * MINUTE_MS) !== 0;
    return off ? [] : [read(view, window)];
  };
}

/**
 * Of a minute's prints only the extremes are stored. The one that may fire is taken first:
 * a minute fires once at most, and may be back at its own end.
 */
function pricesOf({ comparison }: Rule) {
  return (view: View): Reading[] => {
    const last = { fromMs: view.endMs - MINUTE_MS, toMs: view.endMs };
    const bucket = within(pricedSeries(view)?.buckets ?? [], last)[0];
    if (!bucket) return [{ lacking: "no price is heard" }];
    const { h, l, c } = bucket;
    // A minute in which nothing traded changes nothing.
    if (h === null || l === null || c === null) return [];
    const order = comparison === "<" ? [l, h, c] : [h, l, c];
    return order.map((value) => ({ value }));
  };
}

/** When a rule would have fired; the daily cap counts over all assets, as it does live. */
export async function firingsIn(
  rule: Rule,
  all: readonly Readings[],
  turn: () => Promise<void>,
): Promise<Would[]> {
  const uncapped = { ...rule, capPerDay: Infinity };
  const found: Would[] = [];
  for (const { asset, times, values, bounds } of all) {
    let [place, count]: [Place, Count] = [FRESH, NOT_YET];
    for (const [i, value] of values.entries()) {
      const timeMs = times[i] ?? 0;
      if (bounds.has(i) && !(place.armed === true && isAbove(rule, value))) continue;
      const judged = judge(uncapped, place, count, value, timeMs);
      ({ place, count } = judged);
      if (judged.verdict === "fired") found.push({ asset, timeMs, value });
      if (i % JUDGED === JUDGED - 1) await turn();
    }
  }
  found.sort((a, b) => a.timeMs - b.timeMs);
  const perDay = new Map<number, number>();
  return found.filter(({ timeMs }) => {
    const day = Math.floor(timeMs / 86_400_000);
    const today = perDay.get(day) ?? 0;
    perDay.set(day, today + 1);
    return today < rule.capPerDay;
  });
}

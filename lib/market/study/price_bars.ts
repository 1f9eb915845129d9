// This module is pure.
/** Closed bars of one market's price, from its minutes. */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MINUTES } from "../bucket.ts";
import { lowerBound } from "../flow.ts";
import { countPast, type Minutes, type Past, quartersIn, stretchOf } from "../past/past.ts";
import { isComplete } from "../trust.ts";
import type { Timeframe } from "../windows.ts";

export interface PriceBar {
  readonly t: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  /** Every minute of it is whole. */
  readonly complete: boolean;
}

/**
 * The unbroken run of closed bars that ends with the last one before `nowMs`, oldest
 * first. It begins with the first bar that lies wholly in what is held since `fromMs`. A
 * bar with missing minutes takes part with what is known of it; one without any price breaks
 * the run. Where nothing traded and every minute is whole the price stood still: a flat bar.
 */
export function priceBars(
  minutes: Minutes,
  timeframe: Timeframe,
  nowMs: number,
  fromMs = -Infinity,
): PriceBar[] {
  const width = timeframe * MINUTE_MS;
  const endMs = barStart(nowMs, timeframe);
  const { past, buckets } = stretchOf(minutes);
  const firstMs = firstKnown(past, buckets, fromMs) ?? endMs;
  let run: PriceBar[] = [];
  for (let t = Math.ceil(firstMs / width) * width; t < endMs; t += width) {
    const { h, l, c, whole } = barAt(past, buckets, t, timeframe);
    const complete = whole === timeframe;
    const before = run.at(-1);
    if (c === c) run.push({ t, h, l, c, complete });
    else if (!complete) run = [];
    else if (before) run.push({ t, h: before.c, l: before.c, c: before.c, complete });
  }
  return run;
}

/** The first minute of whose tape something is known. */
function firstKnown(
  past: Past | null | undefined,
  buckets: readonly Bucket[],
  fromMs: number,
): number | null {
  for (const { t, mask } of quartersIn(past, { fromMs, toMs: Infinity })) {
    const bits = (past?.ring.bits("sourced", t) ?? 0) & mask;
    // The lowest bit that is set.
    if (bits !== 0) return t + (31 - Math.clz32(bits & -bits)) * MINUTE_MS;
  }
  for (let i = lowerBound(buckets, fromMs); i < buckets.length; i++) {
    const bucket = buckets[i];
    if (bucket && bucket.source !== null) return bucket.t;
  }
  return null;
}

/** A bar of what is held; `c` is NaN where there is no price. */
function barAt(
  past: Past | null | undefined,
  buckets: readonly Bucket[],
  t: number,
  timeframe: Timeframe,
) {
  const toMs = t + timeframe * MINUTE_MS;
  let [h, l, c] = [-Infinity, Infinity, NaN];
  const add = (high: number, low: number, close: number): void => {
    if (close !== close) return;
    c = close;
    h = Math.max(h, high);
    l = Math.min(l, low);
  };
  let whole = 0;
  if (past && t < past.toMs) {
    const step = timeframe === 1 || timeframe === 5 ? timeframe : QUARTER_MINUTES;
    whole = countPast(past, { fromMs: t, toMs }, "whole");
    const { ring } = past;
    for (let at = t; at < Math.min(toMs, past.toMs); at += step * MINUTE_MS) {
      add(ring.price("h", step, at), ring.price("l", step, at), ring.price("c", step, at));
    }
  }
  for (let i = lowerBound(buckets, t); i < buckets.length; i++) {
    const bucket = buckets[i];
    if (!bucket || bucket.t >= toMs) break;
    if (isComplete(bucket)) whole++;
    if (bucket.c !== null) add(bucket.h ?? bucket.c, bucket.l ?? bucket.c, bucket.c);
  }
  return { h, l, c, whole };
}

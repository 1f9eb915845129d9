// This module is pure.
/** Closed bars of one market's price, from its minutes. */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import { lowerBound } from "../flow.ts";
import { countBits } from "../past/bits.ts";
import { type Minutes, type Past, QuarterWalk, stretchOf } from "../past/past.ts";
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
  const firstMs = Math.ceil((firstKnown(past, buckets, fromMs) ?? endMs) / width) * width;
  let run: PriceBar[] = [];
  const bar = new OpenBar();
  for (let t = firstMs, next = lowerBound(buckets, firstMs); t < endMs; t += width) {
    bar.begin();
    if (past && t < past.toMs) bar.addPast(past, t, timeframe);
    for (let row = buckets[next]; row && row.t < t + width; row = buckets[++next]) {
      bar.addMinute(row);
    }
    const { h, l, c } = bar;
    const complete = bar.whole === timeframe;
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
  const walk = past && new QuarterWalk(past, { fromMs, toMs: Infinity });
  for (let t = walk?.firstMs ?? 0; past && walk && t < walk.toMs; t += QUARTER_MS) {
    const bits = past.ring.bits("sourced", t) & walk.maskAt(t);
    // The lowest bit that is set.
    if (bits !== 0) return t + (31 - Math.clz32(bits & -bits)) * MINUTE_MS;
  }
  for (let i = lowerBound(buckets, fromMs); i < buckets.length; i++) {
    const bucket = buckets[i];
    if (bucket && bucket.source !== null) return bucket.t;
  }
  return null;
}

/** The bar that is being put together: one for a whole run, for a run has hundreds of bars. */
class OpenBar {
  h = -Infinity;
  l = Infinity;
  /** NaN where there is no price. */
  c = NaN;
  /** How many of its minutes are whole. */
  whole = 0;

  begin(): void {
    this.h = -Infinity;
    this.l = Infinity;
    this.c = NaN;
    this.whole = 0;
  }

  addPast(past: Past, t: number, timeframe: Timeframe): void {
    const toMs = Math.min(t + timeframe * MINUTE_MS, past.toMs);
    // A bar is a part of one quarter-hour, or some whole ones.
    const step = timeframe === 1 || timeframe === 5 ? timeframe : QUARTER_MINUTES;
    const { ring } = past;
    for (let at = t; at < toMs; at += step * MINUTE_MS) {
      const quarterMs = barStart(at, QUARTER_MINUTES);
      const whole = ring.bits("whole", quarterMs) >> (at - quarterMs) / MINUTE_MS;
      this.whole += countBits(whole & (1 << step) - 1);
      this.#add(ring.price("h", step, at), ring.price("l", step, at), ring.price("c", step, at));
    }
  }

  addMinute(bucket: Bucket): void {
    if (isComplete(bucket)) this.whole++;
    if (bucket.c !== null) this.#add(bucket.h ?? bucket.c, bucket.l ?? bucket.c, bucket.c);
  }

  #add(high: number, low: number, close: number): void {
    if (close !== close) return;
    this.c = close;
    this.h = Math.max(this.h, high);
    this.l = Math.min(this.l, low);
  }
}

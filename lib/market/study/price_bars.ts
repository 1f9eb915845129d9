// This module is pure.
/** Closed bars of one market's price, from its minutes. */
import { barStart, type Bucket, MINUTE_MS } from "../bucket.ts";
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
 * first. It begins with the first bar that lies wholly in what is held. A bar with
 * missing minutes takes part with what is known of it; one without any price breaks the
 * run. Where nothing traded and every minute is whole the price stood still: a flat bar.
 */
export function priceBars(
  minutes: readonly Bucket[],
  timeframe: Timeframe,
  nowMs: number,
): PriceBar[] {
  const width = timeframe * MINUTE_MS;
  const endMs = barStart(nowMs, timeframe);
  const first = minutes.findIndex((minute) => minute.source !== null);
  let at = Math.max(0, first);
  let t = first < 0 ? endMs : Math.ceil((minutes[at]?.t ?? endMs) / width) * width;
  let run: PriceBar[] = [];
  for (; t < endMs; t += width) {
    let [h, l, c]: [number, number, number | null] = [-Infinity, Infinity, null];
    let whole = 0;
    for (let minute = minutes[at]; minute && minute.t < t + width; minute = minutes[++at]) {
      if (minute.t < t) continue;
      if (isComplete(minute)) whole++;
      if (minute.c === null) continue;
      c = minute.c;
      h = Math.max(h, minute.h ?? c);
      l = Math.min(l, minute.l ?? c);
    }
    const complete = whole === timeframe;
    const before = run.at(-1);
    if (c !== null) run.push({ t, h, l, c, complete });
    else if (!complete) run = [];
    else if (before) run.push({ t, h: before.c, l: before.c, c: before.c, complete });
  }
  return run;
}

// This module is pure.
/**
 * A tape in two parts: the recent minutes as buckets, and before them closed quarter-hours
 * from memory. Where one part ends and the other begins depends on the time alone.
 */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import type { Span } from "../windows.ts";
import type { MinuteIs } from "./bits.ts";
import { countBits } from "./bits.ts";
import { PastRing } from "./ring.ts";

/** The hour of any rolling window, and some minutes before it for the price at its start. */
const RECENT_QUARTERS = 5;

/** From here on questions read minutes, before it quarter-hours. */
export function recentFrom(nowMs: number): number {
  return barStart(nowMs, QUARTER_MINUTES) - RECENT_QUARTERS * QUARTER_MS;
}

/** Minutes `[fromMs, toMs)` of a series in quarter-hours; it ends at the edge of one. */
export interface Past extends Span {
  readonly ring: PastRing;
}

/** A series' minutes: `buckets` begin where `past` ends. */
export interface Stretch {
  readonly past?: Past | null;
  readonly buckets: readonly Bucket[];
}

/** A series' minutes, all of them as buckets, or the older ones in quarter-hours. */
export type Minutes = readonly Bucket[] | Stretch;

export function stretchOf(minutes: Minutes): Stretch {
  return "buckets" in minutes ? minutes : { buckets: minutes };
}

/**
 * The part of a span that lies in the past, walked quarter by quarter: from `firstMs`, by
 * `QUARTER_MS`, to before `toMs`. No list of them is made: every question walks some thousand.
 */
export class QuarterWalk implements Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Start of the first quarter. */
  readonly firstMs: number;

  constructor(past: Span, span: Span) {
    this.fromMs = Math.max(past.fromMs, span.fromMs);
    this.toMs = Math.min(past.toMs, span.toMs);
    this.firstMs = barStart(this.fromMs, QUARTER_MINUTES);
  }

  /** Bits of the minutes of the quarter at `t` that lie in the span. */
  maskAt(t: number): number {
    return (1 << minuteIn(t, this.toMs)) - (1 << minuteIn(t, this.fromMs));
  }
}

/**
 * The same for sums, which a quarter has only as a whole.
 * @throws {RangeError} where the span cuts a quarter
 */
export function wholeQuarters(past: Span, span: Span): QuarterWalk {
  const walk = new QuarterWalk(past, span);
  const { firstMs, fromMs, toMs } = walk;
  const cutMs = firstMs < fromMs ? firstMs : barStart(toMs, QUARTER_MINUTES);
  if (fromMs < toMs && cutMs < toMs) {
    throw new RangeError(
      `Cannot sum from ${span.fromMs} to ${span.toMs}: it cuts the quarter-hour at ${cutMs}; ` +
        "ask for whole ones",
    );
  }
  return walk;
}

function minuteIn(quarterMs: number, timeMs: number): number {
  return Math.max(0, Math.min(QUARTER_MINUTES, (timeMs - quarterMs) / MINUTE_MS));
}

/** How many minutes of the past are so, within a span. */
export function countPast(past: Past | null | undefined, span: Span, is: MinuteIs): number {
  if (!past) return 0;
  const walk = new QuarterWalk(past, span);
  let count = 0;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    count += countBits(past.ring.bits(is, t) & walk.maskAt(t));
  }
  return count;
}

/** Puts the quarters of `[fromMs, toMs)`, given all their known minutes, in order. */
export function putQuarters(
  ring: PastRing,
  minutes: readonly Bucket[],
  { fromMs, toMs }: Span,
  endMs: number,
  fresh = true,
): void {
  let next = 0;
  for (let t = fromMs; t < toMs; t += QUARTER_MS) {
    while ((minutes[next]?.t ?? Infinity) < t) next++;
    const first = next;
    while ((minutes[next]?.t ?? Infinity) < t + QUARTER_MS) next++;
    ring.put(t, minutes.slice(first, next), endMs, fresh);
  }
}

/** What memory would hold of ordered minutes, for who has those. */
export function pastFrom(minutes: readonly Bucket[], { fromMs, toMs }: Span, priced = true): Past {
  const ring = new PastRing(priced);
  putQuarters(ring, minutes, { fromMs: barStart(fromMs, QUARTER_MINUTES), toMs }, toMs);
  return { ring, fromMs, toMs };
}

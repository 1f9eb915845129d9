// This module is pure.
/**
 * How much of what was asked is really known: the numbers behind the trust line that
 * ends every reply.
 */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MINUTES, QUARTER_MS } from "./bucket.ts";
import { lowerBound } from "./flow.ts";
import { countBits, MINUTE_IS, type MinuteIs } from "./past/bits.ts";
import { type Past, QuarterWalk } from "./past/past.ts";
import type { Span } from "./windows.ts";

/** What is held of one series. */
export interface Held {
  readonly venue: string;
  /** Ordered minutes; a minute that is absent is unknown. */
  readonly buckets: readonly Bucket[];
  /** The minutes before those, where they are held as quarter-hours. */
  readonly past?: Past | null;
  /** Exchange time of its newest data, ms. */
  readonly newestMs: number | null;
}

// Type aliases: these values leave as JSON.
export type Missing = { readonly venue: string; readonly minutes: number };

export type Trust = {
  /** Minutes that are complete in every series asked. */
  readonly minutesComplete: number;
  readonly minutesAsked: number;
  /** Only the venues that miss something, in venue order. */
  readonly missing: readonly Missing[];
  /** Minutes, summed over the series, that were rebuilt from trades by id. */
  readonly repaired: number;
  /** Minutes, summed over the series, that come from a venue's candles. */
  readonly candle: number;
  /** Age of the newest data of all series, `null` where there is none. */
  readonly ageMs: number | null;
};

/** Whether a venue's minute is whole; `null` is a minute of which nothing is held. */
export function isComplete(bucket: Bucket | null): boolean {
  return bucket !== null && bucket.coverageMs >= MINUTE_MS;
}

/** Minutes of which nothing beyond coverage is wanted. */
const whole: MinuteIs = "whole";

/**
 * Judges the closed minutes of a span; the forming one is not asked, for it cannot be
 * whole yet. `known` says what makes a minute count: what the question needs beyond
 * coverage, such as the taker sides, which a venue's candle may not have.
 * @throws {TypeError} where a function is to judge minutes that are held as quarter-hours
 */
export function trustOf(
  series: readonly Held[],
  span: Span,
  nowMs: number,
  known: MinuteIs | ((bucket: Bucket) => boolean) = whole,
): Trust {
  const { fromMs } = span;
  const toMs = Math.min(span.toMs, barStart(nowMs, 1));
  const asked = { fromMs, toMs };
  const minutesAsked = Math.max(0, (toMs - fromMs) / MINUTE_MS);
  const counts = typeof known === "string"
    ? MINUTE_IS[known]
    : (bucket: Bucket) => isComplete(bucket) && known(bucket);
  // The minutes that count as bits, quarter by quarter: of one series, and of all of them.
  const firstMs = barStart(fromMs, QUARTER_MINUTES);
  const own = new Uint16Array(Math.max(0, Math.ceil((toMs - firstMs) / QUARTER_MS)));
  const common = new Uint16Array(own.length).fill(ALL_BITS);
  const judged = series.map(({ venue, buckets, past, newestMs }): Judged => {
    own.fill(0);
    let { repaired, candle } = markPast(own, past, asked, known);
    const end = lowerBound(buckets, toMs);
    for (let i = lowerBound(buckets, fromMs); i < end; i++) {
      const bucket = buckets[i];
      if (!bucket) continue;
      if (bucket.source === "repaired") repaired++;
      if (bucket.source === "candle") candle++;
      if (!counts(bucket)) continue;
      const quarter = Math.floor((bucket.t - firstMs) / QUARTER_MS);
      own[quarter] = (own[quarter] ?? 0) | 1 << bucket.t / MINUTE_MS % QUARTER_MINUTES;
    }
    for (let i = 0; i < own.length; i++) common[i] = (common[i] ?? 0) & (own[i] ?? 0);
    return { venue, complete: countAll(own), repaired, candle, newestMs };
  });
  const minutesComplete = series.length === 0 ? 0 : countAll(common);
  return trustFrom(judged, minutesComplete, minutesAsked, nowMs);
}

const ALL_BITS = 0xffff;

function countAll(masks: Uint16Array): number {
  let bits = 0;
  for (const mask of masks) bits += countBits(mask);
  return bits;
}

/** Marks the minutes of the past that count; counts those that were not heard live. */
function markPast(
  own: Uint16Array,
  past: Past | null | undefined,
  span: Span,
  known: MinuteIs | ((bucket: Bucket) => boolean),
) {
  let [repaired, candle] = [0, 0];
  if (!past) return { repaired, candle };
  const { ring } = past;
  const { day } = ring;
  const walk = new QuarterWalk(past, span);
  let quarter = (walk.firstMs - barStart(span.fromMs, QUARTER_MINUTES)) / QUARTER_MS;
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    if (typeof known !== "string") {
      throw new TypeError(`Cannot judge the quarter-hour at ${t} by a function: name what counts`);
    }
    const mask = walk.maskAt(t);
    const slot = day.slotOf(t);
    if (slot >= 0) {
      repaired += countBits(day.bitsIn(slot, "repaired") & mask);
      candle += countBits(day.bitsIn(slot, "candle") & mask);
    }
    own[quarter++] = (slot >= 0 ? day.bitsIn(slot, known) : ring.bits(known, t)) & mask;
  }
  return { repaired, candle };
}

/** How many minutes of a series are complete, rebuilt, and from candles. */
interface Judged {
  readonly venue: string;
  readonly complete: number;
  readonly repaired: number;
  readonly candle: number;
  readonly newestMs: number | null;
}

/** The trust of series that were judged one by one. */
export function trustFrom(
  series: readonly Judged[],
  minutesComplete: number,
  minutesAsked: number,
  nowMs: number,
): Trust {
  const known = series.flatMap(({ newestMs }) => newestMs === null ? [] : [newestMs]);
  return {
    minutesComplete,
    minutesAsked,
    missing: series.flatMap(({ venue, complete }): Missing[] =>
      complete < minutesAsked ? [{ venue, minutes: minutesAsked - complete }] : []
    ),
    repaired: series.reduce((sum, { repaired }) => sum + repaired, 0),
    candle: series.reduce((sum, { candle }) => sum + candle, 0),
    ageMs: known.length === 0 ? null : Math.max(0, nowMs - Math.max(...known)),
  };
}

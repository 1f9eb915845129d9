// This module is pure.
/**
 * How much of what was asked is really known: the numbers behind the trust line that
 * ends every reply.
 */
import { barStart, type Bucket, MINUTE_MS } from "./bucket.ts";
import { within } from "./flow.ts";
import type { Span } from "./windows.ts";

/** What is held of one series. */
export interface Held {
  readonly venue: string;
  /** Ordered minutes; a minute that is absent is unknown. */
  readonly buckets: readonly Bucket[];
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

/**
 * Judges the closed minutes of a span; the forming one is not asked, for it cannot be
 * whole yet. `known` adds what the question needs beyond coverage, such as the taker
 * sides, which a venue's candle may not have.
 */
export function trustOf(
  series: readonly Held[],
  span: Span,
  nowMs: number,
  known: (bucket: Bucket) => boolean = () => true,
): Trust {
  const { fromMs } = span;
  const toMs = Math.min(span.toMs, barStart(nowMs, 1));
  const minutesAsked = Math.max(0, (toMs - fromMs) / MINUTE_MS);
  // Series in which a minute is whole, by minute of the span.
  const whole = new Uint16Array(minutesAsked);
  const judged = series.map(({ venue, buckets, newestMs }): Judged => {
    let [complete, repaired, candle] = [0, 0, 0];
    for (const bucket of within(buckets, { fromMs, toMs })) {
      if (bucket.source === "repaired") repaired++;
      if (bucket.source === "candle") candle++;
      if (!isComplete(bucket) || !known(bucket)) continue;
      const minute = (bucket.t - fromMs) / MINUTE_MS;
      whole[minute] = (whole[minute] ?? 0) + 1;
      complete++;
    }
    return { venue, complete, repaired, candle, newestMs };
  });
  const minutesComplete = series.length === 0
    ? 0
    : whole.reduce((count, held) => held === series.length ? count + 1 : count, 0);
  return trustFrom(judged, minutesComplete, minutesAsked, nowMs);
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

// This module is pure.
/**
 * Liquidations by the position that was closed, in quote currency. A minute of which a
 * venue's liquidations are unknown is left out and counted as missing.
 */
import { type Bucket, MINUTE_MS } from "../bucket.ts";
import type { PositionSide } from "../events.ts";
import { within } from "../flow.ts";
import { Sum } from "../sum.ts";
import type { Span } from "../windows.ts";

// Type aliases: these values leave as JSON.

export type LiquidationTotals = {
  readonly longQuote: number | null;
  readonly shortQuote: number | null;
  readonly quote: number | null;
  readonly longs: number | null;
  readonly shorts: number | null;
  /** Longs' share of the total, 0 … 1; `null` also where nothing was liquidated. */
  readonly longShare: number | null;
  /** Minutes, summed over the series, that are unknown. */
  readonly missing: number;
};

/** One minute of all series together; only what some series knows. */
export type LiquidatedMinute = {
  readonly t: number;
  readonly longQuote: number;
  readonly shortQuote: number;
  readonly longs: number;
  readonly shorts: number;
};

/** A venue's minute, or `null` where its liquidations are unknown; none at all is known. */
function minuteOf(bucket: Bucket): LiquidatedMinute | null {
  const { t, liqLongQuote: longQuote, liqShortQuote: shortQuote } = bucket;
  const { liqLongs: longs, liqShorts: shorts } = bucket;
  if (longQuote === null || shortQuote === null || longs === null || shorts === null) return null;
  return { t, longQuote, shortQuote, longs, shorts };
}

/** Whether a minute's liquidations are known. */
export function liquidationsKnown(bucket: Bucket): boolean {
  return minuteOf(bucket) !== null;
}

/** Totals of several series in a span; each series is a list of ordered minutes. */
export function liquidationsOf(
  series: readonly (readonly Bucket[])[],
  span: Span,
): LiquidationTotals {
  const long = new Sum();
  const short = new Sum();
  let [longs, shorts, known] = [0, 0, 0];
  for (const buckets of series) {
    for (const bucket of within(buckets, span)) {
      const minute = minuteOf(bucket);
      if (!minute) continue;
      long.add(minute.longQuote);
      short.add(minute.shortQuote);
      longs += minute.longs;
      shorts += minute.shorts;
      known++;
    }
  }
  const missing = series.length * (span.toMs - span.fromMs) / MINUTE_MS - known;
  if (known === 0) return { ...NOTHING_KNOWN, missing };
  const [longQuote, shortQuote] = [long.value, short.value];
  const quote = longQuote + shortQuote;
  const longShare = quote > 0 ? longQuote / quote : null;
  return { longQuote, shortQuote, quote, longs, shorts, longShare, missing };
}

const NOTHING_KNOWN = {
  longQuote: null,
  shortQuote: null,
  quote: null,
  longs: null,
  shorts: null,
  longShare: null,
};

/** Minute by minute over all series, in order; a minute that none knows is not there. */
export function liquidatedMinutes(
  series: readonly (readonly Bucket[])[],
  span: Span,
): LiquidatedMinute[] {
  const byMinute = new Map<number, LiquidatedMinute>();
  for (const buckets of series) {
    for (const bucket of within(buckets, span)) {
      const minute = minuteOf(bucket);
      if (!minute) continue;
      const held = byMinute.get(minute.t);
      byMinute.set(minute.t, held ? joinMinutes(held, minute) : minute);
    }
  }
  return [...byMinute.values()].sort((a, b) => a.t - b.t);
}

function joinMinutes(a: LiquidatedMinute, b: LiquidatedMinute): LiquidatedMinute {
  return {
    t: a.t,
    longQuote: a.longQuote + b.longQuote,
    shortQuote: a.shortQuote + b.shortQuote,
    longs: a.longs + b.longs,
    shorts: a.shorts + b.shorts,
  };
}

/** The larger side of a minute; longs where both are equal. */
export function largerSide(minute: LiquidatedMinute): {
  readonly position: PositionSide;
  readonly quote: number;
  readonly count: number;
} {
  const { longQuote, shortQuote, longs, shorts } = minute;
  return longQuote >= shortQuote
    ? { position: "long", quote: longQuote, count: longs }
    : { position: "short", quote: shortQuote, count: shorts };
}

export type LargestMinute = {
  readonly t: number;
  readonly position: PositionSide;
  readonly quote: number;
  readonly count: number;
};

/** The minute whose one side was largest, the earliest of equals; `null` where all are zero. */
export function largestMinute(minutes: readonly LiquidatedMinute[]): LargestMinute | null {
  let largest: LargestMinute | null = null;
  for (const minute of minutes) {
    const side = largerSide(minute);
    if (side.quote > (largest?.quote ?? 0)) largest = { t: minute.t, ...side };
  }
  return largest;
}

/**
 * The smallest value that at least the fraction `part` of all values do not exceed
 * (nearest rank); `null` for none.
 */
export function percentile(values: readonly number[], part: number): number | null {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? null;
}

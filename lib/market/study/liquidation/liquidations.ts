// This module is pure.
/**
 * Liquidations by the position that was closed, in quote currency. A minute of which a
 * venue's liquidations are not wholly known is counted as missing; what was heard of it counts.
 */
import { type Bucket, MINUTE_MS, QUARTER_MS, sumKnown } from "../../bucket.ts";
import type { PositionSide } from "../../events.ts";
import { within } from "../../flow.ts";
import { MINUTE_IS } from "../../past/bits.ts";
import { ENTRY_WIDTH } from "../../past/fold.ts";
import { countPast, type Minutes, type Past, QuarterWalk, stretchOf } from "../../past/past.ts";
import { Sum } from "../../sum.ts";
import type { Span } from "../../windows.ts";

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

/** What was heard of a venue's minute; `null` where nothing is known of it. */
export function heardIn(bucket: Bucket): LiquidatedMinute | null {
  const { t, liqLongQuote, liqShortQuote, liqLongs, liqShorts } = bucket;
  const [longQuote, shortQuote] = [liqLongQuote ?? 0, liqShortQuote ?? 0];
  if (!liquidationsKnown(bucket) && longQuote + shortQuote === 0) return null;
  return { t, longQuote, shortQuote, longs: liqLongs ?? 0, shorts: liqShorts ?? 0 };
}

/** Whether a minute's liquidations are wholly known; none at all is known. */
export const liquidationsKnown: (bucket: Bucket) => boolean = MINUTE_IS.told;

/** The minutes of the past in which something was liquidated. */
function* liquidatedIn(past: Past | null | undefined, span: Span): Generator<LiquidatedMinute> {
  if (!past) return;
  const walk = new QuarterWalk(past, span);
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const rows = past.ring.day.liquidations(t) ?? [];
    const mask = walk.maskAt(t);
    for (let at = 0; at < rows.length; at += ENTRY_WIDTH) {
      const minute = rows[at] ?? 0;
      if ((mask >> minute & 1) === 0) continue;
      yield {
        t: t + minute * MINUTE_MS,
        longQuote: rows[at + 1] ?? 0,
        shortQuote: rows[at + 2] ?? 0,
        longs: rows[at + 3] ?? 0,
        shorts: rows[at + 4] ?? 0,
      };
    }
  }
}

/** Totals of several series in a span; each series is its ordered minutes. */
export function liquidationsOf(series: readonly Minutes[], span: Span): LiquidationTotals {
  const long = new Sum();
  const short = new Sum();
  let [longs, shorts, known] = [0, 0, 0];
  const add = (minute: LiquidatedMinute): void => {
    long.add(minute.longQuote);
    short.add(minute.shortQuote);
    longs += minute.longs;
    shorts += minute.shorts;
  };
  for (const minutes of series) {
    const { past, buckets } = stretchOf(minutes);
    known += countPast(past, span, "told");
    for (const minute of liquidatedIn(past, span)) add(minute);
    for (const bucket of within(buckets, span)) {
      const minute = heardIn(bucket);
      if (minute) add(minute);
      if (liquidationsKnown(bucket)) known++;
    }
  }
  const missing = series.length * (span.toMs - span.fromMs) / MINUTE_MS - known;
  // Where no minute is wholly known, a side of which nothing was heard is unknown.
  const side = (value: number): number | null => known > 0 || value > 0 ? value : null;
  const [longQuote, shortQuote] = [side(long.value), side(short.value)];
  const quote = sumKnown(longQuote, shortQuote);
  const bothKnown = longQuote !== null && shortQuote !== null;
  const longShare = bothKnown && quote !== null && quote > 0 ? longQuote / quote : null;
  const counts = { longs: side(longs), shorts: side(shorts) };
  return { longQuote, shortQuote, quote, ...counts, longShare, missing };
}

/** Minute by minute over all series, in order; a minute that none knows is not there. */
export function liquidatedMinutes(series: readonly Minutes[], span: Span): LiquidatedMinute[] {
  const count = Math.max(0, Math.ceil((span.toMs - span.fromMs) / MINUTE_MS));
  const rows = Array.from({ length: count }, (): Summed | null => null);
  const rowAt = (t: number): Summed => {
    const index = (t - span.fromMs) / MINUTE_MS;
    return rows[index] ??= { t, longQuote: 0, shortQuote: 0, longs: 0, shorts: 0 };
  };
  for (const minutes of series) {
    const { past, buckets } = stretchOf(minutes);
    if (past) eachTold(past, span, rowAt);
    for (const minute of liquidatedIn(past, span)) add(rowAt(minute.t), minute);
    for (const bucket of within(buckets, span)) {
      const minute = heardIn(bucket);
      if (minute) add(rowAt(minute.t), minute);
    }
  }
  return rows.filter((row) => row !== null);
}

/** Names the minutes of the past whose liquidations are known. */
function eachTold(past: Past, span: Span, name: (t: number) => void): void {
  const walk = new QuarterWalk(past, span);
  for (let t = walk.firstMs; t < walk.toMs; t += QUARTER_MS) {
    const told = past.ring.bits("told", t) & walk.maskAt(t);
    for (let rest = told, i = 0; rest !== 0; rest >>>= 1, i++) {
      if ((rest & 1) === 1) name(t + i * MINUTE_MS);
    }
  }
}

type Summed = { -readonly [name in keyof LiquidatedMinute]: LiquidatedMinute[name] };

function add(sum: Summed, minute: LiquidatedMinute): void {
  sum.longQuote += minute.longQuote;
  sum.shortQuote += minute.shortQuote;
  sum.longs += minute.longs;
  sum.shorts += minute.shorts;
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
export function percentile(values: ArrayLike<number>, part: number): number | null {
  const sorted = new Float64Array(values).sort();
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? null;
}

// This module is pure.
/**
 * Open interest: what stood at a moment, what it did in a span, and what that may mean
 * beside the price. Changes are in coins, for dollar OI moves with the price.
 */
import { type Bucket, MINUTE_MS } from "../bucket.ts";
import { lowerBound, within } from "../flow.ts";
import { Sum } from "../sum.ts";
import type { Span } from "../windows.ts";

/** A value that some minutes lack is carried forward this far, and no further. */
export const CARRY_MINUTES = 5;

/** Moves up to this fraction, on either axis, say nothing (metrics page). */
export const DEAD_BAND = 0.0025;

/** The last value of a minute, and how many minutes later it is asked for. */
export interface Standing {
  readonly value: number;
  readonly ageMinutes: number;
}

/**
 * The value that stands at a minute's edge: that of the minute which ends there, or of
 * one at most five earlier; `null` where all of them lack it.
 */
export function standingAt<Row extends { readonly t: number }>(
  rows: readonly Row[],
  edgeMs: number,
  pick: (row: Row) => number | null,
): Standing | null {
  const fromMs = edgeMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  for (let i = lowerBound(rows, edgeMs) - 1; i >= 0; i--) {
    const row = rows[i];
    if (!row || row.t < fromMs) return null;
    const value = pick(row);
    if (value !== null) return { value, ageMinutes: (edgeMs - row.t) / MINUTE_MS - 1 };
  }
  return null;
}

/** Change of a standing value over a span as a fraction of its start; `null` where unknown. */
export function changeOf(
  buckets: readonly Bucket[],
  span: Span,
  pick: (bucket: Bucket) => number | null,
): number | null {
  const from = standingAt(buckets, span.fromMs, pick)?.value ?? null;
  const to = standingAt(buckets, span.toMs, pick)?.value ?? null;
  return from === null || to === null || from <= 0 ? null : (to - from) / from;
}

// Type aliases: these values leave as JSON.

export type InterestChange = {
  /** Sums over the venues that know both ends, in coins. */
  readonly fromBase: number | null;
  readonly toBase: number | null;
  readonly deltaBase: number | null;
  /** Delta ÷ `fromBase`. */
  readonly deltaPct: number | null;
  /** Venues that do not know one of the ends: they are in no sum. */
  readonly without: readonly string[];
  /** Age of the oldest value that was carried forward to an end. */
  readonly carriedMinutes: number;
};

/** A venue's open interest by minute, ordered; minutes may lack. */
export interface HeldInterest {
  readonly venue: string;
  readonly buckets: readonly Pick<Bucket, "t" | "oiBase">[];
}

/** ΔOI of several venues in a span. A venue counts at both ends or at none. */
export function interestChange(series: readonly HeldInterest[], span: Span): InterestChange {
  const without: string[] = [];
  const fromSum = new Sum();
  const toSum = new Sum();
  let carriedMinutes = 0;
  for (const { venue, buckets } of series) {
    const from = standingAt(buckets, span.fromMs, (bucket) => bucket.oiBase);
    const to = standingAt(buckets, span.toMs, (bucket) => bucket.oiBase);
    if (!from || !to) {
      without.push(venue);
      continue;
    }
    fromSum.add(from.value);
    toSum.add(to.value);
    carriedMinutes = Math.max(carriedMinutes, from.ageMinutes, to.ageMinutes);
  }
  if (without.length === series.length) {
    return {
      fromBase: null,
      toBase: null,
      deltaBase: null,
      deltaPct: null,
      without,
      carriedMinutes,
    };
  }
  const [fromBase, toBase] = [fromSum.value, toSum.value];
  const deltaBase = toBase - fromBase;
  const deltaPct = fromBase > 0 ? deltaBase / fromBase : null;
  return { fromBase, toBase, deltaBase, deltaPct, without, carriedMinutes };
}

export type Quadrant =
  | "new longs"
  | "short covering"
  | "new shorts"
  | "long liquidation or profit taking"
  | "none";

/**
 * What price and OI together may mean: an inference, no measurement. `none` where a
 * move is within the dead-band, its edge included; `null` where one is unknown.
 */
export function quadrantOf(priceChange: number | null, oiChange: number | null): Quadrant | null {
  if (priceChange === null || oiChange === null) return null;
  if (Math.abs(priceChange) <= DEAD_BAND || Math.abs(oiChange) <= DEAD_BAND) return "none";
  if (priceChange > 0) return oiChange > 0 ? "new longs" : "short covering";
  return oiChange > 0 ? "new shorts" : "long liquidation or profit taking";
}

/** CVD in coins, anchored at the span's start; `null` where no minute's sides are known. */
export function cvdBaseOf(series: readonly (readonly Bucket[])[], span: Span): number | null {
  const sum = new Sum();
  let known = false;
  for (const buckets of series) {
    for (const { buyBase, sellBase } of within(buckets, span)) {
      if (buyBase === null || sellBase === null) continue;
      sum.add(buyBase - sellBase);
      known = true;
    }
  }
  return known ? sum.value : null;
}

/** OI-normalised CVD: both in coins; `null` where unknown or without any OI. */
export function cvdPerInterest(cvdBase: number | null, oiBase: number | null): number | null {
  return cvdBase === null || oiBase === null || oiBase <= 0 ? null : cvdBase / oiBase;
}

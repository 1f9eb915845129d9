// This module is pure.
/** Stored minutes as readings of the cascade detector. */
import { MINUTE_MS } from "../../bucket.ts";
import { within } from "../../flow.ts";
import { type FineMinute, fineMinutes } from "../../past/fine.ts";
import type { Minutes } from "../../past/past.ts";
import { sumOf } from "../../sum.ts";
import type { Span } from "../../windows.ts";
import type { CascadeMinute } from "./cascade.ts";
import { CARRY_MINUTES, standingAt } from "../interest.ts";
import { liquidatedMinutes } from "./liquidations.ts";
import { ATR_BARS } from "../momentum.ts";

/**
 * One reading per closed minute of the span whose liquidations are known, over all series
 * of an asset. Price and ATR are of the series `priced`, whose minutes should begin early
 * enough for the ATR. Within a minute the high and the low came before the close.
 */
export function cascadeMinutes(
  series: readonly Minutes[],
  priced: readonly FineMinute[],
  span: Span,
): CascadeMinute[] {
  const atrs = atrAfter(priced);
  const carriedMs = span.fromMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  const interest = series.map((minutes) => fineMinutes(minutes, carriedMs));
  const priceAt = new Map(priced.map((bucket, i) => [bucket.t, { bucket, atr: atrs[i - 1] }]));
  return liquidatedMinutes(series, span).map((minute) => {
    const { bucket, atr = null } = priceAt.get(minute.t) ?? {};
    const { h = null, l = null, c = null } = bucket ?? {};
    return {
      ...minute,
      fall: h === null || c === null ? null : h - c,
      rise: l === null || c === null ? null : c - l,
      atr,
      oiBeforeBase: interestAt(interest, minute.t),
      oiBase: interestAt(interest, minute.t + MINUTE_MS),
    };
  });
}

/** Run-in of the ATR that a cascade is measured by. */
export const ATR_MINUTES = 60;

/** Whether a market's prices tell the ATR by which the minute that ends at `endMs` is measured. */
export function knowsRange(priced: readonly FineMinute[], endMs: number): number {
  const toMs = endMs - MINUTE_MS;
  const before = within(priced, { fromMs: endMs - ATR_MINUTES * MINUTE_MS, toMs });
  return (atrAfter(before).at(-1) ?? null) === null ? 0 : 1;
}

/** OI of all series; `null` where one of them is unknown, for a part is no sum to compare. */
function interestAt(series: readonly (readonly FineMinute[])[], edgeMs: number): number | null {
  const standing = series.map((minutes) => standingAt(minutes, edgeMs, (row) => row.oiBase));
  const known = standing.filter((one) => one !== null);
  return known.length < standing.length || known.length === 0
    ? null
    : sumOf(known.map((one) => one.value));
}

/**
 * ATR(14) by Wilder after each of the minutes; `null` until 14 ranges are known. A whole
 * minute without a print has no range; an unknown one changes nothing, and the one after
 * it has no close to start from.
 */
export function atrAfter(
  minutes: readonly Omit<FineMinute, "oiBase">[],
  length = ATR_BARS,
): (number | null)[] {
  let close: number | null = null;
  let atr = 0;
  let count = 0;
  return minutes.map(({ h, l, c, coverageMs }) => {
    const still = h === null && coverageMs >= MINUTE_MS ? close : null;
    const [high, low] = [h ?? still, l ?? still];
    if (close !== null && high !== null && low !== null) {
      count++;
      const range = Math.max(high, close) - Math.min(low, close);
      // The mean of the first ones, then Wilder's smoothing.
      atr += (range - atr) / Math.min(count, length);
    }
    close = c ?? still;
    return count >= length ? atr : null;
  });
}

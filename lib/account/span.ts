// This module is pure.
/** Stretches of time as the venues want them asked. */
import type { PnlRange, Span } from "./types.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const DAYS: Readonly<Record<Exclude<PnlRange, "today">, number>> = { "7d": 7, "30d": 30 };

/** `today` from UTC midnight, else so many times 24 h; until now, whole ms. */
export function spanOf(range: PnlRange, nowMs: number): Span {
  const toMs = Math.floor(nowMs);
  return {
    fromMs: range === "today" ? toMs - toMs % DAY_MS : toMs - DAYS[range] * DAY_MS,
    toMs,
  };
}

/** The span in windows no longer than a venue takes, oldest first; the ends of both count. */
export function windowsOf({ fromMs, toMs }: Span, longestMs: number): Span[] {
  const windows: Span[] = [];
  for (let at = fromMs; at <= toMs; at += longestMs) {
    windows.push({ fromMs: at, toMs: Math.min(toMs, at + longestMs - 1) });
  }
  return windows;
}

// This module is pure.
/**
 * The five timeframes, and the spans of whole minutes that they name: bars aligned to
 * the epoch, and the rolling windows and the UTC day, which are made of closed minutes
 * only, so that whoever has the minutes can work out the same sums again.
 */
import { barStart, MINUTE_MS } from "./bucket.ts";

/** In minutes. */
export type Timeframe = 1 | 5 | 15 | 30 | 60;

export const TIMEFRAMES: readonly Timeframe[] = [1, 5, 15, 30, 60];

const DAY_MINUTES = 1440;

/** A half-open span of exchange time, ms; both ends are whole minutes. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `15m`; an hour is `60m` everywhere, so that one timeframe has one name. */
export function timeframeName(timeframe: Timeframe): string {
  return `${timeframe}m`;
}

/** The timeframe that a person means by `15`, `15m`, `15 min` or `1h`, or `null`. */
export function parseTimeframe(text: string): Timeframe | null {
  const match = /^(\d{1,4})(m|min|mins|h|hr|hour)?$/i.exec(text.trim());
  if (!match) return null;
  const hours = match[2]?.toLowerCase().startsWith("h") ?? false;
  const minutes = Number(match[1]) * (hours ? 60 : 1);
  return TIMEFRAMES.find((timeframe) => timeframe === minutes) ?? null;
}

/** Whether a text reads as a length of time at all, one of the five or not: `4h`, `7`, `1d`. */
export function looksLikeTimeframe(text: string): boolean {
  return /^\d{1,6}(s|m|min|mins|minutes?|h|hr|hours?|d|days?|w)?$/i.test(text.trim());
}

/** The last `minutes` closed minutes: it ends where the forming one begins. */
export function rollingWindow(minutes: number, nowMs: number): Span {
  const toMs = barStart(nowMs, 1);
  return { fromMs: toMs - minutes * MINUTE_MS, toMs };
}

/** The last bar aligned to the epoch that has closed. */
export function lastClosedBar(timeframe: Timeframe, nowMs: number): Span {
  const toMs = barStart(nowMs, timeframe);
  return { fromMs: toMs - timeframe * MINUTE_MS, toMs };
}

/** The last `count` bars aligned to the epoch, oldest first; the last one is forming. */
export function lastBars(timeframe: Timeframe, count: number, nowMs: number): Span[] {
  const width = timeframe * MINUTE_MS;
  const formingMs = barStart(nowMs, timeframe);
  return Array.from({ length: count }, (_, i) => {
    const fromMs = formingMs - (count - 1 - i) * width;
    return { fromMs, toMs: fromMs + width };
  });
}

/** From UTC midnight to the start of the forming minute; empty in the first minute of a day. */
export function utcDay(nowMs: number): Span {
  return { fromMs: barStart(nowMs, DAY_MINUTES), toMs: barStart(nowMs, 1) };
}

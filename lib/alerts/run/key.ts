// This module is pure.
/** A metric of an asset over a window, as it is read minute after minute. */
import { barStart, MINUTE_MS } from "../../market/bucket.ts";
import type { MinuteMetric, Reader, Reading, View } from "../metric/metric.ts";
import type { Armed } from "./armed.ts";

/** Further behind than this nothing is news any more. */
export const STALE_MS = 10 * MINUTE_MS;
/** Values kept for a sparkline. */
const RECENT = 24;

/** What is read, and the rules that are about it. */
export interface Key {
  readonly asset: string;
  readonly metric: MinuteMetric;
  readonly windowMinutes: number;
  rules: Armed[];
  readonly recent: number[];
  last: Reading | null;
}

export interface Kept extends Key {
  readonly reader: Reader;
  /** End of the next minute, or bar, to be judged. */
  nextEndMs: number;
  warm: boolean;
  /** What was whole of the minute when it was last tried. */
  tried: string;
  /** What a minute that still forms, or is not judged yet, would make of it. */
  ahead: { readonly endMs: number; readonly reading: Reading } | null;
  /** Sum of the closed minutes of the window whose last one forms at `fromMs`. */
  base: { readonly fromMs: number; readonly sum: number } | null;
}

/** Begins with the last minute that has closed, or with the first since `sinceMs`. */
export function fresh(
  key: Omit<Key, "recent" | "last">,
  nowMs: number,
  sinceMs: number | null,
): Kept {
  const reader = key.metric.open();
  const warm = (key.metric.warmUp ?? 0) === 0;
  const earliestMs = Math.max(sinceMs ?? Infinity, nowMs - STALE_MS);
  const firstMs = Math.ceil(earliestMs / stepMs(key)) * stepMs(key);
  const nextEndMs = Math.min(lastEnd(key, nowMs), firstMs);
  return {
    ...key,
    recent: [],
    last: null,
    reader,
    nextEndMs,
    warm,
    tried: "",
    ahead: null,
    base: null,
  };
}

/** Lets a reader see the minutes before the first that counts. */
export function warmUp(key: Kept, view: View): void {
  for (let minutes = key.metric.warmUp ?? 0; minutes > 0; minutes--) {
    key.reader.read({ ...view, endMs: view.endMs - minutes * MINUTE_MS }, key.windowMinutes);
  }
  key.warm = true;
}

/** Keeps a value for the sparkline. */
export function remember({ recent }: Key, value: number): void {
  recent.push(value);
  if (recent.length > RECENT) recent.shift();
}

/** How long after its end a minute is judged at the earliest. */
export function delayMs({ metric: { settleMs, lateMs } }: Pick<Key, "metric">): number {
  return settleMs ?? lateMs ?? 0;
}

export function stepMs({ metric, windowMinutes }: Pick<Key, "metric" | "windowMinutes">): number {
  return (metric.aligned ? windowMinutes : 1) * MINUTE_MS;
}

/** The end of the last minute, or bar, that has closed. */
export function lastEnd(key: Pick<Key, "metric" | "windowMinutes">, nowMs: number): number {
  return barStart(nowMs, stepMs(key) / MINUTE_MS);
}

export function nameOf(
  { asset, metric, windowMinutes }: Pick<Key, "asset" | "metric" | "windowMinutes">,
): string {
  return `${asset} ${metric.name} ${windowMinutes}`;
}

// This module is pure.
/** The quarter-hour, aligned to the epoch, of which memory keeps a day of every series. */
import { barStart, QUARTER_MINUTES, QUARTER_MS } from "./bucket.ts";
import type { Span } from "./windows.ts";

/** The last `quarters` closed quarter-hours: it ends where the forming one begins. */
export function closedQuarters(quarters: number, nowMs: number): Span {
  const toMs = barStart(nowMs, QUARTER_MINUTES);
  return { fromMs: toMs - quarters * QUARTER_MS, toMs };
}

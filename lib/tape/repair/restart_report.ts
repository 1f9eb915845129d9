// This module is pure.
/** What the owner is told after a restart: since when we were blind, and what came of it. */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";

/** One series over the blind minutes. */
export interface BlindSeries {
  readonly venue: string;
  readonly buckets: readonly Bucket[];
}

/**
 * One message, or `null` where the break is shorter than a minute and nothing is lost.
 * `fromMs` is the end of what was stored, `toMs` the first live trade.
 */
export function restartReport(
  fromMs: number,
  toMs: number,
  series: readonly BlindSeries[],
): string | null {
  const [first, end] = [Math.floor(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
  let repaired = 0;
  const lost = new Map<string, number>();
  for (const { venue, buckets } of series) {
    const whole = new Set(
      buckets.filter(({ coverageMs }) => coverageMs >= MINUTE_MS).map(({ t }) => t / MINUTE_MS),
    );
    for (let minute = first; minute < end; minute++) {
      if (whole.has(minute)) repaired++;
      else lost.set(venue, (lost.get(venue) ?? 0) + 1);
    }
  }
  if (lost.size === 0 && toMs - fromMs < MINUTE_MS) return null;
  const seconds = Math.round((toMs - fromMs) / 1000);
  const length = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  const gone = [...lost].map(([venue, minutes]) => `${venue} ${minutes}`).join(", ");
  return [
    `Restarted: blind ${clockOf(fromMs)}–${clockOf(toMs)} UTC (${length}).`,
    `Minutes of markets repaired: ${repaired}.`,
    gone === "" ? "Nothing is lost." : `Not whole: ${gone}.`,
  ].join(" ");
}

/** `14:05:09` */
function clockOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 19);
}

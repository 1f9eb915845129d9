// This module is pure.
/** Ages and clock times; a clock is UTC, as the buckets are, unless a zone is given. */
import { UNKNOWN } from "./numbers.ts";
import { UTC, type Zone } from "./zone.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
  .concat(["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]);

/** `2 s old`, `3 min old`, `5 h old`, `2 d old`: whole units, rounded down. */
export function age(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const size = Math.max(0, ms);
  if (size < 2 * MINUTE_MS) return `${Math.floor(size / SECOND_MS)} s old`;
  if (size < 2 * HOUR_MS) return `${Math.floor(size / MINUTE_MS)} min old`;
  if (size < 2 * DAY_MS) return `${Math.floor(size / HOUR_MS)} h old`;
  return `${Math.floor(size / DAY_MS)} d old`;
}

/** `14:05` */
export function clock(timeMs: number | null, zone: Zone = UTC): string {
  return dateOf(timeMs, zone)?.toISOString().slice(11, 16) ?? UNKNOWN;
}

/** `14:05:33` */
export function clockSeconds(timeMs: number | null, zone: Zone = UTC): string {
  return dateOf(timeMs, zone)?.toISOString().slice(11, 19) ?? UNKNOWN;
}

/** `14:05` on the day of `nowMs`, else `19 Nov 14:05`. */
export function clockAndDay(timeMs: number | null, nowMs: number, zone: Zone = UTC): string {
  const date = dateOf(timeMs, zone);
  const today = dateOf(nowMs, zone);
  if (!date || !today) return UNKNOWN;
  return Math.floor(date.getTime() / DAY_MS) === Math.floor(today.getTime() / DAY_MS)
    ? clock(timeMs, zone)
    : `${dayAndMonth(date)} ${clock(timeMs, zone)}`;
}

/** `19 Nov`, of a date whose UTC fields are the local ones. */
export function dayAndMonth(date: Date): string {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ""}`;
}

/** A length of time in at most two units: `45s`, `10m`, `2h10m`, `3d4h`. */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return UNKNOWN;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return two(ms, HOUR_MS, "h", MINUTE_MS, "m");
  return two(ms, DAY_MS, "d", HOUR_MS, "h");
}

function two(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)}${bigName}${rest > 0 ? `${rest}${smallName}` : ""}`;
}

/** A date whose UTC fields are the local ones; `null` for a time that is none. */
function dateOf(timeMs: number | null, zone: Zone): Date | null {
  if (timeMs === null || Number.isNaN(new Date(timeMs).getTime())) return null;
  const date = new Date(timeMs + zone.offset(timeMs));
  return Number.isNaN(date.getTime()) ? null : date;
}

// This module is pure.
/** Quiet hours of a person: local minutes of the day between which nothing sounds. */
import type { Zone } from "../../reply/zone.ts";
import type { Severity } from "../rule/rule.ts";

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** From a minute of the local day to another, over midnight where it is smaller. */
export type QuietHours = { readonly fromMinute: number; readonly toMinute: number };

/** The local day, counted from the epoch, and the minute of it. */
export function localTime(timeMs: number, zone: Zone): { day: number; minute: number } {
  const minutes = Math.floor((timeMs + zone.offset(timeMs)) / MINUTE_MS);
  const day = Math.floor(minutes / DAY_MINUTES);
  return { day, minute: minutes - day * DAY_MINUTES };
}

export function isQuiet(hours: QuietHours | null, timeMs: number, zone: Zone): boolean {
  if (!hours) return false;
  const { fromMinute, toMinute } = hours;
  const { minute } = localTime(timeMs, zone);
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

/** Whether a message of these severities makes a sound. */
export function sounds(severities: readonly Severity[], quiet: boolean): boolean {
  return severities.some((one) => one === "critical" || (one === "normal" && !quiet));
}

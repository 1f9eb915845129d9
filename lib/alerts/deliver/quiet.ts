// This module is pure.
/** Quiet hours of a person: local minutes of the day between which nothing sounds. */
import type { Zone } from "../../reply/zone.ts";
import type { Severity } from "../rule/rule.ts";

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** From a minute of the local day to another, over midnight where it is smaller. */
export type QuietHours = { readonly fromMinute: number; readonly toMinute: number };

/** `23:00-7:00`, `23-07`; `null` for anything else, and for no time at all. */
export function readQuietHours(text: string): QuietHours | null {
  const parts = text.replaceAll("–", "-").split("-");
  const [from, to] = [readClock(parts[0] ?? ""), readClock(parts[1] ?? "")];
  if (parts.length !== 2 || from === null || to === null || from === to) return null;
  return { fromMinute: from, toMinute: to };
}

/** Minutes after midnight of `8:00`, `08:00` or `8`; `null` for anything else. */
export function readClock(text: string): number | null {
  const match = /^(\d{1,2})(?::(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? 0)];
  return hour > 23 || minute > 59 ? null : hour * 60 + minute;
}

export function clockText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

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

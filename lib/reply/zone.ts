// This module is pure.
/** The zone in which an asker reads times: kept per asker, UTC where none was chosen. */
import type { Ask } from "./command.ts";

export interface Zone {
  /** IANA name, `Europe/Berlin`. */
  readonly name: string;
  /** How it stands behind a clock time: `UTC`, `Berlin`, `New York`. */
  readonly label: string;
  /** Local time − UTC at an instant, ms. */
  offset(timeMs: number): number;
}

export const UTC: Zone = { name: "UTC", label: "UTC", offset: () => 0 };

/** Under which the choice is kept at the desk. */
export const ZONE_KEY = "zone";

/** The asker's zone; UTC where none was chosen, or one that this machine does not know. */
export async function zoneOf({ asker, desk }: Pick<Ask, "asker" | "desk">): Promise<Zone> {
  const kept = await desk.recall(asker.id, ZONE_KEY);
  return typeof kept === "string" ? zoneNamed(kept) ?? UTC : UTC;
}

/** A zone by its name in any case, `europe/berlin`; `null` where this machine knows none. */
export function zoneNamed(typed: string): Zone | null {
  if (/^(utc|gmt|z)$/i.test(typed)) return UTC;
  // Offsets such as +02:00 name no place, and would be wrong half of the year.
  if (!/^[a-z][a-z0-9_+\-/]{1,60}$/i.test(typed)) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: typed,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return null;
  }
  const name = nameOf(typed, format.resolvedOptions().timeZone);
  return { name, label: zoneLabel(name), offset: (timeMs) => offsetAt(format, timeMs) };
}

/**
 * The database's spelling of a typed name. What is resolved may be an older name of the
 * same zone, `Asia/Calcutta` for `asia/kolkata`: then the newer one is spelt by hand.
 */
function nameOf(typed: string, resolved: string): string {
  return resolved.toLowerCase() === typed.toLowerCase()
    ? resolved
    : typed.toLowerCase().replace(/(^|[/_-])([a-z])/g, (letters) => letters.toUpperCase());
}

/** `America/New_York` → `New York` */
export function zoneLabel(name: string): string {
  return (name.split("/").at(-1) ?? name).replaceAll("_", " ");
}

/** What the zone's clock shows, read as if it were UTC, less the instant itself. */
function offsetAt(format: Intl.DateTimeFormat, timeMs: number): number {
  const parts = new Map<string, number>();
  for (const { type, value } of format.formatToParts(timeMs)) parts.set(type, Number(value));
  const part = (name: string) => parts.get(name) ?? 0;
  const day = Date.UTC(part("year"), part("month") - 1, part("day"));
  const clockMs = 1000 * (part("second") + 60 * (part("minute") + 60 * part("hour")));
  return day + clockMs - Math.floor(timeMs / 1000) * 1000;
}

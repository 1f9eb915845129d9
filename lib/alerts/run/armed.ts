// This module is pure.
/** An armed rule with all that it remembers, and the record that it is kept as. */
import { readRule } from "../rule/parse.ts";
import { ruleText } from "../rule/text.ts";
import type { Rule } from "../rule/rule.ts";
import type { Lacking } from "../metric/metric.ts";
import { type Count, FRESH, isAbove, isBelow, NOT_YET, type Place } from "./judge.ts";

export interface Armed {
  /** `a7`; the person's own count. */
  readonly id: string;
  /** `tg:12345` */
  readonly person: string;
  rule: Rule;
  readonly createdMs: number;
  mutedUntilMs: number;
  /** Firings since it was armed. */
  hits: number;
  lastFiredMs: number | null;
  count: Count;
  /** Only assets that differ from the usual place; see `placeOf`. */
  readonly places: Map<string, Place>;
  /** Assets of which nothing was read yet start afresh until this is true. */
  seen: boolean;
  /** Since when nothing could be read, and whether that was told. */
  blindSinceMs: number | null;
  blindTold: boolean;
  /** Changed since it was last written. */
  dirty: boolean;
}

const ARMED: Place = { armed: true, side: 0, firedMs: null };

export function newlyArmed(id: string, person: string, rule: Rule, nowMs: number): Armed {
  return {
    ...{ id, person, rule, createdMs: nowMs, mutedUntilMs: 0, hits: 0, lastFiredMs: null },
    ...{ count: NOT_YET, places: new Map(), seen: false },
    ...{ blindSinceMs: null, blindTold: false, dirty: true },
  };
}

export function placeOf({ places, seen }: Armed, asset: string): Place {
  return places.get(asset) ?? (seen ? ARMED : FRESH);
}

/**
 * Keeps a place; one that says no more than "armed" is left out once all its neighbours
 * have been read, so that a rule about the whole market stays small.
 */
export function setPlace(armed: Armed, asset: string, place: Place): void {
  const held = placeOf(armed, asset);
  if (held.armed === place.armed && held.side === place.side && held.firedMs === place.firedMs) {
    return;
  }
  const usual = armed.seen && place.armed === true && place.side === 0 && place.firedMs === null;
  if (usual) armed.places.delete(asset);
  else armed.places.set(asset, place);
  // A side changes with every crossing print; it is written with the next real change.
  if (held.armed !== place.armed || held.firedMs !== place.firedMs || held.side === 0) {
    armed.dirty = true;
  }
}

/**
 * What is known of an incomplete reading, where it meets the rule already; `null` where it
 * does not, or the rule must come back first, which only a complete one can tell.
 */
export function enough(
  armed: Armed,
  asset: string,
  { atLeast, atMost }: Lacking,
): number | null {
  const { rule } = armed;
  const above = atLeast !== undefined && isAbove(rule, atLeast) ? atLeast : null;
  const value = atMost !== undefined && isBelow(rule, atMost) ? atMost : above;
  const place = placeOf(armed, asset);
  if (value === null || place.armed === false) return null;
  // A key that is refused for good would leave a new rule without a first reading for ever.
  if (place.armed === null) setPlace(armed, asset, { ...place, armed: true });
  return value;
}

/** After a first round of readings: whoever has no place is armed. */
export function markSeen(armed: Armed): void {
  if (armed.seen) return;
  armed.seen = true;
  armed.dirty = true;
  for (const [asset, place] of armed.places) {
    if (place.armed === true && place.side === 0 && place.firedMs === null) {
      armed.places.delete(asset);
    }
  }
}

/** Forgets where it stood: its rule is another one now. */
export function startAfresh(armed: Armed, rule: Rule): void {
  armed.rule = rule;
  armed.places.clear();
  armed.seen = false;
  armed.blindSinceMs = null;
  armed.blindTold = false;
  armed.dirty = true;
}

/** What is stored of a rule. */
export function toRecord(armed: Armed) {
  const { rule, createdMs, mutedUntilMs, hits, lastFiredMs, count, seen, blindTold } = armed;
  const places = [...armed.places].map(([asset, { armed, side, firedMs }]) => [
    ...[asset, armed, side, firedMs],
  ]);
  return {
    text: ruleText(rule),
    ...{ createdMs, mutedUntilMs, hits, lastFiredMs, seen, blindTold, places },
    day: count.day,
    fired: count.fired,
  };
}

/** The rule of a record; `null` where it is none that this version can read. */
export function fromRecord(person: string, id: string, record: unknown): Armed | null {
  if (!isRecord(record) || typeof record.text !== "string") return null;
  const read = readRule(record.text, null);
  if (!("rule" in read)) return null;
  const number = (value: unknown) => typeof value === "number" ? value : 0;
  const armed = newlyArmed(id, person, read.rule, number(record.createdMs));
  armed.mutedUntilMs = number(record.mutedUntilMs);
  armed.hits = number(record.hits);
  armed.lastFiredMs = typeof record.lastFiredMs === "number" ? record.lastFiredMs : null;
  armed.count = { day: number(record.day), fired: number(record.fired) };
  armed.seen = record.seen === true;
  armed.blindTold = record.blindTold === true;
  armed.dirty = false;
  for (const row of Array.isArray(record.places) ? record.places : []) {
    if (!Array.isArray(row)) continue;
    const [asset, isArmed, side, firedMs] = row;
    if (typeof asset !== "string") continue;
    armed.places.set(asset, {
      armed: typeof isArmed === "boolean" ? isArmed : null,
      side: side === 1 || side === -1 ? side : 0,
      firedMs: typeof firedMs === "number" ? firedMs : null,
    });
  }
  return armed;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

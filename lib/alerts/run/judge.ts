// This module is pure.
/**
 * When a reading is news. One state per rule and asset, one count per rule and day; live
 * prints, closed minutes and stored history all go through here.
 *
 *     armed ──condition, allowed──▶ fired ──back by a part of the threshold──▶ armed
 *       └──condition, in cooldown──▶ stays armed: news as soon as the cooldown is over
 *       └──condition, cap reached──▶ as if fired, but untold
 */
import type { Rule } from "../rule/rule.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A rule at one asset. */
export interface Place {
  /** `null` before the first reading: what is already so then is no news. */
  readonly armed: boolean | null;
  /** Of `crosses` and `flips`: on which side the metric was last; 0 unknown. */
  readonly side: -1 | 0 | 1;
  readonly firedMs: number | null;
}

export const FRESH: Place = { armed: null, side: 0, firedMs: null };

/** Firings of a rule in a UTC day. */
export interface Count {
  readonly day: number;
  readonly fired: number;
}

export const NOT_YET: Count = { day: 0, fired: 0 };

/** `cooling`: would fire, later. `capped`: would have fired. */
export type Verdict = "fired" | "cooling" | "capped" | null;

export interface Judged {
  readonly place: Place;
  readonly count: Count;
  readonly verdict: Verdict;
}

/** Takes one reading; times never go backwards. */
export function judge(
  rule: Rule,
  place: Place,
  count: Count,
  value: number,
  nowMs: number,
): Judged {
  const side = sideOf(rule, value) || place.side;
  const met = isMet(rule, place, value);
  if (place.armed !== true) {
    // Before the first reading, what is not met is armed; after a firing it must come back.
    const armed = place.armed === null ? !isSo(rule, value) : isBack(rule, value);
    return { place: { ...place, armed, side }, count, verdict: null };
  }
  if (!met) {
    return { place: place.side === side ? place : { ...place, side }, count, verdict: null };
  }
  if (place.firedMs !== null && nowMs < place.firedMs + rule.cooldownMinutes * MINUTE_MS) {
    // The side stays the old one: the crossing is still to be told.
    return { place, count, verdict: "cooling" };
  }
  const day = Math.floor(nowMs / DAY_MS);
  const today = count.day === day ? count.fired : 0;
  const armed = rearmsAtOnce(rule);
  const fired = { armed, side, firedMs: nowMs };
  // What is capped changes the state as a firing does: the cap only takes away.
  if (today >= rule.capPerDay) return { place: fired, count, verdict: "capped" };
  return { place: fired, count: { day, fired: today + 1 }, verdict: "fired" };
}

/** A change of sign is a new event every time: there is nothing to come back from. */
function rearmsAtOnce({ comparison, backPart }: Rule): boolean {
  return (comparison === "crosses" || comparison === "flips") && backPart === 0;
}

/** Whether a value alone says that the condition holds; a crossing never does. */
export function isSo({ comparison, threshold }: Rule, value: number): boolean {
  switch (comparison) {
    case ">":
      return value > threshold;
    case "<":
      return value < threshold;
    case "is":
      return threshold === 0 ? value > 0 : value === threshold;
    case "crosses":
    case "flips":
      return false;
  }
}

/** The same of a value that may still grow: what is below now may be above then. */
export function isAbove(rule: Rule, value: number): boolean {
  return (rule.comparison === ">" || rule.comparison === "is") && isSo(rule, value);
}

/** The same of a value that may still fall. */
export function isBelow(rule: Rule, value: number): boolean {
  return rule.comparison === "<" && isSo(rule, value);
}

function isMet(rule: Rule, { side }: Place, value: number): boolean {
  if (rule.comparison !== "crosses" && rule.comparison !== "flips") return isSo(rule, value);
  const now = sideOf(rule, value);
  return side !== 0 && now !== 0 && now !== side;
}

/** −1 below, 1 above, 0 at it or where sides do not matter. */
function sideOf({ comparison, threshold }: Rule, value: number): -1 | 0 | 1 {
  if (comparison !== "crosses" && comparison !== "flips") return 0;
  return value > threshold ? 1 : value < threshold ? -1 : 0;
}

/** Whether the metric has come back far enough to be armed again. */
export function isBack({ comparison, threshold, backPart }: Rule, value: number): boolean {
  const margin = Math.abs(threshold) * backPart;
  switch (comparison) {
    case ">":
      return value <= threshold - margin;
    case "<":
      return value >= threshold + margin;
    case "is":
      return threshold === 0 ? value === 0 : value !== threshold;
    case "crosses":
    case "flips":
      return Math.abs(value - threshold) >= margin;
  }
}

/**
 * How far a value is from firing, as a part of the threshold: 0 at it, 1 a whole threshold
 * away; `null` of words and of zero. For the order of /alerts.
 */
export function distanceOf({ comparison, threshold }: Rule, value: number): number | null {
  // Of zero there are no parts.
  if (comparison === "is" || threshold === 0) return null;
  const scale = Math.abs(threshold);
  const away = comparison === ">"
    ? threshold - value
    : comparison === "<"
    ? value - threshold
    : Math.abs(value - threshold);
  return Math.max(0, away) / scale;
}

// This module is pure.
/** What is to be told, as it is kept until Telegram has it. */
import { isRecord } from "../run/armed.ts";
import { SEVERITIES, type Severity } from "../rule/rule.ts";

// Type aliases: they are stored, and leave as JSON.

/** A rule that fired: all that its card says, for the minutes behind it may be gone by then. */
export type Firing = {
  readonly kind: "firing";
  /** In order of severity, then of time; unique for ever. */
  readonly id: string;
  readonly ruleId: string;
  /** Which firing of the rule it is, from 1: `a7#12` is unique among a person's. */
  readonly hit: number;
  readonly person: string;
  /** The rule without its options. */
  readonly text: string;
  readonly asset: string;
  readonly metric: string;
  readonly value: number;
  readonly atMs: number;
  readonly severity: Severity;
  /** The asset's price then; `null` unknown. */
  readonly price: number | null;
  readonly spark: string;
  /** The daily cap, where this was the rule's last firing of the day. */
  readonly lastOf?: number;
  /** What it stands on; "" where it was one of very many. */
  readonly trust: string;
  /** The command behind the chart button. */
  readonly shownBy: string;
};

/** Something that is no rule's: an alarm of the service, the morning note, a rule gone blind. */
export type Note = {
  readonly kind: "note";
  readonly id: string;
  readonly person: string;
  readonly html: string;
  readonly severity: Severity;
  readonly atMs: number;
  readonly buttons: readonly (readonly { readonly label: string; readonly ask: string }[])[];
};

export type Item = Firing | Note;

/** Sorts severe ones first, then in the order of time and of a running number. */
export function itemId(severity: Severity, atMs: number, nth: number): string {
  const time = Math.max(0, Math.floor(atMs)).toString(36).padStart(9, "0");
  return `${SEVERITIES.indexOf(severity)}${time}${(nth % 46_656).toString(36).padStart(3, "0")}`;
}

export function isItem(value: unknown): value is Item {
  if (!isRecord(value)) return false;
  const texts = (...names: readonly string[]) =>
    names.every((name) => typeof value[name] === "string");
  if (!texts("id", "person", "severity") || typeof value.atMs !== "number") return false;
  if (!SEVERITIES.some((severity) => severity === value.severity)) return false;
  if (value.kind === "note") return texts("html") && Array.isArray(value.buttons);
  return value.kind === "firing" && typeof value.value === "number" &&
    typeof value.hit === "number" &&
    (value.price === null || typeof value.price === "number") &&
    (value.lastOf === undefined || typeof value.lastOf === "number") &&
    texts("ruleId", "text", "asset", "metric", "spark", "trust", "shownBy");
}

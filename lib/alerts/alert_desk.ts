// This module is pure.
/** What commands may ask of the alerts: a person's rules, history and settings. */
import type { Asker } from "../reply/command.ts";
import type { Firing } from "./deliver/firing.ts";
import type { QuietHours } from "./deliver/quiet.ts";
import type { RuleProblem } from "./rule/parse.ts";
import type { Rule } from "./rule/rule.ts";

/** What a text says: a rule, what is wrong with it, or what is still to be said. */
export type Understood =
  | { readonly kind: "rule"; readonly rule: Rule; readonly text: string }
  | { readonly kind: "problem"; readonly problem: RuleProblem }
  | {
    readonly kind: "unfinished";
    readonly missing: "scope" | "metric" | "window" | "threshold";
    /** What was said so far, as it can be typed again. */
    readonly text: string;
    /** Words that may follow, the usual ones first. */
    readonly next: readonly string[];
  };

// Type aliases: they leave as data.

/** A rule over what is stored. */
export type DryRun = {
  /** `null` where stored minutes say nothing of the metric. */
  readonly fired: number | null;
  /** Assets of the rule's that were left out, for an answer should not take long. */
  readonly untried: number;
  /** Complete readings, and the hours that they reach over. */
  readonly readings: number;
  readonly hours: number;
  /** The newest ones, oldest first. */
  readonly newest: readonly {
    readonly asset: string;
    readonly timeMs: number;
    readonly value: string;
  }[];
  /** Minutes or bars that lacked something, and what the newest lacked. */
  readonly lacking: number;
  readonly lack: string | null;
  /** Thresholds that would have fired about so often a day. */
  readonly suggested: readonly { readonly perDay: number; readonly threshold: string }[];
};

export type ShownRule = {
  readonly id: string;
  /** Reads back as the same rule. */
  readonly text: string;
  /** The same without its options, and in words. */
  readonly core: string;
  readonly sentence: string;
  readonly trust: string;
  readonly createdMs: number;
  readonly mutedUntilMs: number | null;
  readonly hits: number;
  readonly firedToday: number;
  /** Its daily cap is reached: until the next UTC day it is silent. */
  readonly isCapped: boolean;
  readonly lastFiredMs: number | null;
  /** The newest value nearest to firing, and whose it is. */
  readonly value: string | null;
  readonly asset: string | null;
  /** Part of the threshold that is missing; `null` unknown or of words. */
  readonly distance: number | null;
  /** What it waits for: `armed`, to come back, or its first reading; `off` in this profile. */
  readonly state: "armed" | "fired" | "waiting" | "muted" | "blind" | "off";
  readonly formula: string;
};

/** A firing, and its value as the card told it. */
export type ShownFiring = Firing & { readonly amount: string };

export type Armable = { readonly rule: ShownRule } | { readonly refused: string };

/** How a rule is changed: its threshold, a quarter harder, or its silence. */
export type RuleChange =
  | { readonly kind: "threshold"; readonly typed: string }
  | { readonly kind: "harder" }
  | { readonly kind: "mute"; readonly minutes: number }
  | { readonly kind: "rearm" };

export type AlertSettings = {
  readonly quiet: QuietHours | null;
  /** Local minute of the morning note. */
  readonly dailyMinute: number | null;
  /** Why nothing goes out to this person; `null` where it does. */
  readonly shut: string | null;
  /** Items of this person that have not arrived yet. */
  readonly waiting: number;
};

export interface AlertDesk {
  understand(text: string): Understood;
  /** Thresholds for what is said so far, up to the comparison: some that fire at times. */
  thresholds(text: string): Promise<readonly string[]>;
  /** Runs a rule over the stored history. */
  tryOut(rule: Rule): Promise<DryRun>;
  /** Arms a rule for a person, whose private chat it goes to. */
  arm(asker: Asker, rule: Rule): Promise<Armable>;
  /** `null` where the person has no such rule. */
  change(asker: Asker, id: string, change: RuleChange): Promise<Armable | null>;
  remove(asker: Asker, id: string): Promise<ShownRule | null>;
  find(asker: Asker, id: string): ShownRule | null;
  /** Closest to firing first. */
  rules(asker: Asker): readonly ShownRule[];
  /** Mutes all rules for so long; 0 ends it. Returns how many. */
  muteAll(asker: Asker, minutes: number): Promise<number>;
  /** The newest firings first. */
  history(asker: Asker, count: number): Promise<readonly ShownFiring[]>;
  settings(asker: Asker): Promise<AlertSettings>;
  /** `false`, and nothing is kept, where nothing is sent to this person: see `shut`. */
  setQuiet(asker: Asker, hours: QuietHours | null): Promise<boolean>;
  /** A local minute of the day, or `null` for none. */
  setDaily(asker: Asker, minute: number | null): Promise<void>;
}

// This module is pure.
/**
 * What an alert rule says: one metric, where it is read, and when that is news. A rule is
 * kept and shown as text; `parse.ts` and `text.ts` are each other's inverse.
 */

/** Where a rule looks: one asset, every watched one, or the 24 h tickers of all listed ones. */
export type Scope =
  | { readonly kind: "asset"; readonly asset: string }
  | { readonly kind: "watch" }
  | { readonly kind: "market" };

/**
 * `crosses`: from either side. `flips`: the sign changes. `is`: of a metric that says a
 * word; its threshold is then the word's place in the metric's list from 1, or 0 for any.
 */
export type Comparison = ">" | "<" | "crosses" | "flips" | "is";

/**
 * `critical` sounds in quiet hours too, `normal` does outside of them, `silent` never.
 * The more severe goes out first.
 */
export type Severity = "critical" | "normal" | "silent";

export const SEVERITIES: readonly Severity[] = ["critical", "normal", "silent"];

export interface Rule {
  readonly scope: Scope;
  /** Name of a row of the metric table. */
  readonly metric: string;
  /** `null` where the metric has none. */
  readonly windowMinutes: number | null;
  readonly comparison: Comparison;
  /** In the metric's unit; percent as 3 for 3 %. */
  readonly threshold: number;
  readonly severity: Severity;
  /** At least so long between two firings of one asset. */
  readonly cooldownMinutes: number;
  /** Firings a UTC day, over all assets of the rule. */
  readonly capPerDay: number;
  /** Armed again only after coming back by this part of the threshold. */
  readonly backPart: number;
}

export const COOLDOWN_MINUTES = 15;
export const CAP_PER_DAY = 10;
/** The metrics page: "re-arm only after the metric comes back by 10 % of the threshold". */
export const BACK_PART = 0.1;

export const LONGEST_COOLDOWN_MINUTES = 7 * 1440;
export const LARGEST_CAP = 1000;

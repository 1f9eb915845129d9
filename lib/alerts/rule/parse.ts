// This module is pure.
/**
 * Reads `btc liq 5m > 2m cooldown 1h`: scope, metric, window, comparison, threshold,
 * options. What cannot be read is named with its nearest neighbours; what is not yet
 * said is named too, so that a rule can be built word by word.
 */
import { nearestNames, typedAsset } from "../../market/instrument.ts";
import { looksLikeTimeframe, parseTimeframe } from "../../market/windows.ts";
import { assetNamed } from "../../reply/arguments.ts";
import { clean } from "../../reply/html.ts";
import type { Metric } from "../metric/metric.ts";
import { metricNamed, METRICS } from "../metric/table.ts";
import { readOptions } from "./options.ts";
import { parseQuantity } from "./quantity.ts";
import { BACK_PART, CAP_PER_DAY, type Comparison, COOLDOWN_MINUTES } from "./rule.ts";
import type { Rule, Scope } from "./rule.ts";

export interface RuleProblem {
  readonly kind: "scope" | "metric" | "window" | "comparison" | "threshold" | "option";
  readonly typed: string;
  /** One sentence without a full stop. */
  readonly message: string;
  readonly nearest: readonly string[];
}

/** What a text says so far. */
export interface Draft {
  readonly scope: Scope | null;
  readonly metric: Metric | null;
  readonly windowMinutes: number | null;
  readonly comparison: Comparison | null;
}

export type ReadRule =
  | { readonly rule: Rule }
  | { readonly problem: RuleProblem }
  | { readonly missing: "scope" | "metric" | "window" | "threshold"; readonly draft: Draft };

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ">": ">",
  ">=": ">",
  above: ">",
  over: ">",
  "<": "<",
  "<=": "<",
  below: "<",
  under: "<",
  crosses: "crosses",
  cross: "crosses",
  flips: "flips",
  flip: "flips",
  is: "is",
  "=": "is",
};

const WATCH_WORDS = new Set(["watch", "watchlist", "all"]);
const MARKET_WORDS = new Set(["market", "tickers"]);
/** No rule is longer. */
const WORDS = 24;

/** `names` are the assets that may be meant; `null` takes any, for what was checked before. */
export function readRule(text: string, names: ReadonlySet<string> | null): ReadRule {
  const words = clean(text).replaceAll(/(>=|<=|[<>=])/g, " $1 ").split(/\s+/)
    .filter((word) => word !== "");
  if (words.length > WORDS) return wrong("option", words[WORDS] ?? "", "That is too long", []);
  const draft: Draft = { scope: null, metric: null, windowMinutes: null, comparison: null };
  const [first, ...rest] = words;
  if (first === undefined) return { missing: "scope", draft };
  const scope = scopeNamed(first, names);
  if (!scope) {
    const typed = typedAsset(first).slice(0, 20);
    const nearest = nearestNames(typed, names ?? []).map((name) => name.toLowerCase());
    const message = `No symbol ${first} on the enabled venues; watch and market are scopes too`;
    return wrong("scope", first, message, nearest);
  }
  return readMetric(rest, { ...draft, scope }, scope);
}

function scopeNamed(word: string, names: ReadonlySet<string> | null): Scope | null {
  const typed = word.toLowerCase();
  if (WATCH_WORDS.has(typed)) return { kind: "watch" };
  if (MARKET_WORDS.has(typed)) return { kind: "market" };
  const asset = names ? assetNamed(word, names) : word.toUpperCase();
  return asset === null || asset === "" ? null : { kind: "asset", asset };
}

function readMetric(words: readonly string[], draft: Draft, scope: Scope): ReadRule {
  const [first, second, ...rest] = words;
  if (first === undefined) return { missing: "metric", draft };
  const joined = second === undefined ? undefined : metricNamed(`${first}-${second}`);
  const metric = joined ?? metricNamed(first);
  if (!metric) {
    const names = METRICS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    const nearest = nearestNames(first.toLowerCase().slice(0, 20), names)
      .map((name) => metricNamed(name)?.name ?? name);
    return wrong("metric", first, `No metric ${first}`, [...new Set(nearest)]);
  }
  if (scope.kind === "market" && metric.pace !== "ticker") {
    const fit = METRICS.filter(({ pace }) => pace === "ticker").map(({ name }) => name);
    const message = `The market is judged on its 24 h tickers, which do not tell ${metric.title}`;
    return wrong("metric", first, message, fit);
  }
  const left = joined ? rest : words.slice(1);
  return readWindow(left, { ...draft, metric }, { scope, metric });
}

interface Known {
  readonly scope: Scope;
  readonly metric: Metric;
}

function readWindow(words: readonly string[], draft: Draft, known: Known): ReadRule {
  const { metric } = known;
  const [first, ...rest] = words;
  const length = first !== undefined && looksLikeTimeframe(first) && /[a-z]/i.test(first);
  if (metric.windows.length === 0) {
    if (length) return wrong("window", first, `${metric.name} has no window`, []);
    return readComparison(words, draft, { ...known, windowMinutes: null });
  }
  if (!length) {
    // The usual window stands where none is typed and the sentence goes on.
    const windowMinutes = metric.windows[0] ?? 1;
    if (first === undefined && !metric.usual) return { missing: "window", draft };
    return readComparison(words, { ...draft, windowMinutes }, { ...known, windowMinutes });
  }
  const windowMinutes = parseTimeframe(first);
  if (windowMinutes === null || !metric.windows.includes(windowMinutes)) {
    const fit = metric.windows.toSorted((a, b) => a - b).map((one) => `${one}m`);
    return wrong("window", first, `No window ${first} for ${metric.name}`, fit);
  }
  return readComparison(rest, { ...draft, windowMinutes }, { ...known, windowMinutes });
}

interface Placed extends Known {
  readonly windowMinutes: number | null;
}

function readComparison(words: readonly string[], draft: Draft, known: Placed): ReadRule {
  const { metric } = known;
  const [first, ...rest] = words;
  const named = first === undefined ? undefined : COMPARISONS[first.toLowerCase()];
  if (named === undefined) {
    const word = metric.words && first !== undefined ? wordPlace(metric, first) : null;
    if (word !== null) return finish(rest, known, "is", word);
    if (metric.usual) {
      return finish(words, known, metric.usual.comparison, metric.usual.threshold);
    }
    if (first === undefined) return { missing: "threshold", draft };
    const bare = metric.words ? null : parseQuantity(first, metric.unit);
    if (bare !== null) return finish(rest, known, ">", bare);
    return wrong("comparison", first, `No comparison ${first}`, fitting(metric));
  }
  if (!fitting(metric).includes(named)) {
    const message = `${metric.name} cannot be compared by ${first}`;
    return wrong("comparison", first ?? "", message, fitting(metric));
  }
  if (named === "flips") return finish(rest, known, named, 0);
  const [amount, ...options] = rest;
  if (amount === undefined) return { missing: "threshold", draft: { ...draft, comparison: named } };
  const threshold = metric.words ? wordPlace(metric, amount) : parseQuantity(amount, metric.unit);
  if (threshold === null || (metric.unit === "price" && threshold <= 0)) {
    const nearest = metric.words ? ["any", ...metric.words] : [EXAMPLES[metric.unit]];
    return wrong("threshold", amount, `No threshold ${amount} for ${metric.name}`, nearest);
  }
  return finish(options, known, named, threshold);
}

const EXAMPLES: Readonly<Record<Metric["unit"], string>> = {
  price: "2900",
  usd: "2M",
  percent: "3%",
  times: "4",
  z: "3.5",
  index: "70",
  ratio: "0.4",
  minutes: "5m",
  word: "any",
};

/** Comparisons that make sense of a metric. */
function fitting(metric: Metric): Comparison[] {
  if (metric.words) return ["is"];
  const signed = metric.unit === "percent" || metric.unit === "usd" || metric.unit === "ratio";
  return [">", "<", "crosses", ...(signed ? ["flips" as const] : [])];
}

function wordPlace({ words = [] }: Metric, typed: string): number | null {
  const word = typed.toLowerCase().replaceAll("_", "-");
  if (word === "any") return 0;
  const index = words.indexOf(word);
  return index < 0 ? null : index + 1;
}

function finish(
  words: readonly string[],
  { scope, metric, windowMinutes }: Placed,
  comparison: Comparison,
  threshold: number,
): ReadRule {
  const read = readOptions(words, {
    severity: metric.severity ?? "normal",
    cooldownMinutes: COOLDOWN_MINUTES,
    capPerDay: CAP_PER_DAY,
    backPart: comparison === "is" || comparison === "flips" ? 0 : BACK_PART,
  });
  if ("typed" in read) return wrong("option", read.typed, read.message, read.nearest);
  return {
    rule: { scope, metric: metric.name, windowMinutes, comparison, threshold, ...read },
  };
}

function wrong(
  kind: RuleProblem["kind"],
  typed: string,
  message: string,
  nearest: readonly string[],
): ReadRule {
  return { problem: { kind, typed, message, nearest } };
}

// This module is pure.
/** A rule as text: the canonical line that reads back as the same rule, and a sentence. */
import { metricNamed } from "../metric/table.ts";
import type { Metric } from "../metric/metric.ts";
import { compact, price } from "../../reply/numbers.ts";
import { duration } from "../../reply/times.ts";
import { partOf } from "./options.ts";
import { writeQuantity } from "./quantity.ts";
import { BACK_PART, CAP_PER_DAY, COOLDOWN_MINUTES, type Rule } from "./rule.ts";

/** The row of a rule's metric. @throws {RangeError} where no row has its name */
export function metricOf({ metric }: Pick<Rule, "metric">): Metric {
  const found = metricNamed(metric);
  if (!found) throw new RangeError(`Cannot find the metric ${metric}: it is in no row`);
  return found;
}

/** `BTC liq 5m > 2M cooldown 60m`; `readRule` makes the same rule of it. */
export function ruleText(rule: Rule): string {
  return [coreText(rule), ...optionWords(rule)].join(" ");
}

/** The same without options. */
export function coreText(rule: Rule): string {
  const metric = metricOf(rule);
  return [
    scopeName(rule),
    metric.name,
    ...(rule.windowMinutes === null ? [] : [`${rule.windowMinutes}m`]),
    ...conditionWords(rule, metric),
  ].join(" ");
}

/** What a metric says that no condition is typed for goes without saying. */
function conditionWords(rule: Rule, metric: Metric): string[] {
  const any = rule.comparison === "is" && rule.threshold === 0;
  if (any && metric.usual?.comparison === "is" && metric.usual.threshold === 0) return [];
  return [rule.comparison, ...(rule.comparison === "flips" ? [] : [thresholdText(rule)])];
}

export function scopeName({ scope }: Pick<Rule, "scope">): string {
  return scope.kind === "asset" ? scope.asset : scope.kind;
}

export function thresholdText(rule: Rule): string {
  const metric = metricOf(rule);
  if (metric.words) {
    return rule.threshold === 0 ? "any" : metric.words[rule.threshold - 1] ?? "any";
  }
  return writeQuantity(rule.threshold, metric.unit);
}

function optionWords(rule: Rule): string[] {
  const metric = metricOf(rule);
  const usualBack = rule.comparison === "is" || rule.comparison === "flips" ? 0 : BACK_PART;
  return [
    ...(rule.severity === (metric.severity ?? "normal") ? [] : [rule.severity]),
    ...(rule.cooldownMinutes === COOLDOWN_MINUTES ? [] : [`cooldown ${rule.cooldownMinutes}m`]),
    ...(rule.capPerDay === CAP_PER_DAY ? [] : [`cap ${rule.capPerDay}`]),
    ...(rule.backPart === usualBack ? [] : [`back ${percentOf(rule.backPart)}%`]),
  ];
}

/** 0.07 × 100 is not 7: the fewest digits that read back as the same part. */
function percentOf(part: number): string {
  for (let digits = 0; digits <= 4; digits++) {
    const text = (part * 100).toFixed(digits);
    if (partOf(text) === part) return text;
  }
  return String(part * 100);
}

/** What was understood, in words. */
export function sentence(rule: Rule): string {
  const metric = metricOf(rule);
  const where = rule.scope.kind === "asset"
    ? rule.scope.asset
    : rule.scope.kind === "watch"
    ? "any watched asset"
    : "any listed market";
  const window = rule.windowMinutes === null
    ? ""
    : ` of ${"aligned" in metric ? "a closed" : "the last"} ${rule.windowMinutes} min`;
  return `${where}: ${metric.title}${window} ${comparisonWords(rule)}`;
}

function comparisonWords(rule: Rule): string {
  const amount = thresholdText(rule);
  switch (rule.comparison) {
    case ">":
      return `above ${amount}`;
    case "<":
      return `below ${amount}`;
    case "crosses":
      return `crosses ${amount}`;
    case "flips":
      return "changes its sign";
    case "is":
      return rule.threshold === 0 ? "begins" : `is ${amount.replaceAll("-", " ")}`;
  }
}

/** `armed again 10 % back · every 15m at most · 10 a day at most`. */
export function trustSentence(rule: Rule): string {
  return [
    rule.severity,
    ...(rule.backPart > 0 ? [`armed again ${percentOf(rule.backPart)} % back`] : []),
    ...(rule.cooldownMinutes > 0
      ? [`every ${duration(rule.cooldownMinutes * 60_000)} at most`]
      : ["no cooldown"]),
    `${rule.capPerDay} a day at most`,
  ].join(" · ");
}

/** A metric's value as a person reads it: `2.31M`, `4.2×`, `new longs`. */
export function valueText(metric: Metric, value: number): string {
  switch (metric.unit) {
    case "price":
      return price(value);
    case "usd":
      return compact(value);
    case "percent":
      return `${signed(value, Math.abs(value) < 0.1 ? 4 : 2)}%`;
    case "times":
      return `${value.toFixed(2)}×`;
    case "z":
    case "index":
      return signed(value, Number.isInteger(value) ? 0 : 1);
    case "ratio":
      return signed(value, 2);
    case "minutes":
      return `${value} min`;
    case "word":
      return value === 0 ? "none" : (metric.words?.[value - 1] ?? "none").replaceAll("-", " ");
  }
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

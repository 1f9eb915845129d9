// This module is pure.
/** Building a rule word by word: what may come next. */
import { METRICS } from "../metric/table.ts";
import type { Draft } from "./parse.ts";

/** Words offered at a time. */
const OFFERED = 12;

/** What was said so far, as it can be typed. */
export function said({ scope, metric, windowMinutes, comparison }: Draft): string {
  return [
    ...(scope === null ? [] : [scope.kind === "asset" ? scope.asset.toLowerCase() : scope.kind]),
    ...(metric === null ? [] : [metric.name]),
    ...(windowMinutes === null ? [] : [`${windowMinutes}m`]),
    ...(comparison === null ? [] : [comparison]),
  ].join(" ");
}

/** Words that may follow, the usual ones first. */
export function nextWords(
  missing: "scope" | "metric" | "window" | "threshold",
  { scope, metric, comparison }: Draft,
  watched: readonly string[],
): string[] {
  switch (missing) {
    case "scope":
      return [
        ...watched.slice(0, OFFERED - 2).map((name) => name.toLowerCase()),
        "watch",
        "market",
      ];
    case "metric": {
      const market = scope?.kind === "market";
      return METRICS.filter(({ pace }) => pace === "ticker" || !market).map(({ name }) => name);
    }
    case "window":
      return (metric?.windows ?? []).toSorted((a, b) => a - b).map((minutes) => `${minutes}m`);
    case "threshold":
      if (metric?.words) return ["any", ...metric.words].map((word) => `is ${word}`);
      return comparison === null ? [">", "<", "crosses"] : [];
  }
}

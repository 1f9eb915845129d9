// This module is pure.
/**
 * All metrics that a rule can be about.
 *
 * To add one: a row in the list of its kind (flow, price, perp, other), with its name,
 * unit, windows and how it is read from a view; parsing, dry run, evaluation, cards and
 * help follow from the row.
 */
import { FLOW_METRICS } from "./flow_metrics.ts";
import type { Metric } from "./metric.ts";
import { OTHER_METRICS } from "./other_metrics.ts";
import { PERP_METRICS } from "./perp_metrics.ts";
import { PRICE_METRICS } from "./price_metrics.ts";

export const METRICS: readonly Metric[] = [
  ...PRICE_METRICS,
  ...FLOW_METRICS,
  ...PERP_METRICS,
  ...OTHER_METRICS,
];

/** The metric of a name or alias, in any case; `undefined` for none. */
export function metricNamed(typed: string): Metric | undefined {
  const name = typed.toLowerCase();
  return METRICS.find((metric) => metric.name === name || (metric.aliases ?? []).includes(name));
}

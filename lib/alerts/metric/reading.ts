// This module is pure.
/** What the metrics share: which series count, and whether their minutes are whole. */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import { isHeardAt, leadersAt, leadingOver } from "../../market/study/leading.ts";
import { isComplete } from "../../market/trust.ts";
import type { Span } from "../../market/windows.ts";
import type { Reading, View, ViewSeries } from "./metric.ts";

/** Minutes before a view's end that memory has for sure. */
export const HOT_MINUTES = 80;

/** The last `minutes` that had closed at the view's end. */
export function windowOf({ endMs }: View, minutes: number): Span {
  return { fromMs: endMs - minutes * MINUTE_MS, toMs: endMs };
}

/** What a span lacks of some series, in words; `null` where every minute is whole and known. */
export function lackOf(
  series: readonly ViewSeries[],
  span: Span,
  known: (bucket: Bucket) => boolean = () => true,
): string | null {
  if (series.length === 0) return "no market is heard";
  const asked = (span.toMs - span.fromMs) / MINUTE_MS;
  const lacks: string[] = [];
  for (const { venue, buckets } of series) {
    let whole = 0;
    for (const bucket of within(buckets, span)) if (isComplete(bucket) && known(bucket)) whole++;
    if (whole < asked) lacks.push(`${venue} lacks ${asked - whole} of ${asked} min`);
  }
  return lacks.length === 0 ? null : lacks.join(", ");
}

export function perps({ series }: View): readonly ViewSeries[] {
  return series.filter(({ market }) => market === "perp");
}

/** Whether a market's liquidations are told at all. */
export function tellsLiquidations(
  { market, liquidations }: Pick<ViewSeries, "market" | "liquidations">,
): boolean {
  return market === "perp" && liquidations !== "none";
}

/**
 * The markets that may stand for the asset's price: none where none was heard lately, for an
 * alert is about what happens.
 */
export function leadersOf({ series, endMs }: View): readonly ViewSeries[] {
  return leadersAt(series.filter((one) => isHeardAt(one, endMs)), endMs);
}

/** The market whose price stands for the asset at the view's end; `null` where none was heard. */
export function pricedSeries(view: View): ViewSeries | null {
  return leadersOf(view)[0] ?? null;
}

/** The same for a change of the price over the last `minutes`. */
export function pricedOver(view: View, minutes: number): ViewSeries | null {
  return leadingOver(leadersOf(view), windowOf(view, minutes));
}

/** The value, or the least that it is; `null` unknown. */
export function certainOf(reading: Reading | null): number | null {
  if (reading === null) return null;
  return "value" in reading ? reading.value : reading.atLeast ?? null;
}

/** A reading of what may be unknown all the same. */
export function reading(value: number | null, lacking: string): Reading {
  return value === null || !Number.isFinite(value) ? { lacking } : { value };
}

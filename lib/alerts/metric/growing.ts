// This module is pure.
/** Sums of what minutes add, which only grow while the newest one forms. */
import type { Bucket } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import { Sum } from "../../market/sum.ts";
import { isComplete } from "../../market/trust.ts";
import type { Span } from "../../market/windows.ts";
import { always, type MinuteMetric, type Reading, type View, type ViewSeries } from "./metric.ts";
import { windowOf } from "./reading.ts";

export type Growing = Omit<MinuteMetric, "pace" | "history" | "open" | "aligned"> & {
  readonly part: (bucket: Bucket) => number | null;
  /** Whether a whole minute tells all of its part; every one does where not given. */
  readonly known?: (bucket: Bucket) => boolean;
};

const ALL = (): boolean => true;

export function growing({ known = ALL, ...row }: Growing): MinuteMetric {
  const { part, counts = ALL } = row;
  const read = (view: View, minutes: number): Reading =>
    sumIn(view.series.filter(counts), windowOf(view, minutes), part, known);
  return { ...row, pace: "minute", history: (minutes) => minutes + 1, open: always(read) };
}

/** The sum over all series and minutes; a lower bound where not every minute is whole and known. */
export function sumIn(
  series: readonly ViewSeries[],
  span: Span,
  part: (bucket: Bucket) => number | null,
  known: (bucket: Bucket) => boolean = ALL,
): Reading {
  const asked = (span.toMs - span.fromMs) / 60_000;
  const sum = new Sum();
  const lacks: string[] = [];
  for (const { venue, buckets } of series) {
    let whole = 0;
    for (const bucket of within(buckets, span)) {
      const value = part(bucket);
      if (value === null) continue;
      sum.add(value);
      if (isComplete(bucket) && known(bucket)) whole++;
    }
    if (whole < asked) lacks.push(`${venue} lacks ${asked - whole} of ${asked} min`);
  }
  if (series.length === 0) return { lacking: "no market publishes it" };
  const { value } = sum;
  return lacks.length > 0 ? { lacking: lacks.join(", "), atLeast: value } : { value };
}

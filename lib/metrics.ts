// This module is pure.
/**
 * Counters, gauges and histograms, written in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). A handle is resolved
 * once, outside the hot path; counting is then one addition.
 *
 * ```ts
 * const frames = registry.counter("tapewatch_frames_total", "Frames read", ["venue"]);
 * const spot = frames.with("binance-spot");
 * spot.inc();
 * ```
 */

import {
  type Cell,
  type Counter,
  CounterCell,
  type Gauge,
  GaugeCell,
  type Histogram,
  HistogramCell,
} from "./metrics_cells.ts";

export type { Counter, Gauge, Histogram };

/** A metric; `with` gives the handle of one set of label values, in the order of the labels. */
export interface Family<T> {
  with(...values: readonly string[]): T;
}

export interface Registry {
  /** `name` must end in `_total`. */
  counter(name: string, help: string, labels?: readonly string[]): Family<Counter>;
  gauge(name: string, help: string, labels?: readonly string[]): Family<Gauge>;
  /** `bounds`: upper bounds of the buckets, rising, without +Inf. */
  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    labels?: readonly string[],
  ): Family<Histogram>;
  /** The text of one scrape. */
  write(): string;
}

/** Seconds, from a command out of memory to a fetch of a new symbol. */
// deno-fmt-ignore: one line reads better than fourteen
export const LATENCY_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** 20 symbols × 8 venues × a few kinds fit; a label that takes outside text does not. */
const SERIES_PER_METRIC = 1000;

const NAME = /^tapewatch_[a-z0-9_]+$/;
const LABEL = /^[a-z][a-z0-9_]*$/;

interface Metric {
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly cells: Map<string, Cell>;
}

export function createRegistry(): Registry {
  const metrics = new Map<string, Metric>();
  const refused = new Map<string, number>();

  function family<T extends Cell>(
    name: string,
    type: Metric["type"],
    help: string,
    labels: readonly string[],
    create: () => T,
  ): Family<T> {
    check(name, labels, metrics.has(name));
    const cells = new Map<string, T>();
    metrics.set(name, { help, type, labels, cells });
    // What is beyond the bound is counted here and not shown.
    const overflow = create();
    return {
      with(...values) {
        if (values.length !== labels.length) {
          throw new TypeError(
            `Cannot label ${name} with (${values.join(", ")}): it wants (${labels.join(", ")})`,
          );
        }
        const key = labelText(labels, values);
        const known = cells.get(key);
        if (known) return known;
        if (cells.size >= SERIES_PER_METRIC) {
          refused.set(name, (refused.get(name) ?? 0) + 1);
          return overflow;
        }
        const cell = create();
        cells.set(key, cell);
        return cell;
      },
    };
  }

  return {
    counter(name, help, labels = []) {
      if (!name.endsWith("_total")) {
        throw new RangeError(`Cannot register the counter ${name}: its name must end in _total`);
      }
      return family(name, "counter", help, labels, () => new CounterCell());
    },
    gauge: (name, help, labels = []) => family(name, "gauge", help, labels, () => new GaugeCell()),
    histogram: (name, help, bounds, labels = []) =>
      family(name, "histogram", help, labels, () => new HistogramCell(bounds)),
    write() {
      let out = "";
      for (const [name, metric] of metrics) out += block(name, metric);
      const cells = new Map<string, Cell>();
      for (const [name, count] of refused) {
        const cell = new CounterCell();
        cell.inc(count);
        cells.set(labelText(["metric"], [name]), cell);
      }
      const help = "Handles asked for beyond the bound of series, by metric";
      out += block("tapewatch_metrics_overflow_total", {
        help,
        type: "counter",
        labels: ["metric"],
        cells,
      });
      return out;
    },
  };
}

function check(name: string, labels: readonly string[], taken: boolean): void {
  if (taken) throw new RangeError(`Cannot register ${name} twice`);
  const bad = [name].filter((text) => !NAME.test(text)).concat(
    labels.filter((text) => !LABEL.test(text) || text === "le"),
  );
  if (bad.length > 0) {
    throw new RangeError(`Cannot register ${name}: bad name ${bad.join(", ")}`);
  }
}

function block(name: string, metric: Metric): string {
  let lines = "";
  for (const [labels, cell] of metric.cells) lines += cell.lines(name, labels);
  if (lines === "") return "";
  const help = metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `# HELP ${name} ${help}\n# TYPE ${name} ${metric.type}\n${lines}`;
}

function labelText(labels: readonly string[], values: readonly string[]): string {
  return labels.map((label, at) => `${label}="${escaped(values[at] ?? "")}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

import { equal, ok, throws } from "../assert.ts";
import { MetricsPage, quantileBetween } from "./metrics_page.ts";

function page(counts: readonly (readonly [venue: string, le: string, count: number])[]) {
  return new MetricsPage([
    "# TYPE tapewatch_lag_seconds histogram",
    ...counts.map(([venue, le, count]) =>
      `tapewatch_lag_seconds_bucket{venue="${venue}",le="${le}"} ${count}`
    ),
    'tapewatch_events_total{venue="a",kind="trade"} 3',
    'tapewatch_events_total{venue="b",kind="trade"} 4',
    'tapewatch_events_total{venue="b",kind="depth"} 5',
    "tapewatch_kv_bytes 0.002",
    "",
  ].join("\n"));
}

Deno.test("a metric is summed over the labels that are not asked for", () => {
  const read = page([]);
  equal(read.sum("tapewatch_events_total"), 12);
  equal(read.sum("tapewatch_events_total", 'kind="trade"'), 7);
  equal(read.sum("tapewatch_kv_bytes"), 0.002);
  equal(read.sum("tapewatch_kv"), 0);
});

Deno.test("one sample is told only where there is just one", () => {
  const read = page([]);
  equal(read.only("tapewatch_events_total", 'venue="a"'), 3);
  throws(() => read.only("tapewatch_events_total", 'venue="b"'), RangeError);
  throws(() => read.only("tapewatch_events_total", 'venue="c"'), RangeError);
});

Deno.test("a quantile is of what came between two pages, all venues together", () => {
  const before = page([["a", "0.1", 100], ["a", "0.2", 100], ["a", "+Inf", 100]]);
  const after = page([
    ...[["a", "0.1", 150], ["a", "0.2", 150], ["a", "+Inf", 150]] as const,
    ...[["b", "0.1", 0], ["b", "0.2", 50], ["b", "+Inf", 50]] as const,
  ]);
  const at = (q: number) => quantileBetween(before, after, "tapewatch_lag_seconds", q);
  equal(at(0.25), 0.05);
  equal(at(0.5), 0.1);
  equal(at(1), 0.2);
  ok(Number.isNaN(quantileBetween(after, after, "tapewatch_lag_seconds", 0.5)));
});

Deno.test("a quantile beyond the last bound is that bound", () => {
  const after = page([["a", "0.1", 1], ["a", "+Inf", 10]]);
  equal(quantileBetween(page([]), after, "tapewatch_lag_seconds", 0.99), 0.1);
});

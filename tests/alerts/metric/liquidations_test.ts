import { equal, ok } from "../../assert.ts";
import { metricNamed } from "../../../lib/alerts/metric/table.ts";
import type { View, ViewSeries } from "../../../lib/alerts/metric/metric.ts";
import { type Bucket, emptyBucket } from "../../../lib/market/bucket.ts";

const T = 1_760_000_040_000 - 1_760_000_040_000 % 60_000;

function viewOf(bucket: Partial<Bucket>): View {
  const minute: Bucket = { ...emptyBucket(T), coverageMs: 60_000, source: "live", ...bucket };
  const series: ViewSeries = {
    ...{ venue: "bybit-perp", market: "perp", liquidations: "complete", volumes: null },
    ...{ buckets: [minute], newestMs: T + 60_000 },
  };
  return { asset: "BTC", endMs: T + 60_000, series: [series], liquidationP99: null };
}

function readingOf(name: string, bucket: Partial<Bucket>) {
  const metric = metricNamed(name);
  ok(metric?.pace === "minute");
  return metric.open().read(viewOf(bucket), 1);
}

const HEARD = { liqLongQuote: null, liqLongs: null, liqShortQuote: 9_000, liqShorts: 1 };

Deno.test("a minute whose liquidations are known in part is a lower bound, never a value", () => {
  for (const name of ["liq", "liq-short"]) {
    const reading = readingOf(name, { source: "repaired", ...HEARD });
    ok("lacking" in reading, name);
    equal(reading.atLeast, 9_000);
  }
  ok("lacking" in readingOf("liq-long", { source: "repaired", ...HEARD }));
});

Deno.test("both sides heard in a rebuilt minute may not be all", () => {
  const both = { ...HEARD, liqLongQuote: 500, liqLongs: 1 };
  const reading = readingOf("liq", { source: "repaired", ...both });
  ok("lacking" in reading);
  equal(reading.atLeast, 9_500);
});

Deno.test("a minute that was heard live is a value", () => {
  const both = { ...HEARD, liqLongQuote: 500, liqLongs: 1 };
  const reading = readingOf("liq", both);
  ok("value" in reading);
  equal(reading.value, 9_500);
});

import { deepEqual, equal, ok } from "../assert.ts";
import { liquidationsChart, oiChart } from "../../commands/_perp_charts.ts";
import type { Chart } from "../../lib/reply/chart/chart.ts";
import { fakeSource } from "../market/fake_source.ts";
import { tapeOf, without } from "./tape_of.ts";

function values({ panels }: Chart, panel: number, layer = 0): (number | null)[] {
  const rows = panels[panel]?.layers[layer]?.rows ?? [];
  return rows.map((row) => "value" in row ? row.value : row.c);
}

/** OI that grows by one coin a minute. */
const growing = tapeOf(16, (ago) => ({ c: 100, more: { oiBase: 5000 - ago } }));

Deno.test("the picture of /oi has OI at each bar's end and its change", async () => {
  const series = ["a-perp", "b-perp", "c-spot"].map((venue) => ({
    venue,
    buckets: venue === "c-spot" ? tapeOf(16, () => ({ c: 100 })) : growing,
  }));
  const chart = await oiChart(fakeSource({ series }), "BTC", 15);
  equal(chart.panels[1]?.title, "OI, coins, a-perp + b-perp");
  const levels = values(chart, 1);
  // The bar of 13:45 ends with the minute 13:59, which was six minutes ago.
  equal(levels.at(-2), 2 * (5000 - 6));
  equal(levels.at(-1), 2 * 5000);
  const changes = values(chart, 2);
  equal(changes[0], null);
  ok(changes.slice(1, -1).every((change) => change === 30));
});

Deno.test("a venue whose OI is missing leaves a gap, not a fall", async () => {
  const torn = without(growing, (ago) => ago >= 100 && ago < 200);
  const series = [{ venue: "a-perp", buckets: growing }, { venue: "b-perp", buckets: torn }];
  const chart = await oiChart(fakeSource({ series }), "BTC", 15);
  const known = values(chart, 1).filter((level) => level !== null);
  ok(known.length < 60);
  ok(known.every((level) => level > 8000), known.join());
  ok(values(chart, 2).every((change) => change === null || change >= 0));
});

Deno.test("liquidated shorts grow up, longs down, and the axis has no signs", async () => {
  const buckets = tapeOf(16, (ago) => ({
    c: 100,
    more: {
      ...{ liqShortQuote: ago === 30 ? 700 : 0, liqLongQuote: ago === 30 ? 300 : 0 },
      ...{ liqShorts: 1, liqLongs: 1 },
    },
  }));
  const chart = await liquidationsChart(
    fakeSource({ series: [{ venue: "a-perp", buckets }] }),
    "BTC",
    15,
  );
  equal(chart.panels[1]?.mirrored, true);
  deepEqual(chart.panels[1]?.layers.map(({ label }) => label), ["shorts", "longs"]);
  equal(Math.max(...values(chart, 1, 0).map(Number)), 700);
  equal(Math.min(...values(chart, 1, 1).map(Number)), -300);
});

Deno.test("liquidations that a venue does not publish are unknown", async () => {
  const buckets = tapeOf(16, () => ({ c: 100 }));
  const source = fakeSource({ series: [{ venue: "a-perp", buckets }] });
  const chart = await liquidationsChart(source, "BTC", 15);
  ok(values(chart, 1, 0).every((value) => value === null));
  ok(chart.footer.startsWith("0/890 min"), chart.footer);
});

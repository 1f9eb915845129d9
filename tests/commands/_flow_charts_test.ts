import { deepEqual, equal, ok } from "../assert.ts";
import { cvdChart, priceChart } from "../../commands/_flow_charts.ts";
import { type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Chart, ChartLayer } from "../../lib/reply/chart/chart.ts";
import { type FakeSeries, fakeSource } from "../market/fake_source.ts";
import { ask } from "./asking.ts";
import { changed, FORMING_MS, tapeOf, without } from "./tape_of.ts";

/** A price that climbs by one a minute; takers buy 600 and sell 400. */
const rising = tapeOf(16, (ago) => ({ c: 10_000 - ago }));

function series(rows: readonly Bucket[], venue = "a-perp"): FakeSeries {
  return { venue, buckets: rows };
}

function layer({ panels }: Chart, panel: number, index = 0): ChartLayer {
  const found = panels[panel]?.layers[index];
  ok(found);
  return found;
}

/** The values of bars or a line, or the closes of candles. */
function values(found: ChartLayer): (number | null)[] {
  return found.rows.map((row) => "value" in row ? row.value : row.c);
}

Deno.test("the picture of /cvd has candles, delta and three CVD lines over one axis", async () => {
  const source = fakeSource({ series: [series(rising), series(rising, "b-spot")] });
  const chart = await cvdChart(source, "BTC", 15);
  equal(chart.title, "BTC CVD 15m");
  equal(chart.stepMs, 15 * MINUTE_MS);
  equal(chart.toMs - chart.fromMs, 60 * chart.stepMs);
  deepEqual(chart.panels.map(({ layers }) => layers.map(({ kind }) => kind)), [
    ["candles"],
    ["bars"],
    ["line", "line", "line"],
  ]);
  for (const { layers } of chart.panels) {
    for (const { rows } of layers) {
      deepEqual(
        rows.map((row) => row.t),
        Array.from({ length: 60 }, (_, i) => chart.fromMs + i * chart.stepMs),
      );
    }
  }
  equal(chart.panels[0]?.title, "Price a-perp");
  equal(chart.footer, "890/890 min · no data yet");
});

Deno.test("CVD in the picture is the running sum of its bars, from the left edge", async () => {
  const source = fakeSource({ series: [series(rising), series(rising, "b-spot")] });
  const chart = await cvdChart(source, "BTC", 15);
  const deltas = values(layer(chart, 1));
  // Two series, 200 a minute each.
  equal(deltas[0], 15 * 400);
  const all = values(layer(chart, 2, 2));
  let sum = 0;
  deltas.forEach((delta, i) => equal(all[i], sum += delta ?? NaN));
  equal(values(layer(chart, 2, 0)).at(-1), sum / 2);
});

Deno.test("a bar of which nothing is known is a gap, one that is torn is faint", async () => {
  const hole = without(rising, (ago) => ago >= 60 && ago < 100);
  const chart = await cvdChart(fakeSource({ series: [series(hole)] }), "BTC", 15);
  const bars = layer(chart, 1);
  const gaps = values(bars).flatMap((value, i) => value === null ? [i] : []);
  // 14:05 less 100 minutes is 12:25: the bars 12:30 and 12:45 lie in the hole.
  deepEqual(gaps.map((i) => chart.fromMs + i * chart.stepMs), [
    Date.UTC(2026, 10, 20, 12, 30),
    Date.UTC(2026, 10, 20, 12, 45),
  ]);
  const faint = bars.rows.flatMap((row, i) => row.faint ? [i] : []);
  // The hole ends at 13:05, and the last bar is forming.
  deepEqual(faint, [52, 53, 54, 55, 59]);
  ok(values(layer(chart, 0))[54] === null);
  ok(chart.footer.includes("a-perp −40"), chart.footer);
});

Deno.test("where nothing traded the price stood still, which is known", async () => {
  const nothing = { ...{ o: null, h: null, l: null, c: null }, volQuote: 0, volBase: 0 };
  const quiet = changed(rising, (ago) => ago >= 20 && ago < 80, nothing);
  const chart = await priceChart(fakeSource({ series: [series(quiet)] }), "BTC", 5);
  const candles = layer(chart, 0);
  const still = candles.rows.filter((row) => "c" in row && row.h === row.l && !row.faint);
  equal(still.length, 12);
  ok(candles.rows.every((row) => !("c" in row) || row.c !== null));
  ok(values(layer(chart, 1)).some((value) => value === 0));
});

Deno.test("minutes whose sides are unknown leave the delta, not the price or the volume", async () => {
  const sides = { buyQuote: null, sellQuote: null, source: "candle" } as const;
  const candle = changed(rising, (ago) => ago >= 20 && ago < 80, sides);
  const source = fakeSource({ series: [series(candle)] });
  const [flow, price] = [await cvdChart(source, "BTC", 5), await priceChart(source, "BTC", 5)];
  ok(values(layer(flow, 1)).includes(null));
  ok(!values(layer(flow, 0)).includes(null));
  ok(!values(layer(price, 1)).includes(null));
  ok(flow.footer.startsWith("235/295 min"), flow.footer);
  ok(price.footer.startsWith("295/295 min"), price.footer);
});

Deno.test("every timeframe has a picture, and none reaches beyond a day", async () => {
  const source = fakeSource({ series: [series(tapeOf(30, () => ({ c: 5 })))] });
  for (const timeframe of [1, 5, 15, 30, 60] as const) {
    const { fromMs, toMs, panels } = await priceChart(source, "BTC", timeframe);
    ok(toMs - fromMs <= 24 * 60 * MINUTE_MS);
    ok(fromMs < FORMING_MS && toMs > FORMING_MS);
    ok(panels.every(({ layers }) => layers.every(({ rows }) => rows.length >= 24)));
  }
});

Deno.test("without a tape there is a picture that says so", async () => {
  const chart = await cvdChart(fakeSource({ listed: ["WLD"] }), "WLD", 15);
  ok(
    chart.panels.every(({ layers }) => layers.every((row) => values(row).every((v) => v === null))),
  );
  ok(chart.footer.startsWith("0/890 min"), chart.footer);
});

Deno.test("the word chart asks for the picture, anywhere among the words, and buttons keep it", async () => {
  const options = { series: [series(rising)] };
  for (const text of ["/cvd chart", "/cvd BTC Chart 5m", "/price chart btc"]) {
    const { chart, buttons = [] } = await ask(text, options);
    ok(chart, text);
    const [timeframes = [], others = []] = buttons;
    ok(timeframes.every((button) => button.ask.endsWith(" chart")));
    deepEqual(others.map((button) => button.label).slice(0, 2), ["Refresh", "Numbers"]);
  }
  for (const text of ["/cvd", "/price"]) {
    const { chart, buttons = [] } = await ask(text, options);
    equal(chart, undefined);
    const button = buttons.flat().find(({ label }) => label === "Chart");
    ok((await ask(button?.ask ?? "", options)).chart, button?.ask ?? "no button");
  }
});

import { Buffer } from "node:buffer";
import { deepEqual, equal, ok } from "../../assert.ts";
import type { Chart, ChartPoint } from "../../../lib/reply/chart/chart.ts";
import { renderPng } from "../../../lib/reply/chart/render.ts";
import { COLOR, SIZE } from "../../../lib/reply/chart/theme.ts";
import { UTC, zoneNamed } from "../../../lib/reply/zone.ts";
import { readPng } from "./png_reader.ts";

const FROM_MS = Date.UTC(2026, 10, 20);
const HOUR_MS = 3_600_000;

function chartOf(values: readonly (number | null)[], more: Partial<Chart> = {}): Chart {
  const rows: ChartPoint[] = values.map((value, i) => ({ t: FROM_MS + i * HOUR_MS, value }));
  return {
    title: "BTC CVD 60m",
    footer: "60/60 min · 2 s old",
    fromMs: FROM_MS,
    toMs: FROM_MS + values.length * HOUR_MS,
    stepMs: HOUR_MS,
    panels: [{
      title: "Δ",
      unit: "usd",
      weight: 1,
      layers: [{ kind: "bars", label: "", tone: "signed", rows }],
    }],
    ...more,
  };
}

async function draw(chart: Chart, zone = UTC) {
  return await readPng(await renderPng(chart, { zone }));
}

Deno.test("a chart is a whole PNG of the size that a phone shows well", async () => {
  const picture = await draw(chartOf([1, -2, 3]));
  deepEqual([picture.width, picture.height], [SIZE.width, SIZE.height]);
  equal(picture.at(0, 0), COLOR.background);
  ok((picture.colors().get(COLOR.panel) ?? 0) > 100_000);
});

Deno.test("bars up are green and bars down red, and as large as their values", async () => {
  const counts = (await draw(chartOf([2, -1]))).colors();
  const [up, down] = [counts.get(COLOR.up) ?? 0, counts.get(COLOR.down) ?? 0];
  ok(up > 10_000, `${up}`);
  ok(Math.abs(up / down - 2) < 0.05, `${up} to ${down}`);
});

Deno.test("what is unknown is shaded and never drawn as a zero", async () => {
  const known = (await draw(chartOf([5, 5, 5]))).colors();
  const torn = (await draw(chartOf([5, null, 5]))).colors();
  const zero = (await draw(chartOf([5, 0, 5]))).colors();
  equal(known.get(COLOR.unknown), undefined);
  equal(zero.get(COLOR.unknown), undefined);
  ok((torn.get(COLOR.unknown) ?? 0) > 30_000);
});

Deno.test("a line breaks where a value is unknown, and a lone value is a dot", async () => {
  const rows = (values: readonly (number | null)[]) =>
    values.map((value, i) => ({ t: FROM_MS + i * HOUR_MS, value }));
  const lines = (values: readonly (number | null)[]) =>
    chartOf(values, {
      panels: [{
        title: "CVD",
        unit: "coins",
        weight: 1,
        layers: [{ kind: "line", label: "all", tone: "first", rows: rows(values) }],
      }],
    });
  const whole = (await draw(lines([1, 1, 1, 1, 1, 1, 2]))).colors().get(COLOR.first) ?? 0;
  const torn = (await draw(lines([1, 1, null, 1, null, 1, 2]))).colors().get(COLOR.first) ?? 0;
  const dot = (await draw(lines([null, null, null, 1, null, null, null]))).colors();
  const none = (await draw(lines([null, null, null, null, null, null, null]))).colors();
  ok(torn < whole, `${torn} of ${whole}`);
  ok((dot.get(COLOR.first) ?? 0) > (none.get(COLOR.first) ?? 0));
});

Deno.test("candles are drawn whole, also where open and close are the same", async () => {
  const rows = [
    { t: FROM_MS, o: 100, h: 110, l: 90, c: 105 },
    { t: FROM_MS + HOUR_MS, o: 105, h: 105, l: 105, c: 105 },
    { t: FROM_MS + 2 * HOUR_MS, o: null, h: null, l: null, c: null },
  ];
  const chart = chartOf([0, 0, 0], {
    panels: [{
      title: "Price",
      unit: "price",
      weight: 1,
      layers: [{ kind: "candles", label: "", rows }],
    }],
  });
  const counts = (await draw(chart)).colors();
  ok((counts.get(COLOR.up) ?? 0) > 10_000);
  equal(counts.get(COLOR.down), undefined);
});

Deno.test("times are written in the asker's zone", async () => {
  const berlin = zoneNamed("Europe/Berlin");
  ok(berlin);
  const chart = chartOf([1, 2, 3, 4]);
  const [here, there] = [
    await renderPng(chart, { zone: UTC }),
    await renderPng(chart, {
      zone: berlin,
    }),
  ];
  ok(Buffer.compare(here, there) !== 0);
});

Deno.test("any values, also none, one, all the same or huge ones, give a picture", async () => {
  const hard = [
    [],
    [null],
    [0],
    [7, 7, 7],
    [1e-9, 2e-9],
    [1e300, -1e300],
    [NaN, Infinity, -Infinity],
    [5e-324],
    [-1, null, NaN, 1],
  ];
  for (const values of hard) {
    const picture = await draw(chartOf(values));
    equal(picture.at(0, 0), COLOR.background);
  }
  const words = "x".repeat(400);
  await draw(chartOf([1], { title: words, footer: words, panels: [] }));
});

Deno.test("while a picture is drawn the event loop goes on", async () => {
  const chart = chartOf(Array.from({ length: 200 }, (_, i) => Math.sin(i)));
  await renderPng(chart, { zone: UTC });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await renderPng(chart, { zone: UTC });
  clearInterval(timer);
  ok(turns >= 20, `${turns} turns`);
});

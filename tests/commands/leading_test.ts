/**
 * One market's price stands for an asset in a minute, whoever tells it: replies, pictures,
 * alerts, and their dry runs over stored minutes.
 */
import { deepEqual, equal, ok } from "../assert.ts";
import { studyAnalysis } from "../../commands/_analysis_study.ts";
import { priceChart } from "../../commands/_flow_charts.ts";
import { studyInterest } from "../../commands/_interest_study.ts";
import { studyLiquidations } from "../../commands/_liquidation_study.ts";
import { studyMomentum } from "../../commands/_momentum_study.ts";
import { studyPositionTape } from "../../commands/_position_tape.ts";
import { studyPressure } from "../../commands/_pressure_study.ts";
import { studyVolume } from "../../commands/_volume_study.ts";
import { priceAt, priceNow } from "../../lib/alerts/asset_price.ts";
import type { Reading } from "../../lib/alerts/metric/metric.ts";
import { metricNamed } from "../../lib/alerts/metric/table.ts";
import { needsOf, ViewReader } from "../../lib/alerts/run/reader.ts";
import { readStored } from "../../lib/alerts/run/replay.ts";
import { ruleOf } from "../alerts/ruling.ts";
import { type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Source } from "../../lib/market/source.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { EDGE_MS } from "./perps.ts";
import { changed, tapeOf, without } from "./tape_of.ts";

/** Its price has risen, or fallen, by some two percent in the last hour; OI has risen. */
const tape = (rise: number, oiBase: number): Bucket[] =>
  tapeOf(60, (ago) => ({
    c: 100 - rise * ago / 30 + (ago % 7) * 0.001,
    more: {
      ...{ oiBase: oiBase * (1 - ago / 5000), liqLongQuote: 0, liqShortQuote: 0 },
      ...{ liqLongs: 0, liqShorts: 0 },
    },
  }));
/** In the order of venues; by the price of the first perpetual longs are new, else shorts. */
const rising = tape(1, 1_000);
const falling = tape(-1, 1_000_000);

const LATEST = { price: 100, tradeMs: NOW_MS - 2000, oiBase: 1_000, oiMs: NOW_MS };
const series = (venue: string, buckets: readonly Bucket[]): FakeSeries => ({
  ...{ venue, buckets, liquidations: "complete" },
  latest: { ...LATEST, oiBase: buckets.at(-1)?.oiBase ?? null },
});

/** What a metric reads at 14:05, live and of the minutes as they are stored. */
async function read(source: Source, name: string, minutes: number): Promise<number | null> {
  const metric = metricNamed(name);
  ok(metric?.pace === "minute");
  const reader = new ViewReader(source);
  const asked = { metric, windowMinutes: minutes };
  const endMs = metric.aligned ? EDGE_MS - EDGE_MS % (minutes * MINUTE_MS) : EDGE_MS;
  const view = await reader.deepened(await reader.view("BTC", endMs, needsOf([asked])), asked);
  const live = valueOf(metric.open().read(view, minutes));
  const rule = ruleOf(metric.words ? `btc ${name} ${minutes}m` : `btc ${name} ${minutes}m > 50`);
  const span = { fromMs: endMs - MINUTE_MS, toMs: endMs };
  const stored = await readStored(source, "BTC", rule, span, () => Promise.resolve());
  equal(stored.values.at(-1) ?? null, live, `${name}: stored and live`);
  return live;
}

function valueOf(reading: Reading): number | null {
  return "value" in reading ? reading.value : null;
}

/** Whose price each of them means; the quadrant tells it, where no name does. */
async function prices(all: readonly FakeSeries[]) {
  const source = fakeSource({ series: all });
  const interest = await studyInterest(source, "BTC");
  const analysis = await studyAnalysis(source, "BTC");
  const position = await studyPositionTape(source, { base: "BTC", side: "long" });
  const chart = await priceChart(source, "BTC", 5);
  const pressure = await studyPressure(source, "BTC");
  const hour = interest.windows["60m"]?.quadrant ?? null;
  equal(analysis.interest.quadrant, hour);
  const words = [null, "new longs", "short covering", "new shorts"];
  equal(words[await read(source, "quadrant", 60) ?? 0], hour);
  equal(position?.quadrant, interest.windows["15m"]?.quadrant);
  return {
    oi: interest.windows["60m"]?.priceVenue,
    analysis: analysis.interest.priceVenue,
    momentum: analysis.momentum.priceVenue,
    vwap: (await studyVolume(source, "BTC")).vwap.priceVenue,
    chart: chart.panels[0]?.title,
    divergence: pressure.divergence["60m"]?.priceVenue,
    quadrant: hour,
  };
}

const all = (venue: string, quadrant: string) => ({
  ...{ oi: venue, analysis: venue, momentum: venue, vwap: venue, divergence: venue, quadrant },
  chart: `Price ${venue}`,
});

Deno.test("the first perpetual in venue order stands for the asset, not that with the most OI", async () => {
  const found = await prices([series("a-perp", rising), series("b-perp", falling)]);
  deepEqual(found, all("a-perp", "new longs"));
});

Deno.test("a single torn minute does not move the price to another venue", async () => {
  const torn = changed(rising, (ago) => ago === 30, { coverageMs: 50_000 });
  const found = await prices([series("a-perp", torn), series("b-perp", falling)]);
  // Of what is compared with CVD every minute has to be whole.
  deepEqual(found, { ...all("a-perp", "new longs"), divergence: "b-perp" });
});

Deno.test("where the first one does not know a window's start the next one tells the change", async () => {
  const young = changed(rising, (ago) => ago > 40, { c: null, h: null, l: null, coverageMs: 0 });
  const found = await prices([series("a-perp", young), series("b-perp", falling)]);
  // Its minutes are all that the shorter windows ask for.
  deepEqual(found, {
    ...all("b-perp", "new shorts"),
    ...{ vwap: "a-perp" },
  });
  const source = fakeSource({ series: [series("a-perp", young), series("b-perp", falling)] });
  const { windows } = await studyInterest(source, "BTC");
  deepEqual([windows["30m"]?.priceVenue, windows["30m"]?.quadrant], ["a-perp", "new longs"]);
  equal((await read(source, "change", 60) ?? 0) < 0, true);
  equal((await read(source, "change", 15) ?? 0) > 0, true);
});

Deno.test("where no perpetual is heard spot's price stands for the asset", async () => {
  const silent = changed(falling, (ago) => ago < 20, { c: null, h: null, l: null });
  const spot = changed(rising, () => true, { oiBase: null });
  const found = await prices([series("a-spot", spot), series("b-perp", silent)]);
  deepEqual(found, all("a-spot", "new longs"));
});

Deno.test("where nothing is heard a reply tells of the market that was, and no alert does", async () => {
  const dead = without(rising, (ago) => ago < 20);
  const found = await prices([series("a-perp", dead), series("a-spot", dead)]);
  // The price of twenty minutes ago is none of now.
  const { quadrant: _, ...rest } = all("a-perp", "");
  deepEqual(found, { ...rest, oi: null, divergence: null, quadrant: null });
  const source = fakeSource({ series: [series("a-perp", dead)] });
  equal(await read(source, "change", 30), null);
});

Deno.test("RSI is of the first venue with enough bars, in /momentum and in alerts", async () => {
  const young = without(rising, (ago) => ago > 200);
  const source = fakeSource({ series: [series("a-perp", young), series("b-perp", falling)] });
  const { timeframes, price } = await studyMomentum(source, "BTC");
  const venues = Object.entries(timeframes).map(([name, row]) => [name, row.priceVenue]);
  deepEqual(Object.fromEntries(venues), {
    ...{ "1m": "a-perp", "5m": "a-perp" },
    ...{ "15m": "b-perp", "30m": "b-perp", "60m": "b-perp" },
  });
  equal(price?.venue, "b-perp");
  for (const minutes of [1, 5, 15, 30, 60]) {
    const { rsi14 = null } = timeframes[`${minutes}m`] ?? {};
    ok(rsi14 !== null);
    near(await read(source, "rsi", minutes), rsi14);
  }
});

Deno.test("spot's RSI is read as far back as an alert reads it, while perpetuals are silent", async () => {
  const silent = changed(falling, (ago) => ago < 20, { c: null, h: null, l: null });
  const source = fakeSource({ series: [series("a-spot", rising), series("b-perp", silent)] });
  const { timeframes } = await studyMomentum(source, "BTC");
  equal(timeframes["60m"]?.priceVenue, "a-spot");
  near(await read(source, "rsi", 60), timeframes["60m"]?.rsi14 ?? null);
});

function near(found: number | null, wanted: number | null): void {
  ok(found !== null && wanted !== null && Math.abs(found - wanted) < 1e-9, `${found} ≠ ${wanted}`);
}

Deno.test("a cascade is measured minute by minute on the market that an alert measures it on", async () => {
  const crash = (rows: readonly Bucket[]) =>
    changed(rows, (ago) => ago === 25, {
      ...{ h: 110, l: 90, c: 90, liqLongQuote: 900_000, liqLongs: 12 },
    });
  // When longs were liquidated the first one was not heard, now it is.
  const late = changed(crash(rising), (ago) => ago > 20, { c: null, h: null, l: null });
  const markets = [series("a-perp", late), series("b-perp", crash(falling))];
  const { cascade } = await studyLiquidations(fakeSource({ series: markets }), "BTC");
  equal(cascade.priceVenue, "a-perp");
  deepEqual([cascade.state, cascade.position], ["ended", "long"]);
  // One that publishes no liquidations may lead all the same.
  const mute = { ...series("0-perp", rising), liquidations: "none" as const };
  const source = fakeSource({ series: [mute, ...markets] });
  equal((await studyLiquidations(source, "BTC")).cascade.priceVenue, "0-perp");
});

Deno.test("a card's price, then and later, is of a market that is heard", async () => {
  const dead = changed(rising, (ago) => ago < 20, { c: null, h: null, l: null });
  const source = fakeSource({
    series: [
      { ...series("a-perp", dead), latest: { price: 55, tradeMs: NOW_MS - 1_200_000 } },
      { ...series("b-perp", falling), latest: { price: 66, tradeMs: NOW_MS } },
    ],
  });
  equal(priceNow(source, "BTC"), 66);
  equal(await priceAt(source, "BTC", NOW_MS), falling.at(-2)?.c);
  equal(await priceAt(source, "BTC", EDGE_MS - 40 * MINUTE_MS), rising.at(-42)?.c);
  equal(new ViewReader(source).leadingOf("BTC").venue, "b-perp");
  equal(await priceAt(source, "XYZ", NOW_MS), null);
});

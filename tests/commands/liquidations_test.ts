import { deepEqual, equal, ok } from "../assert.ts";
import { studyLiquidations } from "../../commands/_liquidation_study.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import {
  type FakeSeries,
  fakeSource,
  type FakeSourceOptions,
  NOW_MS,
} from "../market/fake_source.ts";
import { blank, closed, EDGE_MS, TRADED } from "./perps.ts";
import { setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const DAY = 1446;

/** Longs of 900 000 USD in minute 3 back, with a fall of 5 USD; else 100 USD a minute. */
const crash = closed(
  DAY,
  (ago) =>
    ago === 3
      ? { h: 100, l: 95, c: 95, liqLongQuote: 900_000, liqLongs: 12, oiBase: 9900 }
      : { liqLongQuote: 100, liqLongs: 1, oiBase: ago < 3 ? 9900 : 10_000 },
);

const quiet = closed(DAY, () => ({ oiBase: 5000 }));

const two: FakeSourceOptions = {
  series: [
    { venue: "binance-perp", buckets: crash, latest: TRADED, liquidations: "sampled" },
    { venue: "bybit-perp", buckets: quiet, latest: TRADED },
    { venue: "bybit-spot", buckets: quiet, latest: TRADED, liquidations: "none" },
  ],
};

async function liquidations(text: string, options: FakeSourceOptions) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

Deno.test("/liquidations reads as it should on a phone", async () => {
  equal((await liquidations("/liquidations", two)).text, GOLDEN);
});

const GOLDEN = `BTC liquidations · 14:05 UTC
     longs     n shorts n
5m   ≥900k    16     ≥0 0
15m  ≥901k    26     ≥0 0
1h   ≥906k    71     ≥0 0
4h   ≥924k   251     ≥0 0
24h ≥1.04M 1.45k     ≥0 0
       USD long  ΔOI   ΔOI%
5m   ≥900k 100% −100 −0.67%
15m  ≥901k 100% −100 −0.67%
1h   ≥906k 100% −100 −0.67%
4h   ≥924k 100% −100 −0.67%
24h ≥1.04M 100% −100 −0.67%
Largest minute 14:01: longs ≥900k USD in 12
Cascade ended: longs, 14:02 – 14:04, peak 900k a minute, OI −0.67%, severity 3 of 3
Trigger 250k USD a side in 60 s (p99 100 of 1441 min)
≥ binance-perp publishes a sample, counts too
1440/1440 min · 2 s old`;

Deno.test("the numbers of /liquidations are those worked by hand", async () => {
  const { windows, largest, cascade, venues, sampled, trust } = await studyLiquidations(
    fakeSource(two),
    "BTC",
  );
  deepEqual(venues, ["binance-perp", "bybit-perp"]);
  deepEqual(sampled, ["binance-perp"]);
  const five = windows["5m"];
  equal(five?.longQuote, 900_400);
  equal(five?.longs, 16);
  equal(five?.shortQuote, 0);
  equal(five?.longShare, 1);
  equal(five?.missing, 0);
  equal(five?.oi.deltaBase, -100);
  equal(five?.oi.deltaPct, -100 / 15_000);
  equal(windows["24h"]?.longQuote, 900_000 + 1439 * 100);
  equal(windows["24h"]?.fromMs, EDGE_MS - 86_400_000);
  deepEqual(largest, { t: EDGE_MS - 240_000, position: "long", quote: 900_000, count: 12 });
  // The 99th percentile of minutes of 100 USD, from the first one to the last full hour.
  equal(cascade.p99Quote, 100);
  equal(cascade.p99Minutes, 1441);
  equal(cascade.p99ToMs, Date.UTC(2026, 10, 20, 14));
  equal(cascade.armedQuote, 250_000);
  // Begun at the end of its minute; the two after it were quiet.
  equal(cascade.state, "ended");
  equal(cascade.position, "long");
  equal(cascade.startedMs, EDGE_MS - 180_000);
  equal(cascade.endedMs, EDGE_MS - 60_000);
  equal(cascade.peakQuote, 900_000);
  near(cascade.oiPct, -100 / 15_000);
  equal(cascade.severity, 3);
  equal(cascade.asOfMs, EDGE_MS);
  equal(trust.minutesAsked, 1440);
});

Deno.test("a cascade of the last minute is active", async () => {
  const now = crash.map((bucket, i) =>
    i < DAY - 1 ? { ...bucket, liqLongQuote: 0 } : {
      ...bucket,
      ...{ liqShortQuote: 260_000, liqShorts: 6, h: 110, l: 100, c: 110, oiBase: null },
    }
  );
  const { text } = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: now }],
  });
  ok(text.includes("Cascade active: shorts, 14:05, peak 260k a minute"), text);
});

Deno.test("in the first hours a cascade is not measured by itself, nor by the one before it", async () => {
  const young = closed(
    40,
    (ago) =>
      ago === 12
        ? { h: 100, l: 90, c: 91, liqLongQuote: 7e6, liqLongs: 190 }
        : ago === 1
        ? { h: 110, l: 91, c: 108, liqShortQuote: 3e6, liqShorts: 90 }
        : {},
  );
  const source = fakeSource({ series: [{ venue: "a-perp", buckets: young }] });
  const { cascade } = await studyLiquidations(source, "BTC");
  deepEqual([cascade.state, cascade.position, cascade.severity], ["active", "short", 2]);
  const { text } = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: young }],
  });
  ok(text.includes("Trigger 250k USD a side in 60 s (too few of its own: 35 min)"), text);
});

Deno.test("large liquidations without a move of the price are no cascade", async () => {
  const calm = crash.map((bucket) => ({ ...bucket, h: 101, l: 99, c: 100 }));
  const { text } = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: calm }],
  });
  ok(text.includes("Cascade: watch\nTrigger 250k USD a side in 60 s"), text);
});

Deno.test("in the first minutes no ATR is known, and that is told", async () => {
  const young = crash.slice(-10);
  const { text } = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: young }],
  });
  ok(text.includes("Cascade: watch, cannot begin: ATR unknown"), text);
  ok(text.includes("1h!"), text);
  ok(text.includes("! minutes missing"), text);
  ok(text.endsWith("10/1440 min · a-perp −1430 · no data yet"), text);
});

Deno.test("nothing liquidated is a zero, nothing known a dash", async () => {
  const zero = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: quiet, liquidations: "sampled" }],
  });
  ok(zero.text.includes("24h    ≥0 0     ≥0 0"), zero.text);
  ok(zero.text.includes("No liquidation in the minutes known"), zero.text);
  const dark = await liquidations("/liquidations", {
    series: [{ venue: "a-perp", buckets: blank(quiet), liquidations: "sampled" }],
  });
  ok(dark.text.includes("24h!     — —      — —"), dark.text);
  ok(dark.text.includes("no minute to judge yet"), dark.text);
  ok(!dark.text.includes("≥—"), dark.text);
});

Deno.test("a venue that publishes none is named and is not missing", async () => {
  const { text } = await liquidations("/liquidations", {
    series: [
      { venue: "a-perp", buckets: quiet, latest: TRADED },
      { venue: "b-perp", buckets: blank(quiet), liquidations: "none" },
    ],
  });
  ok(text.includes("b-perp publishes none"), text);
  ok(text.endsWith("1440/1440 min · 2 s old"), text);
});

Deno.test("without any venue, with one that is down, and without minutes it answers", async () => {
  const down = [{ venue: "b-perp", market: "perp", live: false, reason: "ban" }] as const;
  const given: FakeSourceOptions[] = [
    { series: [{ venue: "a-spot", buckets: quiet, liquidations: "none" }] },
    { series: [{ venue: "a-perp" }] },
    { series: [{ venue: "a-spot" }], venues: down },
  ];
  for (const options of given) await liquidations("/liquidations", options);
  const none = await liquidations("/liquidations", given[0] ?? {});
  ok(none.text.includes("No venue that publishes liquidations is heard"), none.text);
});

Deno.test("a cascade is the same however the venues share it", async () => {
  const half = crash.map((bucket) => ({
    ...bucket,
    liqLongQuote: (bucket.liqLongQuote ?? 0) / 2,
    liqLongs: (bucket.liqLongs ?? 0) / 2,
    oiBase: (bucket.oiBase ?? 0) / 2,
  }));
  const state = async (series: readonly FakeSeries[]) =>
    (await studyLiquidations(fakeSource({ series }), "BTC")).cascade;
  deepEqual(
    { ...await state([{ venue: "a-perp", buckets: half }, { venue: "b-perp", buckets: half }]) },
    { ...await state([{ venue: "a-perp", buckets: crash }]) },
  );
});

Deno.test("a day of two venues is read in one pass, not minute by minute again", async () => {
  const source = fakeSource(two);
  const times: number[] = [];
  for (let i = 0; i < 25; i++) {
    const beganMs = performance.now();
    await studyLiquidations(source, "BTC");
    times.push(performance.now() - beganMs);
  }
  const median = times.toSorted((a, b) => a - b)[12] ?? Infinity;
  // Usually 2 ms; the machine may be busy with other tests.
  ok(median < 25, `${median} ms`);
});

Deno.test("the chart of liquidations is asked by its word", async () => {
  const { chart, data } = await liquidations("/liquidations 5m chart", two);
  equal(chart?.title, "BTC liquidations 5m");
  ok(data !== null && chart.toMs > NOW_MS - 600_000);
});

function near(actual: number | null, expected: number): void {
  ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} ≠ ${expected}`);
}

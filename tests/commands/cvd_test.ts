import { setting } from "./setting.ts";
import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { studyFlow } from "../../commands/_flow_study.ts";
import { type Bucket, emptyBucket } from "../../lib/market/bucket.ts";
import { answer } from "../../lib/reply/answer.ts";
import { type FakeSeries, fakeSource, minute, minutes, NOW_MS } from "../market/fake_source.ts";
import { assertSound } from "./sound.ts";

const at = (hours: number, mins: number) => Date.UTC(2026, 10, 20, hours, mins);
/** Minutes of the UTC day up to 14:05, the forming one. */
const TODAY = 14 * 60 + 6;

/** Spot takers buy 2 and sell 1 thousand a minute, perpetual takers buy 1 and sell 3. */
const steady: readonly FakeSeries[] = [
  {
    venue: "binance-spot",
    buckets: minutes(at(0, 0), TODAY, () => [2000, 1000]),
    latest: { tradeMs: NOW_MS - 2400 },
  },
  { venue: "bybit-perp", buckets: minutes(at(0, 0), TODAY, () => [1000, 3000]) },
];

async function cvd(text: string, series: readonly FakeSeries[], nowMs = NOW_MS) {
  const reply = await answer(text, setting({ commands, source: fakeSource({ series, nowMs }) }));
  assertSound(reply);
  return reply;
}

Deno.test("/cvd reads as it should on a phone", async () => {
  const { text } = await cvd("/cvd", steady);
  equal(text, GOLDEN);
});

const GOLDEN = `BTC CVD 15m · 14:05 UTC
Δ per 15m bar, spot + perp
11:15 █████████│            −15.0k
11:30 █████████│            −15.0k
11:45 █████████│            −15.0k
12:00 █████████│            −15.0k
12:15 █████████│            −15.0k
12:30 █████████│            −15.0k
12:45 █████████│            −15.0k
13:00 █████████│            −15.0k
13:15 █████████│            −15.0k
13:30 █████████│            −15.0k
13:45 █████████│            −15.0k
14:00…     ▐███│            −6.00k
… 14:00 is forming
CVD from          11:15  00:00
spot ▁▁▂▃▄▄▅▆▇▇██ +170k  +845k
perp ██▇▆▅▅▄▃▂▂▁▁ −340k −1.69M
all  ██▇▆▅▅▄▃▂▂▁▁ −170k  −845k
CVD anchors: first bar 11:15, UTC day 00:00
CVD and windows end at 14:05, with the last closed minute
    spot Δ perp Δ  all Δ     Δ%
1m  +1.00k −2.00k −1.00k −14.3%
5m  +5.00k −10.0k −5.00k −14.3%
15m +15.0k −30.0k −15.0k −14.3%
30m +30.0k −60.0k −30.0k −14.3%
60m +60.0k  −120k −60.0k −14.3%
Δ = taker buy − sell, USD; it is also the CVD anchored at its window's start
170/170 min · 2 s old`;

Deno.test("the numbers of /cvd are those worked by hand", async () => {
  const study = await studyFlow(fakeSource({ series: steady }), "BTC", 15);
  const { bars, windows, cvd, dayCvd, trust } = study;
  equal(bars.length, 12);
  const first = bars[0];
  deepEqual(first?.spot, {
    buyQuote: 30_000,
    sellQuote: 15_000,
    delta: 15_000,
    deltaPct: 1 / 3,
    missing: 0,
  });
  deepEqual(first?.cvd, { spot: 15_000, perp: -30_000, all: -15_000 });
  equal(first?.complete, true);
  const last = bars.at(-1);
  equal(last?.t, at(14, 0));
  equal(last?.forming, true);
  equal(last?.perp.delta, -12_000);
  deepEqual(last?.cvd, { spot: 171_000, perp: -342_000, all: -171_000 });
  const toMs = at(14, 5);
  deepEqual(cvd, { anchorMs: at(11, 15), toMs, spot: 170_000, perp: -340_000, all: -170_000 });
  const { trust: dayTrust, ...day } = dayCvd;
  deepEqual(day, { anchorMs: at(0, 0), toMs, spot: 845_000, perp: -1_690_000, all: -845_000 });
  equal(dayTrust.minutesComplete, TODAY - 1);
  const hour = windows["60m"];
  equal(hour?.fromMs, at(13, 5));
  equal(hour?.toMs, at(14, 5));
  equal(hour?.all.buyQuote, 180_000);
  equal(hour?.all.sellQuote, 240_000);
  equal(hour?.all.deltaPct, -1 / 7);
  equal(hour?.all.cvd, -60_000);
  deepEqual(trust, {
    minutesComplete: 170,
    minutesAsked: 170,
    missing: [],
    repaired: 0,
    candle: 0,
    ageMs: 2400,
  });
});

Deno.test("together is always spot and perpetuals, and CVD the sum of the bars", async () => {
  const wave = (shift: number) =>
    minutes(at(0, 0), TODAY, (i) => [1e5 * (1 + Math.sin(i / 9 + shift)), 1e5]);
  const series = ["a-spot", "b-spot", "a-perp", "b-perp"]
    .map((venue, i) => ({ venue, buckets: wave(i) }));
  for (const timeframe of [1, 5, 15, 30, 60] as const) {
    const { bars, windows } = await studyFlow(fakeSource({ series }), "BTC", timeframe);
    let sum = 0;
    for (const bar of bars) {
      near(bar.all.delta, (bar.spot.delta ?? NaN) + (bar.perp.delta ?? NaN));
      sum += bar.all.delta ?? NaN;
      near(bar.cvd.all, sum);
    }
    for (const part of Object.values(windows)) {
      near(part.all.delta, (part.spot.delta ?? NaN) + (part.perp.delta ?? NaN));
    }
  }
});

Deno.test("a minute with unknown sides leaves its bar and is told", async () => {
  const rows = replaced(minutes(at(0, 0), TODAY, () => [2, 1]), at(13, 0), {
    buyQuote: null,
    sellQuote: null,
    source: "candle",
  });
  const { text, data } = await cvd("/cvd btc", [{ venue: "x-perp", buckets: rows }]);
  ok(text.includes("13:00!"));
  ok(text.includes("! minutes missing"));
  ok(text.endsWith("169/170 min · x-perp −1 · 1 from candles · no data yet"), text);
  ok(JSON.stringify(data).includes('"missing":[{"venue":"x-perp","minutes":1}]'));
});

Deno.test("a hole in one venue is that venue's", async () => {
  const rows = replaced(minutes(at(0, 0), TODAY, () => [2, 1]), at(14, 1), { coverageMs: 30_000 });
  const { text } = await cvd("/cvd 5", [...steady, { venue: "bybit-spot", buckets: rows }]);
  ok(text.includes("59/60 min · bybit-spot −1 · 2 s old"), text);
});

Deno.test("one market kind alone leaves the other unknown, not zero", async () => {
  const [spot] = steady;
  const { text } = await cvd("/cvd", spot ? [spot] : []);
  ok(text.includes("60m +60.0k      — +60.0k +33.3%"), text);
  ok(text.includes("perp ············     —     —"), text);
});

Deno.test("nothing at all is answered with dashes", async () => {
  const { text } = await cvd("/cvd", [{ venue: "a-spot" }, { venue: "a-perp", buckets: [] }]);
  ok(text.includes("60m      —      —     —  —"), text);
  ok(text.endsWith("0/170 min · a-spot −170 · a-perp −170 · no data yet"), text);
});

Deno.test("the first minute after a start counts what came before as missing", async () => {
  const rows = [minute(at(14, 5), 5, 2, { coverageMs: 30_000 })];
  const { text } = await cvd("/cvd 1m", [{ venue: "a-perp", buckets: rows }]);
  ok(text.includes("14:05…         │█████████       +3"), text);
  ok(text.includes("UTC day 00:00 (0/845 min)"), text);
  ok(text.includes("0/60 min · a-perp −60"), text);
});

Deno.test("a flat tape has a flat line", async () => {
  const rows = minutes(at(0, 0), TODAY, () => [0, 0]);
  const { text } = await cvd("/cvd", [{ venue: "a-spot", buckets: rows }]);
  ok(text.includes("spot ▅▅▅▅▅▅▅▅▅▅▅▅     0     0"), text);
});

Deno.test("bars that began yesterday say so", async () => {
  const { text } = await cvd("/cvd 60m", steady, at(2, 30));
  ok(text.includes("CVD anchors: first bar 19 Nov 15:00, UTC day 00:00"), text);
});

Deno.test("any hole anywhere gives a sound reply", async () => {
  const source = emptyBucket(0);
  for (let first = 0; first < 180; first += 7) {
    const rows = minutes(at(11, 0), 186, (i) => i % 5 === 0 ? [0, 0] : [i, 2 * i])
      .map((bucket, i) => i >= first && i < first + 40 ? { ...source, t: bucket.t } : bucket)
      .filter((_, i) => i % 11 !== first % 11);
    for (const timeframe of ["1m", "5m", "15m", "30m", "60m"]) {
      await cvd(`/cvd ${timeframe}`, [{ venue: "a-spot", buckets: rows }]);
    }
  }
});

Deno.test("every venue that is down without a market is missing", async () => {
  const venues = [
    { venue: "a-spot", market: "spot", live: true, reason: null },
    { venue: "b-perp", market: "perp", live: false, reason: "region block" },
  ] as const;
  const series = [{ venue: "a-spot", buckets: minutes(at(0, 0), TODAY, () => [2, 1]) }];
  const source = fakeSource({ series, venues });
  const { text } = await answer("/cvd", setting({ commands, source }));
  ok(text.includes("0/170 min · b-perp −170"), text);
});

Deno.test("a listed asset of which nothing is collected says so", async () => {
  const source = fakeSource({ series: steady, listed: ["WLD"] });
  const reply = await answer("/cvd wld", setting({ commands, source }));
  assertSound(reply);
  ok(reply.text.includes("No market of WLD is collected"), reply.text);
});

Deno.test("an asset that was fetched for the question says so", async () => {
  const series = [{
    venue: "a-perp",
    base: "WLD",
    buckets: minutes(at(0, 0), TODAY, () => [2, 1]),
  }];
  const source = fakeSource({ series, fetched: ["WLD"] });
  const reply = await answer("/cvd wld", setting({ commands, source }));
  assertSound(reply);
  ok(reply.text.includes("WLD is not watched: fetched on demand\n170/170 min"), reply.text);
});

Deno.test("the forming minute is in its bar and in nothing else", async () => {
  const calm = await studyFlow(fakeSource({ series: steady }), "BTC", 5);
  const loud = replaced(minutes(at(0, 0), TODAY, () => [2000, 1000]), at(14, 5), {
    buyQuote: 9e9,
    coverageMs: 30_000,
  });
  const source = fakeSource({
    series: steady.map((one, i) => i > 0 ? one : { ...one, buckets: loud }),
  });
  const study = await studyFlow(source, "BTC", 5);
  deepEqual(study.windows, calm.windows);
  deepEqual(study.cvd, calm.cvd);
  deepEqual(study.dayCvd, calm.dayCvd);
  deepEqual(study.trust, calm.trust);
  equal(study.bars.at(-1)?.spot.buyQuote, 9e9);
});

Deno.test("every sum can be worked out again from the minutes of its window", async () => {
  for (const shift of [0, 1, 59_999, 60_000, 90_500]) {
    const { windows, dayCvd } = await studyFlow(
      fakeSource({ series: steady, nowMs: at(14, 3) + shift }),
      "BTC",
      15,
    );
    for (const { fromMs, toMs, all } of Object.values(windows)) {
      equal(all.delta, -1000 * (toMs - fromMs) / 60_000);
      equal(toMs, at(14, 3) + (shift < 60_000 ? 0 : 60_000));
    }
    equal(dayCvd.all, -1000 * (dayCvd.toMs - dayCvd.anchorMs) / 60_000);
  }
});

Deno.test("in the first minute of a day the day has no CVD, not a zero", async () => {
  const rows = minutes(at(-3, 0), 181, () => [2000, 1000]);
  const { text, data } = await cvd(
    "/cvd 1m",
    [{ venue: "a-spot", buckets: rows }],
    at(0, 0) + 1500,
  );
  ok(text.includes("UTC day 00:00 (no closed minute yet)"), text);
  ok(text.includes("+11.0k     —"), text);
  ok(JSON.stringify(data).includes('"minutesAsked":0'));
});

Deno.test("the buttons ask the other timeframes of the same symbol", async () => {
  const { buttons = [] } = await cvd("/cvd BTC 5m", steady);
  deepEqual(buttons[0]?.map((button) => button.ask), [
    "/cvd BTC 1m",
    "/cvd BTC 5m",
    "/cvd BTC 15m",
    "/cvd BTC 30m",
    "/cvd BTC 60m",
  ]);
});

function replaced(rows: readonly Bucket[], t: number, more: Partial<Bucket>): Bucket[] {
  return rows.map((bucket) => bucket.t === t ? { ...bucket, ...more } : bucket);
}

function near(actual: number | null, expected: number): void {
  ok(actual !== null && Math.abs(actual - expected) < 1e-3, `${actual} is not ${expected}`);
}

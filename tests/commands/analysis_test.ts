import { deepEqual, equal, ok } from "../assert.ts";
import { studyAnalysis } from "../../commands/_analysis_study.ts";
import { studyFlow } from "../../commands/_flow_study.ts";
import { studyFunding } from "../../commands/_funding_study.ts";
import { studyMomentum } from "../../commands/_momentum_study.ts";
import { studyVolume } from "../../commands/_volume_study.ts";
import type { TickerRow } from "../../lib/market/source.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { ask } from "./asking.ts";
import { changed, earlier, tapeOf, without } from "./tape_of.ts";

/** Up a dollar each minute, bought a little more than sold, OI growing a coin each minute. */
function rising(perp: boolean) {
  return tapeOf(60, (ago) => ({
    c: 90_000 - ago,
    buyQuote: 600 + (Math.floor(ago / 5) % 7) * 10,
    sellQuote: 400,
    more: {
      imbalance: 0.1,
      imbalanceSamples: 60,
      ...(perp ? { oiBase: 10_000 - ago, liqLongs: 1, liqShorts: 0 } : {}),
      ...(perp ? { liqLongQuote: 50, liqShortQuote: 0 } : {}),
    },
  }));
}

const latest = { price: 90_001, tradeMs: NOW_MS - 2400, imbalance: 0.25 };
const derivative = {
  markPrice: 90_000,
  markMs: NOW_MS - 1000,
  fundingRate: 0.0001,
  fundingIntervalHours: 4,
  oiBase: 10_000,
};

const four: readonly FakeSeries[] = [
  { venue: "a-spot", buckets: rising(false), latest },
  { venue: "b-spot", buckets: rising(false), latest },
  { venue: "a-perp", buckets: rising(true), latest: { ...latest, ...derivative } },
  {
    venue: "b-perp",
    buckets: rising(true),
    latest: {
      ...latest,
      ...derivative,
      fundingRate: -0.0001,
      fundingIntervalHours: 8,
      oiBase: 30_000,
      // Weighted in coins the mean would be another.
      markPrice: 90_900,
    },
  },
];

const tickers: readonly TickerRow[] = [{
  venue: "a-spot",
  market: "spot",
  symbol: "BTCUSDT",
  base: "BTC",
  quote: "USDT",
  lastPrice: 90_000,
  quoteVolume24h: 1e9,
  change24h: 0.0162,
  oiBase: null,
  fundingRate: null,
}];

Deno.test("/analysis reads as it should on a phone", async () => {
  const { text } = await ask("/analysis", { series: four, tickers, tickersMs: NOW_MS - 30_000 });
  equal(text, GOLDEN);
});

Deno.test("a 24 h change of an old list says so", async () => {
  const options = { series: four, tickers, tickersMs: NOW_MS - 1_200_000 };
  const { text } = await ask("/analysis", options);
  ok(text.includes("\n24 h change 20 min old\n"), text);
  const { price } = await studyAnalysis(fakeSource(options), "BTC");
  equal(price?.tickerAgeMs, 1_200_000);
});

const GOLDEN = `BTC 90,001.0 · a-spot · 24 h +1.6% · 14:05 UTC
VWAP     89,576.2 price +1.73σ
±1σ      89,332.4 89,820.1
±2σ      89,088.5 90,064.0
CVD from   spot   perp    all
15m      +6.36k +6.36k +12.7k
60m      +27.2k +27.2k +54.4k
00:00     +388k  +388k  +777k
RVOL     15m 0.99× 60m 1×
z        15m −0.67 60m +0.14
Momentum 5▲ 0▼ of 5 (+1)
OI 60m   +0.60% of 19.9k coins
Funding  8h −0.0026% APR −2.80%
Liq 60m  L 6.00k S 0
Book 20  +25% 5m +10% a-perp
The last close 89,999.0 is 1.73σ above the day's VWAP; takers bought 54.4k USD net over 60m (Δ +22.1%); the last hour's volume was 1× the mean; 5 of 5 timeframes up; price +0.07% with OI +0.60% over 60m: no reading, a move is within 0.25%.
1505/1505 min · 2 s old`;

Deno.test("a funding mean with an old rate in it says so", async () => {
  const series = four.map((one) =>
    one.venue === "b-perp" ? { ...one, latest: { ...one.latest, markMs: NOW_MS - 480_000 } } : one
  );
  ok((await ask("/analysis", { series })).text.includes("\nFunding 8 min old\n"));
  equal((await studyAnalysis(fakeSource({ series }), "BTC")).fundingAgeMs, 480_000);
});

Deno.test("its numbers are those of the commands that it sums up", async () => {
  const kept = four.map((one) => ({ ...one, earlier: earlier(9_000, 20) }));
  const source = fakeSource({ series: kept });
  const study = await studyAnalysis(source, "BTC");
  const flow = await studyFlow(source, "BTC", 15);
  const volume = await studyVolume(source, "BTC");
  const momentum = await studyMomentum(source, "BTC");
  deepEqual(study.cvd["60m"], flow.windows["60m"]);
  equal(study.cvd.day.all, flow.dayCvd.all);
  deepEqual(study.volume["15m"], volume.timeframes["15m"]);
  equal(study.volume["15m"]?.sameTimeDays, 20);
  deepEqual(study.vwap, volume.vwap);
  deepEqual(study.momentum, { ...momentum.agreement, priceVenue: "a-perp" });
  const { mean } = await studyFunding(source, "BTC");
  deepEqual(study.funding, { rate8h: mean.rate8h, apr: mean.apr });
});

Deno.test("OI, funding, liquidations and the quadrant are those worked by hand", async () => {
  const { interest, funding, liquidations, book } = await studyAnalysis(
    fakeSource({ series: four }),
    "BTC",
  );
  // Both ends of the hour: 61 minutes ago and 1 minute ago, on two venues.
  equal(interest.fromBase, 2 * 9939);
  equal(interest.toBase, 2 * 9999);
  equal(interest.priceChange, 60 / 89_939);
  equal(interest.quadrant, "none");
  const [a, b] = [10_000 * 90_000, 30_000 * 90_900];
  const mean = (0.0002 * a - 0.0001 * b) / (a + b);
  equal(funding.rate8h?.toFixed(12), mean.toFixed(12));
  equal(funding.apr?.toFixed(9), (mean * 3 * 365).toFixed(9));
  equal(liquidations.longQuote, 6000);
  equal(liquidations.lowerBound, false);
  equal(book?.venue, "a-perp");
  equal(book?.imbalance5m?.toFixed(9), "0.100000000");
});

Deno.test("a clear move is named as the inference that it is", async () => {
  const buckets = tapeOf(60, (ago) => ({
    c: 90_000 - 10 * ago,
    more: { oiBase: 10_000 - 2 * ago },
  }));
  const { text } = await ask("/analysis", { series: [{ venue: "a-perp", buckets, latest }] });
  ok(text.includes("price +0.67% with OI +1.21% over 60m: new longs (inferred)."), text);
});

Deno.test("the sentence says only what is known", async () => {
  const { text } = await ask("/analysis", { series: [{ venue: "a-perp" }] });
  ok(text.includes("BTC · no price yet"), text);
  ok(text.includes("Nothing is known yet."), text);
  ok(text.includes("Liq 60m  L — S —"), text);
  const spot = await ask("/analysis", { series: four.slice(0, 1) });
  ok(spot.text.includes("OI 60m   — of — coins"), spot.text);
  ok(!spot.text.includes("with OI"), spot.text);
});

Deno.test("sampled liquidations are lower bounds", async () => {
  const source = fakeSource({ series: four });
  const sampled = {
    ...source,
    seriesOf: (asset: string) =>
      source.seriesOf(asset).map((info) => Object.assign(info, { liquidations: "sampled" })),
  };
  equal((await studyAnalysis(sampled, "BTC")).liquidations.lowerBound, true);
});

Deno.test("each series is read once", async () => {
  const source = fakeSource({ series: four });
  const reads: string[] = [];
  await studyAnalysis({
    ...source,
    buckets(info, fromMs, toMs) {
      reads.push(info.venue);
      return source.buckets(info, fromMs, toMs);
    },
  }, "BTC");
  deepEqual(reads, ["a-spot", "b-spot", "a-perp", "b-perp"]);
});

Deno.test("a venue that is down, holes, flat prices and first minutes are sound", async () => {
  const row = rising(true);
  const tapes = [
    without(row, (ago) => ago < 90),
    without(row, (ago) => ago > 0),
    without(row, (ago) => ago % 7 === 3),
    changed(row, (ago) => ago % 5 === 1, { coverageMs: 10, c: null, h: null, l: null }),
    changed(row, () => true, { buyQuote: null, sellQuote: null, source: "candle" }),
    tapeOf(60, () => ({ c: 0.000012, buyQuote: 0, sellQuote: 0 })),
    [],
  ];
  for (const buckets of tapes) {
    await ask("/analysis", { series: [{ venue: "a-perp", buckets, latest }, ...four.slice(0, 2)] });
    await ask("/analysis", { series: [{ venue: "a-perp", buckets }] });
  }
});

Deno.test("a venue whose OI is in no sum is named, and liquidations known in part are the least", async () => {
  const dark = changed(four[3]?.buckets ?? [], () => true, { oiBase: null, liqShortQuote: null });
  const series = [...four.slice(0, 3), { venue: "b-perp", buckets: dark, latest }];
  const { text } = await ask("/analysis", { series });
  ok(text.includes("OI 60m without b-perp"), text);
  ok(/^Liq 60m {2}L ≥/m.test(text), text);
  ok(!(await ask("/analysis", { series: four })).text.includes("without"));
});

import { deepEqual, equal, ok } from "../assert.ts";
import { studyPressure } from "../../commands/_pressure_study.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { ask } from "./asking.ts";
import { changed, tapeOf, without } from "./tape_of.ts";

const latest = { tradeMs: NOW_MS - 2400, imbalance: 0.12 };
const large = { largeBuyQuote: 100, largeSellQuote: 300, imbalance: -0.25, imbalanceSamples: 60 };

/** Spot takers sell 200 more than they buy each minute. */
const spot = tapeOf(2, (ago) => ({
  c: 100 + (ago % 3),
  buyQuote: 400,
  sellQuote: 600,
  more: large,
}));
/** Perpetual takers buy 500 more, in a market that rises until it dips. */
const perp = tapeOf(2, (ago) => ({ c: 1000 - ago, buyQuote: 1000, sellQuote: 500, more: large }));

const two: readonly FakeSeries[] = [
  { venue: "a-spot", buckets: spot, latest },
  { venue: "a-perp", buckets: perp, latest },
];

Deno.test("/flow reads as it should on a phone", async () => {
  const { text } = await ask("/flow", { series: two });
  equal(text, GOLDEN);
});

const GOLDEN = `BTC flow · 14:05 UTC
    spot Δ perp Δ  all Δ     Δ%
1m    −200   +500   +300 +12.0%
5m  −1.00k +2.50k +1.50k +12.0%
15m −3.00k +7.50k +4.50k +12.0%
30m −6.00k +15.0k +9.00k +12.0%
60m −12.0k +30.0k +18.0k +12.0%
large   buy  sell      Δ share
1m      200   600   −400 32.0%
5m    1.00k 3.00k −2.00k 32.0%
15m   3.00k 9.00k −6.00k 32.0%
30m   6.00k 18.0k −12.0k 32.0%
60m   12.0k 36.0k −24.0k 32.0%
book, top 20  now   5m  60m
a-spot       +12% −25% −25%
a-perp       +12% −25% −25%
Spot against perps: 1m 5m 15m 30m 60m; spot is 40% of the volume (60m)
No CVD divergence: 15m 30m 60m
60/60 min · 2 s old`;

Deno.test("the numbers of /flow are those worked by hand", async () => {
  const study = await studyPressure(fakeSource({ series: two }), "BTC");
  const window = study.windows["15m"];
  equal(window?.fromMs, Date.UTC(2026, 10, 20, 13, 50));
  equal(window?.toMs, Date.UTC(2026, 10, 20, 14, 5));
  equal(window?.spot.delta, -3000);
  equal(window?.perp.delta, 7500);
  equal(window?.all.deltaPct, 4500 / 37_500);
  deepEqual(window?.large, {
    largeBuyQuote: 3000,
    largeSellQuote: 9000,
    largeDelta: -6000,
    largeShare: 12_000 / 37_500,
    missing: 0,
  });
  equal(window?.spotShare, 0.4);
  equal(window?.spotWithPerp, false);
  deepEqual(study.book, {
    levels: 20,
    rows: [
      { venue: "a-spot", market: "spot", imbalance: 0.12, imbalance5m: -0.25, imbalance60m: -0.25 },
      { venue: "a-perp", market: "perp", imbalance: 0.12, imbalance5m: -0.25, imbalance60m: -0.25 },
    ],
  });
});

/** The price makes a new high in the last minutes, which takers sell into. */
const sold = tapeOf(2, (ago) => ({
  c: ago <= 2 ? 1010 : 1000,
  buyQuote: ago <= 12 ? 0 : 500,
  sellQuote: ago <= 12 ? 500 : 0,
}));

Deno.test("a new high that is sold into is told with both changes", async () => {
  const series = [{ venue: "a-perp", buckets: sold }];
  const { text } = await ask("/flow", { series });
  // 60m: CVD rises by 500 for 48 minutes, then falls by 500 for 12: 23 500 after 24 000.
  ok(
    text.includes(
      "CVD divergence 60m, bearish: new high, price +1%, CVD −500 against its own",
    ),
    text,
  );
  const { divergence } = await studyPressure(fakeSource({ series }), "BTC");
  deepEqual(divergence["60m"]?.high, { priceChange: 1010 / 1000 - 1, cvdChange: -500 });
  equal(divergence["60m"]?.recentMs, Date.UTC(2026, 10, 20, 13, 53));
});

Deno.test("a divergence is judged by the venues that are whole, and says so", async () => {
  const torn = changed(sold, (ago) => ago === 30, { coverageMs: 59_000 });
  const { text } = await ask("/flow", {
    series: [{ venue: "a-perp", buckets: sold }, { venue: "b-perp", buckets: torn }],
  });
  ok(text.includes("against its own (a-perp)"), text);
  const alone = await ask("/flow", { series: [{ venue: "b-perp", buckets: torn }] });
  ok(alone.text.includes("CVD divergence —, minutes missing: 30m 60m"), alone.text);
});

Deno.test("the book of a venue that is down is unknown, its minutes are not", async () => {
  const venues = [
    { venue: "a-spot", market: "spot", live: true, reason: null },
    { venue: "a-perp", market: "perp", live: false, reason: "region block" },
  ] as const;
  const { text } = await ask("/flow", { series: two, venues });
  ok(text.includes("a-spot       +12% −25% −25%"), text);
  ok(text.includes("a-perp          — −25% −25%"), text);
});

Deno.test("candles without sides leave deltas and large trades unknown", async () => {
  const rows = changed(spot, () => true, {
    buyQuote: null,
    sellQuote: null,
    largeBuyQuote: null,
    largeSellQuote: null,
    source: "candle",
  });
  const { text } = await ask("/flow", { series: [{ venue: "a-spot", buckets: rows }] });
  ok(text.includes("60m      —      —     —  —"), text);
  ok(text.includes("60m     —    — —     —"), text);
  ok(text.includes("CVD divergence —, minutes missing: 15m 30m 60m"), text);
  ok(text.endsWith("0/60 min · a-spot −60 · 60 from candles · no data yet"), text);
});

Deno.test("a window that knows the large trades of a part of its minutes says so", async () => {
  const large = { largeBuyQuote: null, largeSellQuote: null, source: "candle" } as const;
  const rows = changed(spot, (ago) => ago > 10, large);
  const { text } = await ask("/flow", { series: [{ venue: "a-spot", buckets: rows }] });
  ok(/^5m {6}500/m.test(text), text);
  ok(/^15m! {2}1\.00k/m.test(text), text);
  ok(text.includes("! large trades of some minutes unknown"), text);
  ok(text.includes("60/60 min"), "the sides are known");
});

Deno.test("spot and perpetuals that press the same way are said to", async () => {
  const { text } = await ask("/flow", {
    series: [{ ...two[1], venue: "a-spot" }, ...two.slice(1)],
  });
  ok(text.includes("Spot and perps press the same way; spot is 50% of the volume (60m)"), text);
});

Deno.test("one market alone is not set against another", async () => {
  const { text } = await ask("/flow", { series: two.slice(0, 1) });
  ok(!text.includes("Spot"), text);
});

Deno.test("nothing at all, a first minute and a flat tape are sound", async () => {
  await ask("/flow");
  for (const buckets of [[], without(spot, (ago) => ago > 0)]) {
    const { text } = await ask("/flow", { series: [{ venue: "a-spot", buckets }] });
    ok(text.endsWith("0/60 min · a-spot −60 · no data yet"), text);
  }
  const flat = tapeOf(2, () => ({ c: 5, buyQuote: 0, sellQuote: 0 }));
  const { text } = await ask("/flow", { series: [{ venue: "a-spot", buckets: flat }] });
  ok(text.includes("No CVD divergence: 15m 30m 60m"), text);
});

Deno.test("the forming minute changes nothing", async () => {
  const loud = changed(perp, (ago) => ago === 0, { buyQuote: 9e9, h: 9e9, coverageMs: 3 });
  const [calm, other] = await Promise.all(
    [perp, loud].map((buckets) =>
      studyPressure(fakeSource({ series: [{ venue: "a-perp", buckets }] }), "BTC")
    ),
  );
  deepEqual(other, calm);
});

Deno.test("the neighbours that there are can be pressed", async () => {
  const { buttons = [] } = await ask("/flow eth", {
    series: [...two, { venue: "a-perp", base: "ETH" }],
  });
  const asks = buttons.flat().map((button) => button.ask);
  equal(asks[0], "/flow ETH");
  ok(asks.includes("/cvd ETH"));
});

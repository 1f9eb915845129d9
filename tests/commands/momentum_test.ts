import { deepEqual, equal, ok } from "../assert.ts";
import { studyMomentum } from "../../commands/_momentum_study.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { ask } from "./asking.ts";
import { changed, FORMING_MS, tapeOf, without } from "./tape_of.ts";

/** One dollar up every minute, for 60 hours. */
const rising = tapeOf(60, (ago) => ({ c: 100_000 - ago }));
const latest = { tradeMs: NOW_MS - 2400 };

const four: readonly FakeSeries[] = ["a-spot", "b-spot", "a-perp", "b-perp"]
  .map((venue) => ({ venue, buckets: rising, latest }));

Deno.test("/momentum reads as it should on a phone", async () => {
  const { text } = await ask("/momentum", { series: four });
  equal(text, GOLDEN);
});

const GOLDEN = `BTC momentum · a-perp · 14:05 UTC
       ROC1  ROC14 RSI EMA   Δ%
1m ▲     0% +0.01% 100  +6 +20%
5m ▲ +0.01% +0.07% 100  +6 +20%
15m▲ +0.01% +0.21% 100  +6 +20%
30m▲ +0.03% +0.42% 100  +6 +20%
60m▲ +0.06% +0.85% 100  +6 +20%
5 of 5 timeframes up · composite +1
ROC over 1 and 14 bars · EMA 9 − 21 in ATR · Δ% of the last closed bar, all venues
65/65 min · 2 s old`;

Deno.test("the numbers of /momentum are those worked by hand", async () => {
  const study = await studyMomentum(fakeSource({ series: four }), "BTC");
  const row = study.timeframes["15m"];
  // The last 15m bar closed at 14:00, five minutes ago, at the close of 13:59.
  equal(row?.toMs, Date.UTC(2026, 10, 20, 14, 0));
  equal(row?.close, 99_994);
  equal(row?.roc1, 99_994 / 99_979 - 1);
  equal(row?.roc14, 99_994 / 99_784 - 1);
  equal(row?.rsi14, 100);
  // Each bar spans from the close before it (14 in it, 1 between): 15 dollars.
  equal(row?.atr14, 15);
  // On a straight line the simple mean starts (n − 1) ÷ 2 bars behind and stays there.
  equal(row?.emaGapAtr, 6);
  equal(row?.delta, 4 * 15 * 200);
  equal(row?.deltaPct, 0.2);
  equal(row?.closedBars, 192);
  equal(study.timeframes["1m"]?.closedBars, 240);
  deepEqual(study.agreement, { composite: 1, up: 5, down: 0, flat: 0, unknown: 0 });
  deepEqual(study.venues, ["a-spot", "b-spot", "a-perp", "b-perp"]);
  equal(study.price?.venue, "a-perp");
  equal(study.price?.minutesComplete, study.price?.minutesAsked);
});

Deno.test("the disagreement is printed", async () => {
  const turning = tapeOf(60, (ago) => ({
    c: ago > 30 ? 100_000 - ago * 10 : 99_000 + ago * 3,
    buyQuote: 500,
    sellQuote: 500,
  }));
  const { text } = await ask("/momentum", { series: [{ venue: "a-perp", buckets: turning }] });
  ok(/\d of 5 timeframes (up|down), \d (up|down) · composite [+−]?0/.test(text), text);
});

Deno.test("the price is that of the deepest perpetual that is alive, else of a spot market", async () => {
  const venueOf = async (series: readonly FakeSeries[]) =>
    (await studyMomentum(fakeSource({ series }), "BTC")).price?.venue;
  const young = without(rising, (ago) => ago > 120);
  const dead = without(rising, (ago) => ago < 10);
  equal(await venueOf([{ venue: "a-perp", buckets: young }, ...four.slice(3)]), "b-perp");
  equal(
    await venueOf([{ venue: "a-perp", buckets: dead }, { venue: "b-perp", buckets: young }]),
    "b-perp",
  );
  equal(await venueOf([{ venue: "a-perp", buckets: dead }]), "a-perp");
  equal(await venueOf([{ venue: "a-perp" }, { venue: "a-spot", buckets: young }]), "a-spot");
  equal(await venueOf([{ venue: "a-perp" }]), undefined);
});

Deno.test("with few bars the longer timeframes are dashes and are named", async () => {
  const young = without(rising, (ago) => ago > 130);
  const { text } = await ask("/momentum", { series: [{ venue: "a-perp", buckets: young }] });
  ok(text.includes("1m ▲     0% +0.01% 100  +6 +20%"), text);
  ok(text.includes("60m  +0.06%      —   —   — +20%"), text);
  ok(text.includes("Too few closed bars (21 wanted): 15m 8, 30m 4, 60m 2"), text);
  ok(text.includes("2 of 5 timeframes up, 3 unknown · composite +1"), text);
});

Deno.test("a bar with missing minutes is said", async () => {
  const torn = changed(rising, (ago) => ago === 200, { coverageMs: 1000 });
  const { text } = await ask("/momentum", { series: [{ venue: "a-perp", buckets: torn }] });
  const bars = "1m 1/240, 5m 1/240, 15m 1/192, 30m 1/96, 60m 1/48";
  ok(text.includes(`Incomplete bars: ${bars} (2884/2885 min of the price)`), text);
});

Deno.test("the forming minute and the forming bars change nothing", async () => {
  const spiked = changed(rising, (ago) => ago === 0, { c: 1, l: 1, buyQuote: 1e12 });
  const [calm, loud] = await Promise.all(
    [rising, spiked].map((buckets) =>
      studyMomentum(fakeSource({ series: [{ venue: "a-perp", buckets }] }), "BTC")
    ),
  );
  deepEqual(loud, calm);
});

Deno.test("on the boundary of an hour all five bars have just closed", async () => {
  const nowMs = FORMING_MS - 5 * 60_000;
  const study = await studyMomentum(fakeSource({ series: four, nowMs }), "BTC");
  for (const row of Object.values(study.timeframes)) {
    equal(row.toMs, nowMs);
    equal(row.close, 99_994);
  }
});

Deno.test("a flat price has no strength, no gap and no direction of its own", async () => {
  const flat = tapeOf(60, () => ({ c: 5, buyQuote: 5, sellQuote: 5 }));
  const { text } = await ask("/momentum", { series: [{ venue: "a-perp", buckets: flat }] });
  ok(text.includes("60m=   0%    0%   —   — 0%"), text);
  ok(text.includes("0 of 5 timeframes up, 5 flat · composite 0"), text);
});

Deno.test("nothing at all, and a first minute, are answered with dashes", async () => {
  for (const buckets of [[], without(rising, (ago) => ago > 0)]) {
    const { text } = await ask("/momentum", { series: [{ venue: "a-perp", buckets }] });
    ok(text.includes("60m    —     —   —   —  —"), text);
    ok(text.includes("0 of 5 timeframes known"), text);
    ok(text.endsWith("0/65 min · a-perp −65 · no data yet"), text);
  }
});

Deno.test("any holes give a sound reply", async () => {
  for (let first = 3; first < 200; first += 13) {
    const rows = without(
      changed(rising, (ago) => ago % first === 1, { c: null, o: null, coverageMs: 0 }),
      (ago) => ago > first * 20 || ago % (first + 7) === 2,
    );
    await ask("/momentum", { series: [{ venue: "a-perp", buckets: rows }, { venue: "b-spot" }] });
  }
});

Deno.test("a second symbol is too much, a timeframe is not", async () => {
  const series = [...four, { venue: "a-perp", base: "ETH" }];
  ok((await ask("/momentum btc eth", { series })).text.includes("eth is too much"));
  ok((await ask("/momentum 4h btc", { series })).text.startsWith("BTC momentum"));
});

import { deepEqual, equal, ok } from "../assert.ts";
import { studyVolume } from "../../commands/_volume_study.ts";
import { type FakeSeries, fakeSource, minute, NOW_MS } from "../market/fake_source.ts";
import { ask } from "./asking.ts";
import { changed, earlier, tapeOf, without } from "./tape_of.ts";

/** Volume that differs a little, and three times as much in the last hour but five minutes. */
const tape = tapeOf(50, (ago) => ({
  c: ago % 2 === 0 ? 90_000 : 90_100,
  buyQuote: (ago <= 65 ? 3000 : 1000) * (1 + (Math.floor(ago / 5) % 7) / 10),
  sellQuote: 0,
}));
const latest = { tradeMs: NOW_MS - 2400 };

const two: readonly FakeSeries[] = [
  { venue: "a-spot", buckets: tape, latest },
  { venue: "a-perp", buckets: tape, latest },
];

Deno.test("/volume reads as it should on a phone", async () => {
  const { text } = await ask("/volume", { series: two });
  equal(text, GOLDEN);
});

const GOLDEN = `BTC volume · 14:05 UTC
     spot  perp   all  RVOL     z
1m  3.00k 3.00k 6.00k 2.12× +3.94
5m  15.3k 15.3k 30.6k 2.17× +4.96
15m 54.9k 54.9k  110k 2.64× +8.73
30m  121k  121k  242k 2.99× +36.9
60m  236k  236k  471k 3.02× +57.8
         spot     perp      all
+2σ  90,150.1 90,150.1 90,150.1
+1σ  90,100.1 90,100.1 90,100.1
VWAP 90,050.1 90,050.1 90,050.1
−1σ  90,000.1 90,000.1 90,000.1
−2σ  89,950.1 89,950.1 89,950.1
VWAP of the UTC day, 00:00 to 14:05
Price 90,100.0 (a-perp) is +1.00σ from VWAP
Last closed bar in USD · RVOL against the bars of 24 h · z = robust z of ln volume
1505/1505 min · 2 s old`;

Deno.test("with a week of earlier days /volume tells RVOL against the same time", async () => {
  const kept = two.map((one) => ({ ...one, earlier: earlier(50_000, 29) }));
  const { text, data } = await ask("/volume", { series: kept });
  equal(
    text,
    GOLDEN.replace(/(?<=^60m.*\n)/m, SAME_TIME)
      .replace(
        /(?<=ln volume\n)/,
        "Same time = RVOL against the bars of that time on earlier days\n",
      ),
  );
  const { timeframes } = await studyVolume(fakeSource({ series: kept }), "BTC");
  deepEqual(
    data,
    JSON.parse(JSON.stringify(await studyVolume(fakeSource({ series: kept }), "BTC"))),
  );
  const of = (name: string) => {
    const { rvolSameTime, sameTimeDays, sameTimeWithout } = timeframes[name] ?? {};
    return { rvolSameTime, sameTimeDays, sameTimeWithout };
  };
  const hour = timeframes["60m"]?.volQuote.all ?? NaN;
  deepEqual(of("60m"), { rvolSameTime: hour / 400_000, sameTimeDays: 29, sameTimeWithout: [] });
  deepEqual(of("5m"), { rvolSameTime: null, sameTimeDays: null, sameTimeWithout: [] });
});

const SAME_TIME = `same time   15m   30m   60m
RVOL      1.10× 1.21× 1.18×
days         29    29    29
`;

Deno.test("before a week is kept /volume does not speak of the same time, the data counts days", async () => {
  const young = two.map((one) => ({ ...one, earlier: earlier(50_000, 6) }));
  equal((await ask("/volume", { series: young })).text, GOLDEN);
  const { timeframes } = await studyVolume(fakeSource({ series: young }), "BTC");
  deepEqual([timeframes["15m"]?.rvolSameTime, timeframes["15m"]?.sameTimeDays], [null, 6]);
  // On one of two venues nothing is worked out yet: no guess from the other one.
  const half = [young[0], { ...two[1], venue: "a-perp" }].flatMap((one) => one ?? []);
  const { timeframes: open } = await studyVolume(fakeSource({ series: half }), "BTC");
  equal(open["15m"]?.sameTimeDays, null);
});

Deno.test("a venue with too few days for the same time is named", async () => {
  const { text } = await ask("/volume", {
    series: [
      ...two.map((one) => ({ ...one, earlier: earlier(50_000, 29) })),
      { venue: "b-perp", buckets: tape, latest, earlier: earlier(1, 3) },
    ],
  });
  ok(text.includes("same time  15m!  30m!  60m!\nRVOL      1.10× 1.21× 1.18×\n"), text);
  ok(text.includes("\n! same time 15m 30m 60m without b-perp\n"), text);
});

Deno.test("the widest RVOLs of the same time fit a phone", async () => {
  for (const quote of [1e-9, 0.001, 3.3, 4e3, 7e7, 1e15]) {
    const series = two.map((one) => ({ ...one, earlier: earlier(quote, 29) }));
    const young = { venue: "b-perp", buckets: tape, latest, earlier: earlier(1, 3) };
    const { text } = await ask("/volume", { series: [...series, young] });
    ok(text.includes("\nRVOL "), text);
  }
});

Deno.test("the bars of /volume are the closed ones and add up", async () => {
  const { timeframes, vwap } = await studyVolume(fakeSource({ series: two }), "BTC");
  const hour = timeframes["60m"];
  equal(hour?.toMs, Date.UTC(2026, 10, 20, 14, 0));
  const { spot = null, perp = null, all = null } = hour?.volQuote ?? {};
  equal((spot ?? NaN) + (perp ?? NaN), all);
  equal(hour?.baselineBars, 24);
  equal(timeframes["1m"]?.baselineBars, 1440);
  equal(timeframes["1m"]?.toMs, Date.UTC(2026, 10, 20, 14, 5));
  deepEqual(hour?.venues, ["a-spot", "a-perp"]);
  equal(vwap.fromMs, Date.UTC(2026, 10, 20));
  equal(vwap.toMs, Date.UTC(2026, 10, 20, 14, 5));
});

Deno.test("the VWAP of spot and perpetuals together is their quote over their base", async () => {
  const dear = tapeOf(50, () => ({ c: 200, buyQuote: 3000, sellQuote: 0 }));
  const cheap = tapeOf(50, () => ({ c: 100, buyQuote: 500, sellQuote: 500 }));
  const series = [{ venue: "a-spot", buckets: dear }, { venue: "a-perp", buckets: cheap }];
  const { vwap } = await studyVolume(fakeSource({ series }), "BTC");
  equal(vwap.spot?.vwap, 200);
  equal(vwap.perp?.vwap, 100);
  // A minute holds 15 coins at 200 and 10 at 100: 4000 ÷ 25 = 160, σ² = (15·40² + 10·60²) ÷ 25.
  equal(vwap.all?.vwap.toFixed(9), "160.000000000");
  equal(vwap.all?.sigma.toFixed(9), Math.sqrt(2400).toFixed(9));
  equal(vwap.price, 100);
  equal(vwap.sigmas?.toFixed(9), (-60 / Math.sqrt(2400)).toFixed(9));
});

Deno.test("a venue that is down is left out by name, not counted as nothing", async () => {
  const down = without(tape, (ago) => ago < 40);
  const { text } = await ask("/volume", {
    series: [...two, { venue: "b-perp", buckets: down, latest }],
  });
  const { text: calm } = await ask("/volume", { series: two });
  const line = (from: string, name: string) => from.split("\n").find((row) => row.startsWith(name));
  equal(line(text, "15m!")?.slice(4).trim(), line(calm, "15m ")?.slice(4).trim());
  ok(text.includes("! 1m 5m 15m 30m 60m without b-perp"), text);
  ok(text.includes("b-perp −39"), text);
});

Deno.test("one venue only leaves the other market unknown", async () => {
  const { text } = await ask("/volume", { series: two.slice(0, 1) });
  ok(/^1m {2,}\S+ +— /m.test(text), text);
  ok(/^VWAP \S+ +— \S+$/m.test(text), text);
});

Deno.test("minutes whose sides are unknown still have a volume", async () => {
  const candles = changed(tape, () => true, {
    buyQuote: null,
    sellQuote: null,
    source: "candle",
  });
  const { text } = await ask("/volume", { series: [{ venue: "a-spot", buckets: candles }] });
  const { text: live } = await ask("/volume", { series: [{ venue: "a-spot", buckets: tape }] });
  equal(text.split("\n").slice(0, 15).join(), live.split("\n").slice(0, 15).join());
  ok(text.includes("from candles"), text);
});

Deno.test("a short history says how short", async () => {
  const young = without(tape, (ago) => ago > 150);
  const { text } = await ask("/volume", { series: [{ venue: "a-spot", buckets: young }] });
  ok(text.includes("Baseline bars: 1m 149/1440, 5m 29/288, 15m 8/96, 30m 3/48, 60m 1/24"), text);
  ok(/^60m .*— +—$/m.test(text), text);
});

Deno.test("nothing at all is dashes", async () => {
  for (const buckets of [[], without(tape, (ago) => ago > 0)]) {
    const { text } = await ask("/volume", { series: [{ venue: "a-spot", buckets }] });
    ok(text.includes("60m!    —    —   —    — —"), text);
    ok(text.includes("VWAP    —    —   —"), text);
    ok(!text.includes("Price"), text);
  }
});

Deno.test("a flat tape has an RVOL of 1, no spike and no band", async () => {
  const flat = tapeOf(50, () => ({ c: 100 }));
  const { text } = await ask("/volume", { series: [{ venue: "a-spot", buckets: flat }] });
  ok(/^60m 60\.0k +— 60\.0k +1× +—$/m.test(text), text);
  ok(text.includes("+2σ  100.00    — 100.00"), text);
  ok(!text.includes("σ from VWAP"), text);
});

Deno.test("in the first minute of a day there is no VWAP yet", async () => {
  const nowMs = Date.UTC(2026, 10, 20, 0, 0, 2);
  const rows = Array.from(
    { length: 1600 },
    (_, i) => minute(nowMs - 2000 - (1599 - i) * 60_000, 5, 5),
  );
  const { text } = await ask("/volume", { series: [{ venue: "a-spot", buckets: rows }], nowMs });
  ok(text.includes("VWAP: the UTC day has no closed minute yet"), text);
});

Deno.test("an asset that was fetched for the question says so", async () => {
  const series = [{ venue: "a-spot", base: "WLD", buckets: tape }];
  const { text } = await ask("/volume wld", { series, fetched: ["WLD"] });
  ok(text.includes("WLD is not watched: fetched on demand"), text);
});

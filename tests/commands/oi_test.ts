import { deepEqual, equal, ok } from "../assert.ts";
import { studyInterest } from "../../commands/_interest_study.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeSource, type FakeSourceOptions, NOW_MS } from "../market/fake_source.ts";
import { blank, closed, EDGE_MS, ticker, TRADED } from "./perps.ts";
import { setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

/** OI grows by a thousandth of its end a minute; the price has risen by 1 % for an hour. */
const rising = closed(90, (ago) => ({ oiBase: 1_000_000 - 1000 * ago, c: 100 - ago / 60 }));
const falling = closed(90, (ago) => ({ oiBase: 500_000 + 500 * ago }));

const two: FakeSourceOptions = {
  series: [
    { venue: "binance-spot", buckets: closed(90, () => ({})), latest: TRADED },
    {
      venue: "binance-perp",
      buckets: rising,
      latest: { ...TRADED, oiBase: 1_000_000, oiMs: NOW_MS - 5000 },
    },
    {
      venue: "bybit-perp",
      buckets: falling,
      latest: { ...TRADED, markPrice: null, oiBase: 500_000, oiMs: NOW_MS - 900_000 },
    },
  ],
};

async function oi(text: string, options: FakeSourceOptions) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

Deno.test("/oi reads as it should on a phone", async () => {
  equal((await oi("/oi", two)).text, GOLDEN);
});

const GOLDEN = `BTC open interest · 14:05 UTC
perp    OI coins OI USD share
binance    1.00M   100M   67%
bybit       500k  50.0M   33%
all        1.50M   150M
       ΔOI   ΔOI%  price    CVD
1m    +500 +0.03% +0.02% +2.00k
5m  +2.50k +0.17% +0.08% +10.0k
15m +7.50k +0.50% +0.25% +30.0k
30m +15.0k +1.01% +0.50% +60.0k
60m +30.0k +2.04% +1.01%  +120k
    price × OI   CVD  CVD/OI
1m  in dead-band   + +0.001%
5m  in dead-band   + +0.007%
15m new longs      + +0.020%
30m new longs      + +0.040%
60m new longs      + +0.080%
An inference from price and ΔOI, each beyond ±0.25 %; perpetual CVD beside it
Price of binance-perp
bybit-perp: OI 15 min old
60/60 min · 2 s old`;

Deno.test("the numbers of /oi are those worked by hand", async () => {
  const study = await studyInterest(fakeSource(two), "BTC");
  deepEqual(study.all, { oiBase: 1_500_000, oiQuote: 150_000_000, without: [] });
  const quarter = study.windows["15m"];
  equal(quarter?.fromMs, EDGE_MS - 900_000);
  equal(quarter?.toMs, EDGE_MS);
  // binance: 985 000 → 1 000 000. bybit: 507 500 → 500 000.
  equal(quarter?.fromBase, 1_492_500);
  equal(quarter?.toBase, 1_500_000);
  equal(quarter?.deltaBase, 7500);
  equal(quarter?.deltaPct, 7500 / 1_492_500);
  equal(quarter?.priceVenue, "binance-perp");
  near(quarter?.priceChange, 100 / 99.75 - 1);
  equal(quarter?.quadrant, "new longs");
  // Two perpetuals: 15 minutes of 1000 USD each, at a hundredth of a coin a dollar.
  equal(quarter?.cvd, 30_000);
  equal(quarter?.cvdBase, 300);
  equal(quarter?.cvdPerOi, 300 / 1_500_000);
  equal(study.windows["5m"]?.quadrant, "none");
});

Deno.test("OI that is old says so, and one whose age nobody knows too", async () => {
  ok((await oi("/oi", two)).text.includes("bybit-perp: OI 15 min old"));
  const { text } = await oi("/oi", {
    series: [{ venue: "a-perp", latest: { ...TRADED, oiBase: 5 } }],
  });
  ok(text.includes("a-perp: OI of unknown age"), text);
});

Deno.test("OI valued by an old mark price says so", async () => {
  const latest = { ...TRADED, oiBase: 5, oiMs: NOW_MS };
  const { text } = await oi("/oi", {
    series: [
      { venue: "a-perp", latest },
      { venue: "b-perp", latest: { ...latest, markMs: NOW_MS - 480_000 } },
      { venue: "c-perp", latest: { ...latest, markMs: NOW_MS - 480_000, oiBase: null } },
    ],
  });
  ok(text.includes("\nb-perp: mark 8 min old\n"), text);
  ok(!/[ac]-perp: mark/.test(text), text);
});

Deno.test("a venue that lacks OI at one end is in no sum of that window, and is named", async () => {
  const young = closed(90, (ago) => ({ oiBase: ago < 20 ? 100 : null }));
  const source = fakeSource({
    series: [{ venue: "a-perp", buckets: rising }, { venue: "b-perp", buckets: young }],
  });
  const { windows } = await studyInterest(source, "BTC");
  deepEqual(windows["15m"]?.without, []);
  deepEqual(windows["30m"]?.without, ["b-perp"]);
  equal(windows["30m"]?.deltaBase, 30_000);
  // 30 minutes of 10 coins on either venue: over the OI of one stands the CVD of that one.
  equal(windows["30m"]?.cvdBase, 600);
  equal(windows["30m"]?.cvdPerOi, 300 / 1_000_000);
  const { text } = await answer("/oi", setting({ commands, source }));
  ok(text.includes("ΔOI 30m without b-perp; 60m without b-perp"), text);
});

Deno.test("a minute without OI takes the one before, and the reply tells", async () => {
  const sparse = closed(90, (ago) => ({ oiBase: ago % 5 === 4 ? 1000 - ago : null }));
  const source = fakeSource({ series: [{ venue: "a-perp", buckets: sparse }] });
  const { windows } = await studyInterest(source, "BTC");
  // The last known values are of the minutes 4 and 19 back.
  equal(windows["15m"]?.deltaBase, 15);
  equal(windows["15m"]?.carriedMinutes, 4);
  const { text } = await answer("/oi", setting({ commands, source }));
  ok(text.includes("OI carried forward by up to 4 min"), text);
});

Deno.test("unknown OI is a dash and a partial sum a lower bound", async () => {
  const { text } = await oi("/oi", {
    series: [
      { venue: "a-perp", latest: { ...TRADED, oiBase: 2000, oiMs: NOW_MS } },
      { venue: "b-perp", latest: TRADED },
    ],
  });
  ok(text.includes("b           —      —     —"), text);
  ok(text.includes("all    ≥2.00k  ≥200k"), text);
});

Deno.test("OI of zero has no percentage and no CVD over it", async () => {
  const zero = closed(90, () => ({ oiBase: 0 }));
  const source = fakeSource({ series: [{ venue: "a-perp", buckets: zero }] });
  const { windows } = await studyInterest(source, "BTC");
  equal(windows["5m"]?.deltaBase, 0);
  equal(windows["5m"]?.deltaPct, null);
  equal(windows["5m"]?.cvdPerOi, null);
  equal(windows["5m"]?.quadrant, null);
  assertSound(await answer("/oi", setting({ commands, source })));
});

Deno.test("one venue, the first minute, no minute at all and no perpetual are answered", async () => {
  const first = closed(1, () => ({ oiBase: 100 }));
  const series = [
    [{ venue: "a-perp", buckets: rising }],
    [{ venue: "a-perp", buckets: first, latest: { oiBase: 100, oiMs: NOW_MS } }],
    [{ venue: "a-perp", buckets: blank(rising) }],
    [{ venue: "a-perp" }],
    [{ venue: "a-spot", buckets: rising }],
  ];
  for (const one of series) await oi("/oi", { series: one });
  const { text } = await oi("/oi", { series: [{ venue: "a-perp", buckets: first }] });
  ok(text.endsWith("1/60 min · a-perp −59 · no data yet"), text);
});

Deno.test("a venue that is down and never gave its markets is missing", async () => {
  const venues = [
    { venue: "a-perp", market: "perp", live: true, reason: null },
    { venue: "b-perp", market: "perp", live: false, reason: "region block" },
    { venue: "b-spot", market: "spot", live: false, reason: "region block" },
  ] as const;
  const { text } = await oi("/oi", { series: [{ venue: "a-perp", buckets: rising }], venues });
  ok(text.endsWith("0/60 min · b-perp −60 · no data yet"), text);
  const { all } = await studyInterest(fakeSource({ series: [], venues }), "BTC");
  deepEqual(all.without, ["b-perp"], "whose OI is in no sum");
});

Deno.test("an asset without a tape shows the tickers' OI, with their age", async () => {
  const { text } = await oi("/oi wld", {
    ...two,
    listed: ["WLD"],
    tickers: [ticker("bybit-perp", "WLD", { oiBase: 3000 })],
    tickersMs: NOW_MS - 600_000,
  });
  ok(text.includes("bybit    3.00k   300k  100%"), text);
  ok(text.includes("bybit-perp: OI 10 min old"), text);
  ok(text.includes("No market of WLD is collected"), text);
});

Deno.test("/oi reads symbols, ignores timeframes and refuses a second symbol", async () => {
  ok((await oi("/oi btc 7m", two)).text.startsWith("BTC open interest"));
  ok((await oi("/oi btcc", two)).text.includes("Nearest: BTC"));
  const chart = await oi("/oi btc chart", two);
  equal(chart.chart?.title, "BTC open interest 15m");
  deepEqual(chart.buttons?.flat().slice(0, 2).map((button) => button.ask), [
    "/oi BTC 1m chart",
    "/oi BTC 5m chart",
  ]);
});

function near(actual: number | null | undefined, expected: number): void {
  ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-12, `${actual} ≠ ${expected}`);
}

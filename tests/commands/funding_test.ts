import { deepEqual, equal, ok } from "../assert.ts";
import { studyExtremes, studyFunding } from "../../commands/_funding_study.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeSource, type FakeSourceOptions, NOW_MS } from "../market/fake_source.ts";
import { closed, ticker, TRADED } from "./perps.ts";
import { setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const HOUR_MS = 3_600_000;
const whole = closed(5, () => ({}));

const two: FakeSourceOptions = {
  series: [
    {
      venue: "binance-perp",
      buckets: whole,
      latest: {
        ...TRADED,
        ...{ fundingRate: 0.0001, fundingIntervalHours: 8, nextFundingMs: NOW_MS + HOUR_MS },
        ...{ oiBase: 3_000_000, oiMs: NOW_MS - 5000 },
      },
    },
    {
      venue: "bybit-perp",
      buckets: whole,
      latest: {
        ...TRADED,
        ...{ fundingRate: -0.0002, fundingIntervalHours: 4, nextFundingMs: NOW_MS - 1 },
        ...{ oiBase: 1_000_000, oiMs: NOW_MS - 5000 },
      },
    },
  ],
};

async function funding(text: string, options: FakeSourceOptions) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

Deno.test("/funding reads as it should on a phone", async () => {
  equal((await funding("/funding btc", two)).text, GOLDEN);
});

const GOLDEN = `BTC funding · 14:05 UTC
perp        rate per next in
binance +0.0100%  8h      1h
bybit   −0.0200%  4h       —
perp         8 h    APR OI USD
binance +0.0100% +10.9%   300M
bybit   −0.0400% −43.8%   100M
Mean by OI: 8 h −0.0025%, APR −2.7%
5/5 min · 2 s old`;

Deno.test("the numbers of /funding are those worked by hand", async () => {
  const { rows, mean } = await studyFunding(fakeSource(two), "BTC");
  equal(rows[0]?.rate8h, 0.0001);
  near(rows[0]?.apr, 0.1095);
  equal(rows[1]?.rate8h, -0.0004);
  near(rows[1]?.apr, -0.438);
  equal(rows[1]?.nextFundingMs, null);
  // (3 · 0.0001 − 1 · 0.0004) ÷ 4, and 1095 times that.
  near(mean.rate8h, -0.000_025);
  near(mean.apr, -0.027_375);
  deepEqual(mean.venues, ["binance-perp", "bybit-perp"]);
});

Deno.test("a rate, and OI valued by a mark, that are old say so", async () => {
  const latest = { ...TRADED, fundingRate: 0.0001, oiBase: 5, oiMs: NOW_MS };
  const { text } = await funding("/funding btc", {
    series: [
      { venue: "a-perp", latest: { ...latest, markMs: NOW_MS - 120_000 } },
      { venue: "b-perp", latest: { ...latest, markMs: NOW_MS - 480_000 } },
      { venue: "c-perp", latest: { ...latest, oiMs: NOW_MS - 480_000 } },
    ],
  });
  ok(!text.includes("a-perp:"), text);
  ok(text.includes("\nb-perp: mark, funding 8 min old\nc-perp: OI 8 min old\n"), text);
});

Deno.test("an interval that nobody told is 8 h and marked", async () => {
  const series = [{ venue: "a-perp", latest: { ...TRADED, fundingRate: 0.0003, oiBase: 5 } }];
  const { rows } = await studyFunding(fakeSource({ series }), "BTC");
  equal(rows[0]?.fundingIntervalHours, 8);
  equal(rows[0]?.intervalAssumed, true);
  const { text } = await funding("/funding btc", { series });
  ok(text.includes("a    +0.0300% 8h?       —"), text);
  ok(text.includes("? interval not told, 8 h assumed"), text);
});

Deno.test("a rate of the ticker has the interval of the venue's list, not an assumed one", async () => {
  const row = ticker("bybit-perp", "BTC", {
    ...{ fundingRate: 0.0001, fundingIntervalHours: 1, oiBase: 2 },
  });
  const source = fakeSource({
    series: [{ venue: "bybit-perp", buckets: whole, latest: {} }],
    tickers: [row, ticker("bybit-perp", "ETH", { fundingRate: 0.0004 })],
  });
  const [found] = (await studyFunding(source, "BTC")).rows;
  equal(found?.fundingIntervalHours, 1);
  equal(found?.intervalAssumed, false);
  equal(found?.rate8h, 0.0008);
  const [highest, next] = studyExtremes(source).highest;
  deepEqual([highest?.base, highest?.rate8h, highest?.intervalAssumed], ["BTC", 0.0008, false]);
  deepEqual([next?.base, next?.rate8h, next?.intervalAssumed], ["ETH", 0.0004, true]);
});

Deno.test("a venue without OI or without a rate is not in the mean, and is named", async () => {
  const latest = { ...TRADED, fundingIntervalHours: 8 };
  const { text } = await funding("/funding btc", {
    series: [
      { venue: "a-perp", latest: { ...latest, fundingRate: 0.0001, oiBase: 5 } },
      { venue: "b-perp", latest: { ...latest, fundingRate: 0.5 } },
      { venue: "c-perp", latest: { ...latest, oiBase: 1e9 } },
    ],
  });
  ok(text.includes("Mean by OI: 8 h +0.0100%, APR +10.9%, without b-perp, c-perp"), text);
});

Deno.test("a venue that is down and never gave its markets is not in the mean, and is named", async () => {
  const venues = [
    { venue: "binance-perp", market: "perp", live: true, reason: null },
    { venue: "c-perp", market: "perp", live: false, reason: "region block" },
    { venue: "c-spot", market: "spot", live: false, reason: "region block" },
  ] as const;
  const { mean } = await studyFunding(fakeSource({ ...two, venues }), "BTC");
  deepEqual(mean.without, ["c-perp"]);
  const { text } = await funding("/funding btc", { ...two, venues });
  ok(text.includes("APR −2.7%, without c-perp\n"), text);
});

Deno.test("nothing known gives dashes and no mean", async () => {
  const { text } = await funding("/funding btc", { series: [{ venue: "a-perp" }] });
  ok(text.includes("a       —  8h       —") || text.includes("—"), text);
  ok(text.includes("No mean: no venue knows both its rate and its OI"), text);
  ok(text.endsWith("0/5 min · a-perp −5 · no data yet"), text);
});

/** Rates −6 … 6 in a ten-thousandth; the watched ETH has a stream and a 4 h interval. */
const market: FakeSourceOptions = {
  series: [
    ...two.series ?? [],
    {
      venue: "binance-perp",
      base: "ETH",
      latest: { fundingRate: 0.0004, fundingIntervalHours: 4, markMs: NOW_MS - 1000 },
    },
  ],
  tickers: Array.from(
    { length: 13 },
    (_, i) => ticker("bybit-perp", `A${i}`, { fundingRate: (i - 6) / 10_000 }),
  )
    .concat(ticker("binance-perp", "ETH"), ticker("binance-perp", "UNKNOWN")),
  tickersMs: NOW_MS - 40_000,
};

Deno.test("/funding without a symbol is the market's ends", async () => {
  equal((await funding("/funding", market)).text, EXTREMES);
});

const EXTREMES = `Funding extremes · 14:05 UTC
highest         rate per    APR
ETH binance +0.0400%  4h +87.6%
A12 bybit   +0.0600% 8h? +65.7%
A11 bybit   +0.0500% 8h? +54.8%
A10 bybit   +0.0400% 8h? +43.8%
A9 bybit    +0.0300% 8h? +32.8%
lowest        rate per    APR
A0 bybit  −0.0600% 8h? −65.7%
A1 bybit  −0.0500% 8h? −54.8%
BTC bybit −0.0200%  4h −43.8%
A2 bybit  −0.0400% 8h? −43.8%
A3 bybit  −0.0300% 8h? −32.8%
By 8 h equivalent; rates of 16 of 17 perpetuals are known
? interval not told, 8 h assumed
2/2 venues · 40 s old`;

Deno.test("the extremes are by 8 h equivalent, the stream before the ticker", () => {
  const { highest, lowest, known, listed } = studyExtremes(fakeSource(market));
  // 0.0004 per 4 h is 0.0008 per 8 h.
  deepEqual(highest.map((row) => row.base), ["ETH", "A12", "A11", "A10", "A9"]);
  equal(highest[0]?.rate8h, 0.0008);
  equal(highest[0]?.intervalAssumed, false);
  equal(highest[1]?.intervalAssumed, true);
  deepEqual(lowest.map((row) => row.base), ["A0", "A1", "BTC", "A2", "A3"]);
  equal(known, 16);
  equal(listed, 17);
});

Deno.test("a stream that fell silent gives way to the list", () => {
  const latest = { fundingRate: 0.5, markMs: NOW_MS - 180_000 };
  const source = fakeSource({
    series: [{ venue: "a-perp", latest }, { venue: "a-perp", base: "ETH", latest }],
    tickers: [ticker("a-perp", "BTC", { fundingRate: 0.0001 })],
  });
  const { highest, known, listed } = studyExtremes(source);
  deepEqual(highest.map(({ base, fundingRate }) => [base, fundingRate]), [["BTC", 0.0001]]);
  deepEqual([known, listed], [1, 2]);
});

Deno.test("before the first tickers there are no extremes, and the reply is whole", async () => {
  const venues = [{ venue: "a-perp", market: "perp", live: false, reason: "starting" }] as const;
  const { text } = await funding("/funding", { venues });
  ok(text.includes("rates of 0 of 0 perpetuals are known"), text);
  ok(text.endsWith("0/1 venues · a-perp missing · no data yet"), text);
});

Deno.test("/funding refuses what it cannot read", async () => {
  ok((await funding("/funding btcc", two)).text.includes("Nearest: BTC"));
  const eth = { venue: "a-perp", base: "ETH" };
  const series = [...two.series ?? [], eth];
  ok((await funding("/funding btc eth", { series })).text.includes("eth is too much"));
});

function near(actual: number | null | undefined, expected: number): void {
  ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-12, `${actual} ≠ ${expected}`);
}

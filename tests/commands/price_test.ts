import { setting } from "./setting.ts";
import { deepEqual, equal, ok } from "../assert.ts";
import { studyPrice } from "../../commands/_price_study.ts";
import { commands } from "../../commands/mod.ts";
import type { TickerRow } from "../../lib/market/source.ts";
import { answer } from "../../lib/reply/answer.ts";
import {
  type FakeSeries,
  fakeSource,
  type FakeSourceOptions,
  minutes,
  NOW_MS,
} from "../market/fake_source.ts";
import { assertSound } from "./sound.ts";

const live = minutes(Date.UTC(2026, 10, 20, 14, 0), 6, () => [2, 1]);

const perp = {
  markPrice: 91_230.1,
  markMs: NOW_MS - 1000,
  fundingRate: 0.0001,
  fundingIntervalHours: 8,
  nextFundingMs: NOW_MS + 7_800_000,
  oiBase: 81_234,
  oiMs: NOW_MS - 5000,
};

const four: readonly FakeSeries[] = [
  { venue: "binance-spot", latest: { price: 91_234.5, tradeMs: NOW_MS - 2000 }, buckets: live },
  { venue: "bybit-spot", latest: { price: 91_243.6, tradeMs: NOW_MS - 3000 }, buckets: live },
  {
    venue: "binance-perp",
    latest: { price: 91_240.5, tradeMs: NOW_MS - 2000, ...perp },
    buckets: live,
  },
  { venue: "bybit-perp", latest: { price: 91_240.5, tradeMs: NOW_MS - 600_000 }, buckets: live },
];

function ticker(venue: string, market: "spot" | "perp", more: Partial<TickerRow> = {}): TickerRow {
  return {
    venue,
    market,
    symbol: "BTCUSDT",
    base: "BTC",
    quote: "USDT",
    lastPrice: 91_000,
    quoteVolume24h: 1.23e9,
    change24h: -0.0123,
    oiBase: null,
    fundingRate: null,
    ...more,
  };
}

async function price(text: string, options: FakeSourceOptions) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

Deno.test("/price reads as it should on a phone", async () => {
  const tickers = [ticker("binance-spot", "spot"), ticker("binance-perp", "perp")];
  const { text } = await price("/price", { series: four, tickers, tickersMs: NOW_MS - 30_000 });
  equal(text, GOLDEN);
});

const GOLDEN = `BTC 91,234.5 · binance-spot · 14:05 UTC
spot        last  24 h turnover
binance 91,234.5 −1.2%    1.23B
bybit   91,243.6     —        —
perp        last  24 h turnover
binance 91,240.5 −1.2%    1.23B
bybit   91,240.5     —        —
perp        mark  funding per
binance 91,230.1 +0.0100%  8h
bybit          —        —   —
perp    OI coins OI USD funds in
binance    81.2k  7.41B    2h10m
bybit          —      —        —
Spread spot 1.0 bp (binance-spot → bybit-spot)
bybit-perp: 10 min old
5/5 min · 2 s old`;

Deno.test("a 24 h change and turnover of an old list say so, once a market kind", async () => {
  const tickers = [ticker("binance-spot", "spot"), ticker("binance-perp", "perp")];
  const options = { series: four, tickers, tickersMs: NOW_MS - 1_200_000 };
  const { text } = await price("/price", options);
  ok(text.includes("\n24 h tickers: spot 20 min old, perp 20 min old\n"), text);
  const { rows } = await studyPrice(fakeSource(options), "BTC");
  deepEqual(rows.map((row) => row.tickerAgeMs), [1_200_000, null, 1_200_000, null]);
  const young = await price("/price", { ...options, tickersMs: NOW_MS - 120_000 });
  ok(!young.text.includes("tickers"), young.text);
});

Deno.test("OI that is old, or of an age that nobody knows, says so", async () => {
  const latest = { price: 100, tradeMs: NOW_MS, oiBase: 5 };
  const series = [
    { venue: "a-perp", latest: { ...latest, oiMs: NOW_MS - 300_000 } },
    { venue: "b-perp", latest: { ...latest, oiMs: NOW_MS - 480_000 } },
    { venue: "c-perp", latest },
  ];
  const { text } = await price("/price", { series });
  ok(!text.includes("a-perp: OI"), text);
  ok(text.includes("\nb-perp: OI 8 min old\nc-perp: OI of unknown age\n"), text);
  const { rows } = await studyPrice(fakeSource({ series }), "BTC");
  deepEqual(rows.map((row) => row.oiAgeMs), [300_000, 480_000, null]);
});

Deno.test("a mark price and a funding rate that are old say so", async () => {
  const latest = { price: 100, tradeMs: NOW_MS, markPrice: 101, fundingRate: 0.0001 };
  const series = [
    { venue: "a-perp", latest: { ...latest, markMs: NOW_MS - 120_000 } },
    { venue: "b-perp", latest: { ...latest, markMs: NOW_MS - 480_000 } },
    { venue: "c-perp", latest },
  ];
  const { text } = await price("/price", { series });
  ok(!text.includes("a-perp: mark"), text);
  const told = "\nb-perp: mark, funding 8 min old\nc-perp: mark, funding of unknown age\n";
  ok(text.includes(told), text);
  const { rows } = await studyPrice(fakeSource({ series }), "BTC");
  deepEqual(rows.map((row) => row.markAgeMs), [120_000, 480_000, null]);
  deepEqual(rows.map((row) => row.fundingAgeMs), [120_000, 480_000, null]);
});

Deno.test("a funding rate of the ticker list is as old as that, beside a young mark", async () => {
  const { text } = await price("/price", {
    series: [{
      venue: "a-perp",
      latest: { price: 100, tradeMs: NOW_MS, markPrice: 100, markMs: NOW_MS },
    }],
    tickers: [ticker("a-perp", "perp", { fundingRate: 0.0001 })],
    tickersMs: NOW_MS - 180_000,
  });
  ok(text.includes("\na-perp: funding 3 min old\n"), text);
});

Deno.test("OI of the ticker list is as old as that", async () => {
  const polled = ticker("a-perp", "perp", { oiBase: 5 });
  const { text } = await price("/price", {
    series: [{ venue: "a-perp", latest: { price: 100, tradeMs: NOW_MS } }],
    tickers: [polled],
    tickersMs: NOW_MS - 480_000,
  });
  ok(text.includes("\n24 h tickers: perp 8 min old\na-perp: OI 8 min old\n"), text);
});

Deno.test("a stale price takes no part in a spread", async () => {
  const { spread } = await studyPrice(fakeSource({ series: four }), "BTC");
  equal(spread.perp, null);
  equal(spread.spot?.lowVenue, "binance-spot");
  equal(spread.spot?.fraction, (91_243.6 - 91_234.5) / 91_234.5);
});

Deno.test("OI is valued at the mark price", async () => {
  const { rows } = await studyPrice(fakeSource({ series: four }), "BTC");
  equal(rows[2]?.oiQuote, 81_234 * 91_230.1);
  equal(rows[0]?.oiQuote, null);
});

Deno.test("an asset without a tape is priced from the ticker, and says so", async () => {
  const wld = { base: "WLD", symbol: "WLDUSDT", lastPrice: 2.5 };
  const tickers = [
    ticker("bybit-perp", "perp", { ...wld, symbol: "WLDUSDC", quote: "USDC", lastPrice: 2.6 }),
    ticker("bybit-perp", "perp", { ...wld, fundingRate: -0.0002, oiBase: 1000 }),
  ];
  const { text } = await price("wld", {
    series: four,
    listed: ["WLD"],
    tickers,
    tickersMs: NOW_MS - 30_000,
  });
  ok(text.startsWith("WLD 2.5000 · bybit-perp"), text);
  ok(text.includes("−0.0200%"), text);
  ok(text.includes("bybit-perp: 24 h ticker, 30 s old"), text);
  ok(text.includes("No market of WLD is collected"), text);
  ok(text.endsWith("0/5 min · no data yet"), text);
});

Deno.test("before the first trade there is no price, and the reply is whole", async () => {
  const { text } = await price("/price", { series: [{ venue: "a-spot" }, { venue: "a-perp" }] });
  ok(text.startsWith("BTC · no price yet"), text);
  ok(text.endsWith("0/5 min · a-spot −5 · a-perp −5 · no data yet"), text);
});

Deno.test("a tiny price keeps its digits and fits", async () => {
  const tiny = { price: 0.0000091234, tradeMs: NOW_MS, markPrice: 0.0000091230, oiBase: 1e12 };
  const { text } = await price("/price pepe", {
    series: [{ venue: "binance-perp", base: "PEPE", latest: tiny }],
  });
  ok(text.startsWith("PEPE 0.0₅9123"), text);
});

Deno.test("/price does not mind a timeframe, but minds a second symbol", async () => {
  const series = [...four, { venue: "binance-perp", base: "ETH" }];
  equal((await price("/price btc 7m", { series })).text.startsWith("BTC 91,234.5"), true);
  ok((await price("/price btc eth", { series })).text.includes("eth is too much"));
});

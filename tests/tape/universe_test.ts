import { deepEqual, equal } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import type { Ticker } from "../../lib/market/collector.ts";
import type { Instrument } from "../../lib/market/instrument.ts";
import { Universe } from "../../lib/tape/universe.ts";

function market(venue: string, symbol: string, base: string, quote = "USDT"): Instrument {
  return { venue, symbol, base, quote, multiplier: 1 };
}

function ticker(symbol: string, quoteVolume24h: number): Ticker {
  return {
    ...{ symbol, quoteVolume24h, lastPrice: 1, change24h: null },
    ...{ oiBase: null, fundingRate: null },
  };
}

function universe(choice: ConstructorParameters<typeof Universe>[1]): Universe {
  const one = new Universe([binanceSpot, binancePerp], choice);
  one.list("binance-spot", [
    market("binance-spot", "BTCUSDT", "BTC"),
    market("binance-spot", "ETHBTC", "ETH", "BTC"),
    market("binance-spot", "ETHUSDC", "ETH", "USDC"),
    market("binance-spot", "ETHUSDT", "ETH"),
  ]);
  one.list("binance-perp", [
    market("binance-perp", "BTCUSDT", "BTC"),
    market("binance-perp", "BTCUSDC", "BTC", "USDC"),
    market("binance-perp", "1000PEPEUSDT", "PEPE"),
    market("binance-perp", "ETHUSDT", "ETH"),
  ]);
  return one;
}

Deno.test("a listed choice is collected where a venue has it; a symbol that it lacks is not there", () => {
  const one = universe({ kind: "list", assets: ["PEPE", "BTC", "NOPE"] });
  deepEqual(one.watchedOn("binance-spot").map(({ symbol }) => symbol), ["BTCUSDT"]);
  deepEqual(one.watchedOn("binance-perp").map(({ symbol }) => symbol), ["1000PEPEUSDT", "BTCUSDT"]);
});

Deno.test("a pair stands for its asset; what no venue lists is told once all lists are read", () => {
  const assets = ["BTCUSDT", "ETH/USDT", "PEPE-PERP", "NOPE"];
  const one = universe({ kind: "list", assets });
  deepEqual(one.configured(), ["BTC", "ETH", "PEPE", "NOPE"]);
  deepEqual(one.watchedOn("binance-spot").map(({ symbol }) => symbol), ["BTCUSDT", "ETHUSDT"]);
  deepEqual(one.unlisted(), ["NOPE"]);
  deepEqual(new Universe([binanceSpot], { kind: "list", assets }).unlisted(), []);
});

Deno.test("of several quotes the preferred dollar is collected, other quotes never", () => {
  const one = universe({ kind: "list", assets: ["ETH", "BTC"] });
  deepEqual(one.watchedOn("binance-spot").map(({ symbol }) => symbol), ["ETHUSDT", "BTCUSDT"]);
  equal(one.marketsOf("BTC")[1]?.symbol, "BTCUSDT");
});

Deno.test("top:N ranks by 24 h perpetual turnover of the collected markets", () => {
  const one = universe({ kind: "top", count: 2 });
  equal(one.rerank(), false, "without tickers nothing is chosen");
  one.setTickers("binance-spot", [ticker("BTCUSDT", 1e12)], 1);
  one.setTickers("binance-perp", [
    ...[ticker("BTCUSDT", 50), ticker("ETHUSDT", 70), ticker("1000PEPEUSDT", 60)],
    // The same asset in another quote is not collected and does not count.
    ticker("BTCUSDC", 1000),
  ], 1);
  equal(one.rerank(), true);
  deepEqual(one.watched(), ["ETH", "PEPE"]);
  equal(one.rerank(), false, "the same ranking is no change");
});

Deno.test("what users add comes after the configured assets, and goes again", () => {
  const one = universe({ kind: "list", assets: ["BTC"] });
  one.add("ETH");
  one.add("BTC");
  deepEqual(one.watched(), ["BTC", "ETH"]);
  one.remove("ETH");
  deepEqual(one.watched(), ["BTC"]);
});

Deno.test("an empty instrument list is a venue's fault and changes nothing", () => {
  const one = universe({ kind: "list", assets: ["BTC"] });
  one.list("binance-perp", []);
  equal(one.watchedOn("binance-perp").length, 1);
});

Deno.test("a perpetual without an entry in the funding list pays every 8 hours", () => {
  const one = universe({ kind: "list", assets: ["BTC"] });
  one.setFunding("binance-perp", [{ symbol: "1000PEPEUSDT", fundingIntervalHours: 4 }]);
  equal(one.fundingHours("binance-perp", "1000PEPEUSDT"), 4);
  equal(one.fundingHours("binance-perp", "BTCUSDT"), 8);
});

Deno.test("a ticker has the funding interval that the venue's lists tell, none before they were read", () => {
  const one = universe({ kind: "top", count: 2 });
  one.setTickers("binance-perp", ["BTCUSDT", "ETHUSDT"].map((symbol) => ticker(symbol, 1)), 1);
  const hours = () => one.tickers("perp").map((row) => row.fundingIntervalHours);
  deepEqual(hours(), [null, null]);
  one.setFunding("binance-perp", [{ symbol: "ETHUSDT", fundingIntervalHours: 4 }]);
  deepEqual(hours(), [8, 4]);

  const listed = new Universe([bybitPerp], { kind: "top", count: 2 });
  listed.list("bybit-perp", [
    { ...market("bybit-perp", "BTCUSDT", "BTC"), fundingIntervalHours: 1 },
    market("bybit-perp", "ETHUSDT", "ETH"),
  ]);
  listed.setTickers("bybit-perp", ["BTCUSDT", "ETHUSDT"].map((symbol) => ticker(symbol, 1)), 1);
  deepEqual(listed.tickers("perp").map((row) => row.fundingIntervalHours), [1, null]);
  equal(listed.fundingHours("bybit-perp", "BTCUSDT"), 1);
});

Deno.test("a funding rate that the tickers lack comes from the list beside them", () => {
  const one = universe({ kind: "list", assets: ["BTC"] });
  const rates = () => one.tickers("perp").map(({ base, fundingRate }) => [base, fundingRate]);
  one.setTickers("binance-perp", [
    { ...ticker("BTCUSDT", 50), fundingRate: 0.0003 },
    ...[ticker("ETHUSDT", 70), ticker("1000PEPEUSDT", 60)],
  ], 1);
  deepEqual(rates(), [["BTC", 0.0003], ["ETH", null], ["PEPE", null]]);
  one.setFundingNow("binance-perp", [
    { symbol: "BTCUSDT", fundingRate: 0.0001 },
    { symbol: "ETHUSDT", fundingRate: -0.0002 },
  ]);
  deepEqual(rates(), [["BTC", 0.0003], ["ETH", -0.0002], ["PEPE", null]]);
});

import { deepEqual, equal, ok } from "../assert.ts";
import { studyRanking } from "../../commands/_ranking_study.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeSource, type FakeSourceOptions, NOW_MS } from "../market/fake_source.ts";
import { ticker } from "./perps.ts";
import { setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const tickers = [
  ticker("binance-perp", "BTC", { quoteVolume24h: 9e9, change24h: 0.012 }),
  ticker("bybit-perp", "BTC", { quoteVolume24h: 4e9, change24h: 0.5, oiBase: 1_000_000 }),
  ticker("binance-perp", "ETH", { quoteVolume24h: 6e9, change24h: -0.034 }),
  ticker("bybit-perp", "SOL", { quoteVolume24h: 2e9, change24h: 0.001, oiBase: 9_000_000 }),
  ticker("binance-perp", "DARK", { quoteVolume24h: 1e9 }),
  ticker("binance-spot", "BTC", { quoteVolume24h: 2e9, change24h: 0.011 }),
];

const market: FakeSourceOptions = {
  series: [{ venue: "binance-perp", latest: { oiBase: 2_000_000, oiMs: NOW_MS - 300_000 } }],
  tickers,
  tickersMs: NOW_MS - 30_000,
  venues: (["binance-perp", "bybit-perp", "binance-spot", "bybit-spot"] as const).map((venue) => ({
    venue,
    market: venue.endsWith("spot") ? "spot" : "perp",
    live: true,
    reason: null,
  })),
};

async function top(text: string, options: FakeSourceOptions = market) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

Deno.test("/top10 reads as it should on a phone", async () => {
  equal((await top("/top10")).text, GOLDEN);
});

const GOLDEN = `Top 10 perpetuals · 14:05 UTC
by volume 24 h USD  24 h   OI
1 BTC        13.0B +1.2% 300M
2 ETH        6.00B −3.4%    —
3 SOL        2.00B +0.1% 900M
4 DARK       1.00B     —    —
by OI OI USD  24 h volume
1 SOL   900M +0.1%  2.00B
2 BTC   300M +1.2%  13.0B
Of 4 assets, USD over all venues
2/2 venues · 30 s old`;

Deno.test("where no perpetual is enabled /top10 is that of spot", async () => {
  const venues = market.venues?.filter((venue) => venue.market === "spot") ?? [];
  ok((await top("/top10", { ...market, venues })).text.startsWith("Top 10 spot"));
  ok((await top("/top10 perps", { ...market, venues })).text.startsWith("Top 10 perpetuals"));
});

Deno.test("the numbers of /top10 are those worked by hand", () => {
  const { byVolume, byInterest } = studyRanking(fakeSource(market), "perp");
  deepEqual(byVolume.map((row) => row.symbol), ["BTC", "ETH", "SOL", "DARK"]);
  const [btc] = byVolume;
  equal(btc?.quoteVolume24h, 13e9);
  // Of binance, whose turnover is larger.
  equal(btc?.change24h, 0.012);
  // 2 million coins by stream, 1 million by ticker, at 100 USD.
  equal(btc?.oiQuote, 3e8);
  equal(btc?.oiPartial, false);
  equal(byVolume[1]?.oiQuote, null);
  deepEqual(byInterest.map((row) => row.symbol), ["SOL", "BTC"]);
});

Deno.test("OI that some venue does not tell is a lower bound", async () => {
  const { text } = await top("/top10", { ...market, series: [] });
  ok(/1 BTC +13\.0B \+1\.2% ≥100M/.test(text), text);
  ok(text.includes("≥ a venue's OI is unknown"), text);
});

Deno.test("OI that is too old, or of an unknown age, gives way to the ticker list", async () => {
  for (const oiMs of [NOW_MS - 301_000, null]) {
    const series = ["binance-perp", "bybit-perp"].map((venue) => ({
      venue,
      latest: { oiBase: 2_000_000, oiMs },
    }));
    const { text } = await top("/top10", { ...market, series });
    ok(/1 BTC +13\.0B \+1\.2% ≥100M/.test(text), text);
    ok(text.includes("≥ a venue's OI is unknown"), text);
  }
});

Deno.test("spot has no OI, and a venue without tickers is missing", async () => {
  for (const typed of ["spot", "SPOT"]) {
    const { text, data } = await top(`/top10 ${typed}`);
    ok(text.startsWith("Top 10 spot"), text);
    ok(!text.includes("OI"), text);
    ok(text.endsWith("1/2 venues · bybit-spot missing · 30 s old"), text);
    ok(JSON.stringify(data).includes('"byInterest":[]'));
  }
});

Deno.test("only ten are told, however many there are", async () => {
  const many = Array.from(
    { length: 40 },
    (_, i) => ticker("bybit-perp", `COIN${i}`, { quoteVolume24h: i * 1e6, oiBase: i }),
  );
  const { byVolume, byInterest, assets } = studyRanking(fakeSource({ tickers: many }), "perp");
  equal(byVolume.length, 10);
  equal(byInterest.length, 10);
  equal(assets, 40);
  equal(byVolume[0]?.symbol, "COIN39");
  await top("/top10", { tickers: many });
});

Deno.test("before the first tickers it says so", async () => {
  const { text } = await top("/top10", { venues: market.venues ?? [] });
  ok(text.includes("No tickers read yet"), text);
  ok(text.endsWith("0/2 venues · binance-perp missing · bybit-perp missing · no data yet"), text);
});

Deno.test("any other list is refused with both to press", async () => {
  for (const text of ["/top10 options", "/top10 spot 5", "/top10 constructor"]) {
    const reply = await top(text);
    ok(reply.text.startsWith("No list"), reply.text);
    equal(reply.buttons?.flat().length, 2);
  }
});

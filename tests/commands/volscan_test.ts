import { deepEqual, equal, ok } from "../assert.ts";
import { SCAN_LIMIT, studyScan } from "../../commands/_scan_study.ts";
import type { TickerRow } from "../../lib/market/source.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { ask } from "./asking.ts";
import { fakeDesk, setting } from "./setting.ts";
import { tapeOf, without } from "./tape_of.ts";

/** Volume that varies, and `spike` times as much in the last closed quarter-hour. */
function series(base: string, spike: number, venue = "a-perp"): FakeSeries {
  const buckets = tapeOf(26, (ago) => ({
    c: 100,
    buyQuote: (ago > 5 && ago <= 20 ? spike : 1) * (1000 + 100 * (Math.floor(ago / 15) % 9)),
    sellQuote: 0,
  }));
  return { venue, base, buckets, latest: { tradeMs: NOW_MS - 2400 } };
}

function ticker(base: string, change24h: number | null, more: Partial<TickerRow> = {}): TickerRow {
  return {
    venue: "a-perp",
    market: "perp",
    symbol: `${base}USDT`,
    base,
    quote: "USDT",
    lastPrice: 1,
    quoteVolume24h: 1e8,
    change24h,
    oiBase: null,
    fundingRate: null,
    ...more,
  };
}

const three = [series("BTC", 1), series("ETH", 4), series("SOL", 0.5, "a-spot")];
const tickers = [
  ticker("BTC", 0.012, { quoteVolume24h: 1e10 }),
  ticker("BTC", 0.5, { venue: "b-perp", quoteVolume24h: 1e9 }),
  ticker("ETH", -0.034),
  ticker("WIF", 0.321),
  ticker("DUST", 9, { quoteVolume24h: 1000 }),
  ticker("NEW", null),
];

Deno.test("/volscan reads as it should on a phone", async () => {
  const { text } = await ask("/volscan", { series: three, tickers, tickersMs: NOW_MS - 20_000 });
  equal(text, GOLDEN);
});

const GOLDEN = `Volume scan 15m · 14:05 UTC
        z  RVOL volume   24 h
ETH +5.50 2.97×  62.4k −3.40%
BTC −1.69 0.74×  15.6k +1.20%
SOL −5.28 0.37×  7.80k      —
Bar 13:45–14:00 against the 24 h before, by z
perp busiest   24 h turnover
BTC          +1.20%    11.0B
ETH          −3.40%     100M
WIF          +32.1%     100M
DUST          +900%    1.00k
rising   24 h turnover
WIF    +32.1%     100M
BTC    +1.20%    11.0B
falling   24 h turnover
ETH     −3.40%     100M
24 h tickers of 4 perp markets, 20 s old
4365/4365 min · 2 s old`;

Deno.test("the list is sorted by score, with RVOL beside it", async () => {
  const { rows } = await studyScan(fakeSource({ series: three }), 15);
  deepEqual(rows.map((row) => row.symbol), ["ETH", "BTC", "SOL"]);
  const [eth, btc] = rows;
  // The same baseline, and four times the bar.
  equal(((eth?.rvol ?? NaN) / (btc?.rvol ?? NaN)).toFixed(9), "4.000000000");
  equal(eth?.baselineBars, 96);
  equal(eth?.fromMs, Date.UTC(2026, 10, 20, 13, 45));
});

Deno.test("an unknown score comes last and is a dash", async () => {
  const dark = { venue: "a-perp", base: "NEW" };
  const { text } = await ask("/volscan 5m", { series: [dark, ...three] });
  ok(/^NEW {2,}— {2,}— {2,}— {2,}—$/m.test(text), text);
  ok(text.indexOf("NEW") > text.indexOf("SOL"), text);
});

Deno.test("movers are the market's by the venue with most turnover, dust left out", async () => {
  const study = await studyScan(fakeSource({ series: three, tickers }), 15);
  deepEqual(study.rising, [
    { symbol: "WIF", venue: "a-perp", change24h: 0.321, quoteVolume24h: 1e8 },
    { symbol: "BTC", venue: "a-perp", change24h: 0.012, quoteVolume24h: 1.1e10 },
  ]);
  deepEqual(study.falling.map((mover) => mover.symbol), ["ETH"]);
  deepEqual(study.busiest.map((mover) => mover.symbol), ["BTC", "ETH", "WIF", "DUST"]);
});

Deno.test("where no perpetual is enabled the spot tickers are read", async () => {
  const spot = tickers.map((row) => ({ ...row, venue: "a-spot", market: "spot" as const }));
  const study = await studyScan(fakeSource({ series: three, tickers: spot }), 15);
  equal(study.market, "spot");
  equal(study.markets, 4);
});

Deno.test("a venue whose turnover is in no sum is named", async () => {
  const venue = (name: string) => ({
    venue: name,
    market: name.endsWith("spot") ? "spot" as const : "perp" as const,
    live: false,
    reason: "region block",
  });
  const venues = ["a-perp", "b-perp", "c-perp", "a-spot", "b-spot"].map(venue);
  const options = { series: three, tickersMs: NOW_MS - 20_000, venues };
  const { text } = await ask("/volscan", { ...options, tickers });
  ok(text.includes("\n24 h tickers of 4 perp markets, 20 s old, without c-perp\n"), text);
  // Spot stands in where no list of perpetuals was read.
  const spot = tickers.map((row) => ({ ...row, venue: "a-spot", market: "spot" as const }));
  const study = await studyScan(fakeSource({ ...options, tickers: spot }), 15);
  deepEqual(study.tickersWithout, ["a-perp", "b-perp", "c-perp", "b-spot"]);
});

Deno.test("the trust line counts the minutes of all scanned markets", async () => {
  const torn = { ...three[0], buckets: without(three[0]?.buckets ?? [], (ago) => ago === 100) };
  const { text } = await ask("/volscan", {
    series: [{ venue: "a-perp", ...torn }, series("ETH", 1)],
  });
  ok(text.endsWith("2909/2910 min · a-perp −1 · 2 s old"), text);
});

Deno.test("no symbol and no ticker is said, not shown as zeros", async () => {
  const { text } = await ask("/volscan");
  ok(text.includes("No symbol is watched"), text);
  ok(text.includes("No 24 h tickers yet"), text);
});

Deno.test("the number of symbols that are read is bounded", async () => {
  const many = Array.from({ length: SCAN_LIMIT + 5 }, (_, i) => ({
    venue: "a-perp",
    base: `COIN${i}`,
    buckets: tapeOf(1, () => ({ c: 1 })),
  }));
  const { text } = await ask("/volscan 1m", { series: many });
  ok(text.includes(`first 20 of ${SCAN_LIMIT}`), text);
});

Deno.test("what is no timeframe is refused with the five that are", async () => {
  const { text, buttons = [] } = await ask("/volscan btc", { series: three });
  ok(text.includes("No timeframe btc. There are five"), text);
  equal(buttons[0]?.[0]?.ask, "/volscan 1m");
  ok((await ask("/volscan 1m 5m", { series: three })).text.includes("5m is too much"));
});

Deno.test("flat and silent tapes are sound", async () => {
  for (const buyQuote of [0, 5]) {
    const buckets = tapeOf(26, () => ({ c: 1, buyQuote, sellQuote: 0 }));
    for (const timeframe of ["1m", "5m", "15m", "30m", "60m"]) {
      const { text } = await ask(`/volscan ${timeframe}`, {
        series: [{ venue: "a-perp", buckets }],
      });
      ok(/^BTC +— /m.test(text), text);
    }
  }
});

Deno.test("what was fetched for a question is not watched, and not scanned", async () => {
  const source = fakeSource({ series: three, tickers });
  const desk = fakeDesk(["ETH", "BTC"]);
  const { text } = await answer("/volscan", setting({ commands, source, desk }));
  ok(!/^SOL/m.test(text), text);
  ok(text.includes("2910/2910 min"), text);
});

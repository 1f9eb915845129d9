/** Recorded REST replies through the readers of the collectors. */
import * as assert from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import type { Candle, Collector, Ticker } from "../../lib/market/collector.ts";
import type { Instrument } from "../../lib/market/instrument.ts";
import type { Trade } from "../../lib/market/events.ts";
import { testWithData } from "../shared_data.ts";
import { assertSane, eventsOf } from "./reading.ts";
import { cryptofeedReply, jkorfReply, readText } from "./recordings.ts";

interface Mock {
  readonly routes: Readonly<Record<string, { readonly GET?: readonly MockCall[] }>>;
}

interface MockCall {
  readonly queryString: string;
  readonly data: unknown;
}

/** The recorded calls of a Binance path, with the symbol they asked for. */
function recorded(path: string): { symbol: string; query: string; body: unknown }[] {
  const mock: Mock = JSON.parse(readText("binance_rest/gocryptotrader_http_mock.json.gz"));
  const calls = mock.routes[path]?.GET ?? [];
  assert.ok(calls.length > 0, path);
  return calls.map(({ queryString: query, data: body }) => {
    return { symbol: /symbol=([^&]*)/.exec(query)?.[1] ?? "", query, body };
  });
}

const RANGE = { fromMs: 0, toMs: 1 };
const TRADES = { fromId: null, fromMs: null, toMs: null };

function assertCandles(rows: readonly Candle[]): void {
  assert.ok(rows.length > 0);
  rows.forEach((row, at) => {
    const where = JSON.stringify(row);
    const before = rows[at - 1];
    if (before) assert.ok(before.openMs < row.openMs, where);
    assert.ok(row.low <= Math.min(row.open, row.close), where);
    assert.ok(row.high >= Math.max(row.open, row.close), where);
    if (row.buyBase !== null) assert.ok(row.buyBase <= row.base, where);
    if (row.buyQuote !== null) assert.ok(row.buyQuote <= row.quote, where);
  });
}

function assertTrades(rows: readonly Trade[]): void {
  assert.ok(rows.length > 0);
  rows.forEach((row, at) => {
    assertSane(row);
    const before = rows[at - 1];
    if (before) assert.ok(before.id < row.id && before.timeMs <= row.timeMs, JSON.stringify(row));
  });
}

function assertTickers(rows: readonly Ticker[]): void {
  assert.ok(rows.length > 0);
  for (const row of rows) {
    assert.ok(row.symbol !== "" && row.lastPrice > 0 && row.quoteVolume24h >= 0);
    assert.ok(row.change24h !== null && row.change24h > -1);
  }
}

/** The frames' multiplier comes from the symbol, the list's from the base: they must agree. */
function assertInstruments(collector: Collector, rows: readonly Instrument[]): void {
  assert.ok(rows.length > 0);
  assert.equal(new Set(rows.map((row) => row.symbol)).size, rows.length);
  for (const row of rows) {
    assert.equal(row.venue, collector.venue);
    assert.ok(row.base !== "" && row.quote !== "");
    const [trade] = eventsOf(collector, tradeFrame(collector, row.symbol));
    assert.ok(trade?.kind === "trade");
    assert.equal(trade.size, row.multiplier, row.symbol);
  }
}

/** A trade of one traded coin, as the venue would send it. */
function tradeFrame({ venue }: Collector, symbol: string): string {
  const [s, T] = [symbol, 1672515782136];
  return JSON.stringify(
    venue.startsWith("binance") ? { e: "aggTrade", s, a: 1, p: "1", q: "1", T, m: true } : {
      topic: `publicTrade.${s}`,
      data: [{ T, s, S: "Buy", v: "1", p: "1", i: "1", BT: false }],
    },
  );
}

testWithData("binance reads recorded candles of both markets", () => {
  for (const [collector, path] of [[binanceSpot, "/api/v3"], [binancePerp, "/fapi/v1"]] as const) {
    for (const { symbol, body } of recorded(`${path}/klines`)) {
      assertCandles(collector.api.candles.read(body, { symbol, ...RANGE }));
    }
  }
});

/** Recorded calls whose rows the recorder's authors emptied: `m` became `""`. */
const SPOILT = /fromId=30300409[68]/;

testWithData("binance reads recorded trades of both markets, by id upwards", () => {
  for (const [collector, path] of [[binanceSpot, "/api/v3"], [binancePerp, "/fapi/v1"]] as const) {
    for (const { symbol, query, body } of recorded(`${path}/aggTrades`)) {
      const read = () => collector.api.trades.read(body, { symbol, ...TRADES });
      if (SPOILT.test(query)) assert.throws(read, /aggTrades: m is undefined, not true or false/);
      else assertTrades(read());
    }
  }
});

testWithData("binance lists the tradable markets of recorded exchangeInfo", () => {
  for (const [collector, path] of [[binanceSpot, "/api/v3"], [binancePerp, "/fapi/v1"]] as const) {
    const [call] = recorded(`${path}/exchangeInfo`);
    const { rows, next } = collector.api.instruments.read(call?.body, { cursor: null });
    assertInstruments(collector, rows);
    assert.equal(next, null);
  }
});

testWithData("binance reads recorded tickers", () => {
  for (const [collector, path] of [[binanceSpot, "/api/v3"], [binancePerp, "/fapi/v1"]] as const) {
    const lists = recorded(`${path}/ticker/24hr`).filter(({ body }) => Array.isArray(body));
    assert.ok(lists.length > 0);
    for (const { body } of lists) assertTickers(collector.api.tickers.read(body, null));
  }
});

testWithData("binance-perp reads recorded open interest and funding", () => {
  const { openInterest, oiHistory, fundingInfo, fundingHistory } = binancePerp.api;
  const [now] = recorded("/fapi/v1/openInterest");
  assert.deepEqual(openInterest?.read(now?.body, { symbol: "BTCUSDT" }), {
    timeMs: 1702244985273,
    oiBase: 83782.317,
  });
  for (const { symbol, body } of recorded("/futures/data/openInterestHist")) {
    const rows = oiHistory?.read(body, { symbol, ...RANGE }) ?? [];
    assert.ok(rows.length > 0 && rows.every((row) => row.oiBase > 0));
  }
  const [info] = recorded("/fapi/v1/fundingInfo");
  const hours = fundingInfo?.read(info?.body, null) ?? [];
  assert.ok(
    hours.length > 0 && hours.every((row) => [1, 2, 4, 8].includes(row.fundingIntervalHours)),
  );
  for (const { symbol, body } of recorded("/fapi/v1/fundingRate")) {
    const rows = fundingHistory?.read(body, { symbol, ...RANGE }) ?? [];
    assert.ok(rows.length > 0 && rows.every((row) => Math.abs(row.fundingRate) < 0.01));
  }
});

testWithData("binance reads the samples of JKorf's client", () => {
  const reply = (name: string) => jkorfReply(`binance_jkorf/Endpoints__${name}.txt`);
  const perp = (name: string) => reply(`UsdFutures__ExchangeData__${name}`);
  assert.equal(binancePerp.api.time.read(perp("GetServerTime"), null), 1499827319559);
  const oi = binancePerp.api.openInterest?.read(perp("GetOpenInterest"), { symbol: "BTCUSDT" });
  assert.equal(oi?.oiBase, 10659.509);
  const query = { symbol: "BTCUSDT", ...TRADES };
  assertTrades(binancePerp.api.trades.read(perp("GetAggregatedTradeHistory"), query));
  const spot = reply("Spot__ExchangeData__GetAggregatedTradeHistory");
  assertTrades(binanceSpot.api.trades.read(spot, query));
  const funding = binancePerp.api.fundingHistory?.read(perp("GetFundingRates"), {
    symbol: "X",
    ...RANGE,
  });
  assert.deepEqual(funding?.map((row) => row.timeMs), [1698768000000, 1698796800000]);
  const list = perp("GetExchangeInfo");
  assertInstruments(binancePerp, binancePerp.api.instruments.read(list, { cursor: null }).rows);
});

testWithData("bybit lists its recorded markets, hundreds of them, by their real asset", () => {
  const name = "bybit-v5_ws/cryptofeed_20260809_BTC_SOL.jsonl.gz";
  for (const [collector, category] of [[bybitSpot, "spot"], [bybitPerp, "linear"]] as const) {
    const reply = cryptofeedReply(name, `category=${category}`);
    const { rows, next } = collector.api.instruments.read(reply, { cursor: null });
    assert.ok(rows.length > 300, `${rows.length}`);
    assertInstruments(collector, rows);
    assert.ok(next === null || next.length > 0);
  }
});

testWithData(
  "bybit-perp reads a recorded poll of all tickers, one side of the open interest",
  () => {
    const body = JSON.parse(
      readText("bybit-v5_rest/gocryptotrader_tickers_linear_20230816.json.gz"),
    );
    const rows = bybitPerp.api.tickers.read(body, null);
    assert.ok(rows.length > 250);
    assertTickers(rows);
    const ladys = rows.find((row) => row.symbol === "10000LADYSUSDT");
    assert.deepEqual(ladys, {
      symbol: "10000LADYSUSDT",
      lastPrice: 0.0002635 / 10_000,
      quoteVolume24h: 5506985.8498,
      change24h: -0.103741,
      oiBase: 9680170400 * 10_000 / 2,
      fundingRate: 0.0001,
    });
  },
);

testWithData("bybit reads the samples of JKorf's and nautilus's clients", () => {
  const reply = (name: string) =>
    jkorfReply(`bybit_jkorf/Endpoints__V5Api__ExchangeData__${name}.txt`);
  const range = { symbol: "BTCUSDT", ...RANGE };
  assertCandles(bybitPerp.api.candles.read(reply("GetKlines"), range));
  const klines = JSON.parse(readText("bybit_nautilus/http_get_klines_linear.json"));
  assertCandles(bybitPerp.api.candles.read(klines, range));
  const [trade] = bybitSpot.api.trades.read(reply("GetTradeHistory"), {
    symbol: "BTCUSDT",
    ...TRADES,
  });
  assert.deepEqual(trade, {
    kind: "trade",
    symbol: "BTCUSDT",
    timeMs: 1672052955758,
    price: 16618.49,
    size: 0.00012,
    side: "buy",
    id: 7764263,
  });
  assert.equal(bybitSpot.api.tickers.read(reply("GetSpotTickers"), null)[0]?.change24h, 0.0068);
  const oi = bybitPerp.api.oiHistory?.read(reply("GetOpenInterest"), range);
  assert.deepEqual(oi?.map((row) => row.timeMs), [1669571100000, 1669571400000]);
  const funding = bybitPerp.api.fundingHistory?.read(reply("GetFundingRateHistory"), range);
  assert.deepEqual(funding, [{ timeMs: 1672041600000, fundingRate: 0.0001 }]);
  const early = bybitPerp.api.instruments.read(
    reply("GetLinearInverseSymbolsPreListing"),
    { cursor: null },
  );
  assert.deepEqual(early.rows, []);
  for (const [collector, kind] of [[bybitPerp, "linear"], [bybitSpot, "spot"]] as const) {
    const body = JSON.parse(readText(`bybit_nautilus/http_get_instruments_${kind}.json`));
    const { rows, next } = collector.api.instruments.read(body, { cursor: null });
    assertInstruments(collector, rows);
    assert.equal(next, null);
  }
});

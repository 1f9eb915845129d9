import * as assert from "../assert.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";

Deno.test("bybit-perp reads a page of perpetuals and where the next one starts", () => {
  const { instruments } = bybitPerp.api;
  assert.equal(
    instruments.path({ cursor: null }),
    "/v5/market/instruments-info?category=linear&limit=1000",
  );
  assert.equal(
    instruments.path({ cursor: "a=b&c" }),
    "/v5/market/instruments-info?category=linear&limit=1000&cursor=a%3Db%26c",
  );
  const row = {
    symbol: "SHIB1000USDT",
    contractType: "LinearPerpetual",
    status: "Trading",
    baseCoin: "SHIB1000",
    quoteCoin: "USDT",
    fundingInterval: 240,
  };
  const list = [
    row,
    { ...row, symbol: "D", baseCoin: "D", fundingInterval: 8 },
    { ...row, symbol: "A", contractType: "LinearFutures" },
    { ...row, symbol: "B", status: "PreLaunch" },
    { ...row, symbol: "C", quoteCoin: "BRL" },
  ];
  const body = (nextPageCursor: string | null) => (
    { retCode: 0, retMsg: "OK", result: { list, nextPageCursor } }
  );
  const page = instruments.read(body("first%3DX"), { cursor: null });
  // Given percent-encoded, and back it goes as it was given.
  assert.match(bybitPerp.api.instruments.path({ cursor: page.next }), /cursor=first%3DX$/);
  assert.deepEqual(page.rows, [
    {
      ...{ venue: "bybit-perp", symbol: "SHIB1000USDT", quote: "USDT" },
      ...{ base: "SHIB", multiplier: 1000, fundingIntervalHours: 4 },
    },
    { venue: "bybit-perp", symbol: "D", quote: "USDT", base: "D", multiplier: 1 },
  ]);
  for (const end of ["", null]) {
    assert.equal(instruments.read(body(end), { cursor: null }).next, null);
  }
});

Deno.test("bybit-perp names a refusal of its REST service and what to do about it", () => {
  const { candles } = bybitPerp.api;
  const range = { symbol: "BTCUSDT", fromMs: 0, toMs: 60_000 };
  const body = (retCode: number) => ({ retCode, retMsg: "Too many visits", result: {} });
  assert.throws(() => candles.read(body(10006), range), /10006, Too many visits: ask less often$/);
  assert.throws(() => candles.read(body(99999), range), /99999, Too many visits: look the code up/);
  for (
    const junk of [null, 5, [], {}, { retCode: "0" }, { retCode: 0 }, { retCode: 0, result: {} }]
  ) {
    assert.throws(() => candles.read(junk, range), SyntaxError);
  }
});

Deno.test("bybit-perp turns candles, open interest and funding round to oldest first", () => {
  const range = { symbol: "1000PEPEUSDT", fromMs: 1670608680000, toMs: 1670608860000 };
  const reply = (list: unknown[]) => ({ retCode: 0, retMsg: "OK", result: { list } });
  const { candles, oiHistory, fundingHistory } = bybitPerp.api;
  assert.equal(
    candles.path(range),
    "/v5/market/kline?category=linear&symbol=1000PEPEUSDT&interval=1&start=1670608680000&end=1670608859999&limit=1000",
  );
  const rows = candles.read(
    reply([
      ["1670608800000", "2", "4", "1", "3", "10", "25"],
      ["1670608740000", "2", "2", "2", "2", "0", "0"],
    ]),
    range,
  );
  assert.deepEqual(rows.map((row) => row.openMs), [1670608740000, 1670608800000]);
  assert.deepEqual(rows[1], {
    openMs: 1670608800000,
    open: 0.002,
    high: 0.004,
    low: 0.001,
    close: 0.003,
    base: 10_000,
    quote: 25,
    buyBase: null,
    buyQuote: null,
    matches: null,
  });
  const oi = reply([
    { openInterest: "20", timestamp: "1669571400000" },
    { openInterest: "18", timestamp: "1669571100000" },
  ]);
  assert.deepEqual(oiHistory?.read(oi, range), [
    { timeMs: 1669571100000, oiBase: 9000 },
    { timeMs: 1669571400000, oiBase: 10_000 },
  ]);
  const funding = reply([{
    symbol: "X",
    fundingRate: "0.0001",
    fundingRateTimestamp: "1672041600000",
  }]);
  assert.deepEqual(fundingHistory?.read(funding, range), [
    { timeMs: 1672041600000, fundingRate: 0.0001 },
  ]);
});

Deno.test("bybit-perp reads its newest trades oldest first, without block trades", () => {
  const row = {
    execId: "20f43950-d8dd-5b31-9112-a178eb6023af",
    symbol: "BTCUSDT",
    price: "16618.5",
    size: "0.1",
    side: "Sell",
    time: "1672052955760",
    isBlockTrade: false,
  };
  const older = { ...row, execId: "10f43950-d8dd-5b31-9112-a178eb6023af", time: "1672052955758" };
  const block = { ...row, isBlockTrade: true };
  const query = { symbol: "BTCUSDT", fromId: null, fromMs: null, toMs: null };
  const body = { retCode: 0, retMsg: "OK", result: { list: [row, block, older] } };
  const rows = bybitPerp.api.trades.read(body, query);
  assert.deepEqual(rows.map((trade) => trade.id), [3595809347969133, 863580733944322]);
  assert.deepEqual(rows[0]?.side, "sell");
  assert.match(bybitPerp.api.trades.path(query), /category=linear&symbol=BTCUSDT&limit=1000$/);
});

Deno.test("bybit reads its clock, given in nanoseconds, in milliseconds", () => {
  const result = { timeSecond: "1688639403", timeNano: "1688639403423213947" };
  assert.equal(bybitPerp.api.time.read({ retCode: 0, retMsg: "OK", result }, null), 1688639403423);
});

Deno.test("bybit never asks for more than a page, which would be the newest one", () => {
  const range = { symbol: "BTCUSDT", fromMs: 0, toMs: 9e12 };
  assert.match(bybitPerp.api.candles.path(range), /&start=0&end=59999999&limit=1000$/);
  const oi = bybitPerp.api.oiHistory?.path(range) ?? "";
  assert.match(oi, /&intervalTime=5min&startTime=0&endTime=59999999&limit=200$/);
});

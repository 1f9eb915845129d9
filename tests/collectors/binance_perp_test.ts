import * as assert from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { eventsOf, noticeOf, refuses } from "./reading.ts";

const MARK =
  '{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15","ap":"11794.15","i":"11784.62","P":"11784.25","r":"0.00038167","T":1562306400000,"st":1}';
const FORCE =
  '{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.020","p":"9910","ap":"9905.5","X":"FILLED","l":"0.004","z":"0.014","T":1568014460890},"ps":"BTCUSDT","st":1}';

Deno.test("binance-perp reads an aggregated trade with its RPI part", () => {
  const frame =
    '{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":5933014,"p":"64000.1","q":"0.100","nq":"0.070","f":100,"l":105,"T":1672515782130,"m":false,"st":1}';
  assert.deepEqual(eventsOf(binancePerp, frame), [{
    kind: "trade",
    symbol: "BTCUSDT",
    timeMs: 1672515782130,
    price: 64000.1,
    size: 0.1,
    side: "buy",
    id: 5933014,
  }]);
});

Deno.test("binance-perp reads mark price and funding", () => {
  const expected = {
    kind: "derivative",
    symbol: "BTCUSDT",
    timeMs: 1562305380000,
    markPrice: 11794.15,
    fundingRate: 0.00038167,
    fundingIntervalHours: null,
    nextFundingMs: 1562306400000,
    oiBase: null,
  };
  assert.deepEqual(eventsOf(binancePerp, MARK), [expected]);
  assert.deepEqual(eventsOf(binancePerp, `{"stream":"btcusdt@markPrice@1s","data":${MARK}}`), [
    expected,
  ]);
});

Deno.test("binance-perp takes an empty funding rate as unknown, and zero as zero", () => {
  const none = MARK.replace('"0.00038167","T":1562306400000', '"","T":0');
  const [unknown] = eventsOf(binancePerp, none);
  assert.ok(unknown?.kind === "derivative");
  assert.equal(unknown.fundingRate, null);
  assert.equal(unknown.nextFundingMs, null);
  const [zero] = eventsOf(binancePerp, MARK.replace("0.00038167", "0.00000000"));
  assert.ok(zero?.kind === "derivative");
  assert.equal(zero.fundingRate, 0);
});

Deno.test("binance-perp reads a forced sell as a long that was closed, filled size at average price", () => {
  assert.deepEqual(eventsOf(binancePerp, FORCE), [{
    kind: "liquidation",
    symbol: "BTCUSDT",
    timeMs: 1568014460890,
    price: 9905.5,
    size: 0.014,
    position: "long",
  }]);
  const [short] = eventsOf(binancePerp, FORCE.replace('"SELL"', '"BUY"'));
  assert.ok(short?.kind === "liquidation");
  assert.equal(short.position, "short");
});

Deno.test("binance-perp falls back to order size and limit price before the first fill", () => {
  const unfilled = FORCE.replace('"ap":"9905.5"', '"ap":"0"').replace('"z":"0.014"', '"z":"0"');
  const absent = FORCE.replace('"ap":"9905.5",', "").replace('"z":"0.014",', "");
  for (const frame of [unfilled, absent]) {
    const [event] = eventsOf(binancePerp, frame);
    assert.ok(event?.kind === "liquidation");
    assert.equal(event.price, 9910);
    assert.equal(event.size, 0.02);
  }
  refuses(binancePerp, FORCE.replace('"ap":"9905.5"', '"ap":"x"'));
  refuses(binancePerp, FORCE.replace('"SELL"', '"LONG"'));
});

Deno.test("binance-perp leaves COIN-M out of whole-market streams", () => {
  const coin = MARK.replace('"st":1', '"st":2').replace("BTCUSDT", "BTCUSD_PERP");
  const old = MARK.replace(',"st":1', "").replace("BTCUSDT", "ETHUSDT");
  const symbols = (frame: string) => eventsOf(binancePerp, frame).map((event) => event.symbol);
  assert.deepEqual(symbols(`[${MARK},${coin},${old}]`), ["BTCUSDT", "ETHUSDT"]);
  const combined = `{"stream":"!forceOrder@arr","data":[${FORCE},${
    FORCE.replace('"st":1', '"st":2')
  }]}`;
  assert.deepEqual(symbols(combined), ["BTCUSDT"]);
  assert.deepEqual(symbols(coin), []);
});

Deno.test("binance-perp delivers nothing of a list whose last row is broken", () => {
  refuses(binancePerp, `[${MARK},${MARK.replace("11794.15", "-1")}]`);
  refuses(binancePerp, `[${MARK},null]`);
  refuses(binancePerp, `{"stream":"!markPrice@arr","data":[${MARK},7]}`);
});

Deno.test("binance-perp moves no volume for an insurance or ADL fill, and keeps its id", () => {
  const trade = (x: string) =>
    `{"e":"trade","E":1574381164089,"T":1574381164086,"s":"BTCUSDT","t":10934580,"p":"7627.60","q":"0.044"${x},"m":false}`;
  for (const market of ["", ',"X":"MARKET"']) {
    const [event] = eventsOf(binancePerp, trade(market));
    assert.ok(event?.kind === "trade");
    assert.equal(event.id, 10934580);
  }
  for (const other of ["INSURANCE_FUND", "ADL", "RPI", "NA"]) {
    assert.deepEqual(eventsOf(binancePerp, trade(`,"X":"${other}"`)), [
      { kind: "omitted", symbol: "BTCUSDT", timeMs: 1574381164086, id: 10934580 },
    ]);
  }
});

Deno.test("binance-perp takes only a partial book for a whole one", () => {
  const data =
    '{"e":"depthUpdate","E":1571889248277,"T":1571889248276,"s":"BTCUSDT","U":1,"u":3,"pu":0,"b":[["7403.89","0.002"]],"a":[["7405.96","3.340"],["7406.63","4.525"]],"st":1}';
  const frame = (stream: string) => `{"stream":"btcusdt@${stream}","data":${data}}`;
  for (const stream of ["depth20@500ms", "depth5", "depth10@100ms"]) {
    assert.deepEqual(eventsOf(binancePerp, frame(stream)), [{
      kind: "depth",
      symbol: "BTCUSDT",
      timeMs: 1571889248277,
      snapshot: true,
      bids: [[7403.89, 0.002]],
      asks: [[7405.96, 3.34], [7406.63, 4.525]],
    }]);
  }
  for (const stream of ["depth", "depth@100ms", "depth@0ms", "depth50", "depth@500ms"]) {
    assert.deepEqual(eventsOf(binancePerp, frame(stream)), []);
  }
  assert.deepEqual(eventsOf(binancePerp, data), []);
});

Deno.test("binance-perp counts real coins in every kind of event", () => {
  const pepe = (frame: string) =>
    eventsOf(binancePerp, frame.replaceAll("BTCUSDT", "1000PEPEUSDT"))[0];
  const mark = pepe(MARK);
  assert.ok(mark?.kind === "derivative");
  assert.equal(mark.markPrice, 11.79415);
  const liquidation = pepe(FORCE);
  assert.ok(liquidation?.kind === "liquidation");
  assert.equal(liquidation.price, 9.9055);
  assert.equal(liquidation.size, 14);
  const depth = pepe(
    '{"stream":"x@depth20@500ms","data":{"e":"depthUpdate","E":1571889248277,"s":"BTCUSDT","b":[["0.5","2"]],"a":[]}}',
  );
  assert.ok(depth?.kind === "depth");
  assert.deepEqual(depth.bids, [[0.0005, 2000]]);
});

Deno.test("binance-perp never mixes the two paths", () => {
  const instrument = {
    venue: "binance-perp",
    symbol: "BTCUSDT",
    base: "BTC",
    quote: "USDT",
    multiplier: 1,
  };
  const streams = binancePerp.routes.map((route) => [
    route.path,
    ...route.topics([instrument]).map((topic) => `${topic.kind} ${topic.name}`),
  ]);
  assert.deepEqual(streams, [
    [
      "/market/stream",
      "trade btcusdt@aggTrade",
      "derivative btcusdt@markPrice@1s",
      "liquidation btcusdt@forceOrder",
    ],
    ["/public/stream", "depth btcusdt@depth20@500ms"],
  ]);
});

Deno.test("binance-perp says nothing of the streams that it does not use", () => {
  for (
    const frame of [
      '{"e":"bookTicker","u":400900217,"s":"BNBUSDT","b":"25.3","B":"31.2","a":"25.4","A":"40.7","T":1,"E":1,"st":1}',
      '{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1,"s":"BTCUSDT","k":{}}}',
      '{"stream":"!contractInfo","data":{"e":"contractInfo","E":1669356423908,"s":"IOTAUSDT"}}',
    ]
  ) assert.equal(noticeOf(binancePerp, frame), undefined);
});

Deno.test("binance-perp keeps tradable dollar perpetuals of its contract list", () => {
  const row = {
    symbol: "1000PEPEUSDC",
    contractType: "PERPETUAL",
    status: "TRADING",
    baseAsset: "1000PEPE",
    quoteAsset: "USDC",
  };
  const symbols = [
    row,
    { ...row, symbol: "A", contractType: "TRADIFI_PERPETUAL" },
    { ...row, symbol: "B", contractType: "CURRENT_QUARTER" },
    { ...row, symbol: "C", status: "SETTLING" },
    { ...row, symbol: "D", quoteAsset: "BTC" },
  ];
  const { rows } = binancePerp.api.instruments.read({ symbols }, { cursor: null });
  assert.deepEqual(rows, [
    {
      venue: "binance-perp",
      symbol: "1000PEPEUSDC",
      quote: "USDC",
      base: "PEPE",
      multiplier: 1000,
    },
  ]);
});

Deno.test("binance-perp weighs candles by the rows it asks for, a page at most", () => {
  const { candles } = binancePerp.api;
  const range = (minutes: number) => ({ symbol: "BTCUSDT", fromMs: 0, toMs: minutes * 60_000 });
  const weights = [1, 99, 100, 499, 500, 1000, 1001, 5000].map((n) => candles.weight(range(n)));
  assert.deepEqual(weights, [1, 1, 2, 2, 5, 5, 10, 10]);
  assert.match(candles.path(range(5000)), /&limit=1500$/);
});

Deno.test("binance-perp asks for less than an hour of trades at a time", () => {
  const query = { symbol: "BTCUSDT", fromId: null, fromMs: 1000, toMs: 9e12 };
  assert.equal(
    binancePerp.api.trades.path(query),
    "/fapi/v1/aggTrades?symbol=BTCUSDT&startTime=1000&endTime=3600999&limit=1000",
  );
});

Deno.test("binance-perp keeps the separate counters of funding and history calls in one budget", () => {
  const { fundingInfo, fundingHistory, oiHistory } = binancePerp.api;
  const range = { symbol: "BTCUSDT", fromMs: 0, toMs: 1 };
  const perMinute = (weight: number | undefined) => binancePerp.restLimits.weight / (weight ?? NaN);
  assert.equal(perMinute(fundingInfo?.weight(null)) * 5, 500);
  assert.equal(perMinute(fundingHistory?.weight(range)) * 5, 500);
  assert.equal(perMinute(oiHistory?.weight(range)) * 5, 1000);
});

Deno.test("binance-perp asks for one page of open interest, from the start of the range", () => {
  const path = binancePerp.api.oiHistory?.path({ symbol: "BTCUSDT", fromMs: 0, toMs: 9e12 }) ?? "";
  assert.match(path, /&period=5m&startTime=0&endTime=149999999&limit=500$/);
});

Deno.test("binance-perp reads the running rates of all perpetuals, dated contracts have none", () => {
  const { fundingNow } = binancePerp.api;
  const row = (symbol: string, lastFundingRate: string) => ({
    ...{ symbol, markPrice: "64123.10000000", indexPrice: "64150.2", lastFundingRate },
    ...{ interestRate: "0.00010000", nextFundingTime: 1763654400000, time: 1763650000000 },
  });
  const rows = [row("BTCUSDT", "-0.00012345"), row("BTCUSDT_261225", ""), row("ETHUSDT", "0")];
  assert.deepEqual(fundingNow?.read(rows, null), [
    { symbol: "BTCUSDT", fundingRate: -0.00012345 },
    { symbol: "ETHUSDT", fundingRate: 0 },
  ]);
  assert.equal(fundingNow?.weight(null), 10);
  assert.throws(() => fundingNow?.read([row("BTCUSDT", "1e-4x")], null), SyntaxError);
});

Deno.test("a row without a value costs a list no other row", () => {
  const { fundingInfo, fundingNow, tickers } = binancePerp.api;
  const hours = [4, 0, null, undefined].map((fundingIntervalHours, at) => (
    { symbol: `S${at}`, fundingIntervalHours }
  ));
  assert.deepEqual(fundingInfo?.read(hours, null), [{ symbol: "S0", fundingIntervalHours: 4 }]);
  const rates = ["-0.0001", "", null].map((lastFundingRate, at) => (
    { symbol: `S${at}`, lastFundingRate }
  ));
  assert.deepEqual(fundingNow?.read(rates, null), [{ symbol: "S0", fundingRate: -0.0001 }]);
  const row = { symbol: "S0", lastPrice: "2", quoteVolume: "3", priceChangePercent: "1" };
  const rows = [row, { ...row, symbol: "S1", lastPrice: "" }, { ...row, quoteVolume: null }, {
    ...row,
    symbol: "S3",
    priceChangePercent: "",
  }];
  assert.deepEqual(tickers.read(rows, null).map(({ symbol, change24h }) => [symbol, change24h]), [
    ["S0", 0.01],
    ["S3", null],
  ]);
});

import * as assert from "../assert.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { eventsOf, noticeOf, refuses } from "./reading.ts";

const AGG_TRADE =
  '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1672515782139,"s":"BTCUSDT","a":12345,"p":"64000.10","q":"0.005","f":100,"l":105,"T":1672515782136,"m":true,"M":true}}';

Deno.test("binance-spot reads an aggregated trade: a maker who bought means a taker who sold", () => {
  assert.deepEqual(eventsOf(binanceSpot, AGG_TRADE), [{
    kind: "trade",
    symbol: "BTCUSDT",
    timeMs: 1672515782136,
    price: 64000.1,
    size: 0.005,
    side: "sell",
    id: 12345,
  }]);
});

Deno.test("binance-spot reads the same payload from a raw socket", () => {
  const raw = JSON.stringify(JSON.parse(AGG_TRADE).data);
  assert.deepEqual(eventsOf(binanceSpot, raw), eventsOf(binanceSpot, AGG_TRADE));
});

Deno.test("binance-spot takes the id of a single trade from t, not from the order id in a", () => {
  const frame =
    '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","b":88,"a":50,"T":1672515782136,"m":false,"M":true}';
  const [event] = eventsOf(binanceSpot, frame);
  assert.deepEqual(event, {
    kind: "trade",
    symbol: "BNBBTC",
    timeMs: 1672515782136,
    price: 0.001,
    size: 100,
    side: "buy",
    id: 12345,
  });
});

Deno.test("binance-spot names the partial book by its stream, and knows no time for it", () => {
  const data =
    '{"lastUpdateId":160,"bids":[["0.0024","10"],["0.0023","3"]],"asks":[["0.0026","100"]]}';
  const expected = {
    kind: "depth",
    symbol: "BNBBTC",
    timeMs: null,
    snapshot: true,
    bids: [[0.0024, 10], [0.0023, 3]],
    asks: [[0.0026, 100]],
  };
  for (const stream of ["bnbbtc@depth20", "bnbbtc@depth5@100ms"]) {
    const frame = `{"stream":"${stream}","data":${data}}`;
    assert.deepEqual(eventsOf(binanceSpot, frame), [expected]);
  }
  assert.deepEqual(eventsOf(binanceSpot, data), []);
});

Deno.test("binance-spot keeps a symbol of letters outside ASCII", () => {
  const frame =
    '{"stream":"币安人生usdt@depth20","data":{"lastUpdateId":1,"bids":[["0.1","1"]],"asks":[]}}';
  assert.equal(eventsOf(binanceSpot, frame)[0]?.symbol, "币安人生USDT");
});

Deno.test("binance-spot counts real coins where a symbol trades multiples", () => {
  const frame =
    '{"e":"aggTrade","E":1,"s":"1000SATSUSDT","a":1,"p":"0.0002","q":"50","T":1672515782136,"m":false}';
  const [event] = eventsOf(binanceSpot, frame);
  assert.ok(event?.kind === "trade");
  assert.equal(event.price, 0.0002 / 1000);
  assert.equal(event.size, 50_000);
});

Deno.test("binance-spot says nothing of streams that it does not use", () => {
  const frames = [
    '{"u":400900217,"s":"BNBUSDT","b":"25.3","B":"31.2","a":"25.4","A":"40.7"}',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]}}',
    '{"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{"t":1638747660000}}',
    '{"e":"somethingNew","E":1}',
    "{}",
    "[]",
  ];
  for (const frame of frames) assert.equal(noticeOf(binanceSpot, frame), undefined, frame);
});

Deno.test("binance-spot turns acks, refusals and a shutdown into notices", () => {
  assert.deepEqual(noticeOf(binanceSpot, '{"result":null,"id":3}'), { kind: "ack", id: 3 });
  assert.deepEqual(noticeOf(binanceSpot, '{"result":null,"id":null}'), { kind: "ack", id: null });
  const refused = { kind: "refused", id: 4, reason: "2: Invalid request: no stream", topics: [] };
  const error = '"code":2,"msg":"Invalid request: no stream"';
  assert.deepEqual(noticeOf(binanceSpot, `{${error},"id":4}`), refused);
  assert.deepEqual(noticeOf(binanceSpot, `{"error":{${error}},"id":4}`), refused);
  for (
    const frame of [
      '{"e":"serverShutdown","E":1770123456789}',
      '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
    ]
  ) assert.equal(noticeOf(binanceSpot, frame)?.kind, "closing");
});

Deno.test("binance-spot refuses a trade with any field missing or out of its range", () => {
  const bad: Record<string, unknown[]> = {
    p: ["0", "-1", "abc", "", "Infinity", "NaN", 5, null, undefined, [], ["5"], {}, true],
    q: ["0", "-1", "1e999", "", 5, null, undefined],
    T: [0, -1, 1.5, "1672515782136", null, undefined, 1e300],
    a: [-1, 0.5, "12345", null, undefined, 2 ** 60],
    m: ["true", 1, null, undefined],
    s: ["", 5, null, undefined],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const frame = JSON.parse(AGG_TRADE);
      frame.data[name] = value;
      refuses(binanceSpot, JSON.stringify(frame));
    }
  }
});

Deno.test("binance-spot refuses what is no JSON object, and what is cut", () => {
  for (
    const frame of ["", " ", "null", "5", "true", '"text"', "{", "[1]", "[null]", "[[]]", "pong"]
  ) {
    refuses(binanceSpot, frame);
  }
  for (let length = 1; length < AGG_TRADE.length; length += 7) {
    refuses(binanceSpot, AGG_TRADE.slice(0, length));
  }
  refuses(binanceSpot, '{"stream":"btcusdt@aggTrade","data":null}');
  refuses(binanceSpot, '{"stream":5,"data":{}}');
  refuses(
    binanceSpot,
    '{"stream":"btcusdt@depth20","data":{"lastUpdateId":1,"bids":[["1"]],"asks":[]}}',
  );
});

Deno.test("binance-spot refuses a frame of over a million characters without decoding it", () => {
  refuses(binanceSpot, `{"e":"${"x".repeat(1_000_000)}"}`);
});

Deno.test("binance-spot asks for lower-case streams on one path, in Binance's words", () => {
  const [route] = binanceSpot.routes;
  assert.ok(route && binanceSpot.routes.length === 1);
  assert.equal(route.path, "/stream");
  const instrument = {
    venue: "binance-spot",
    symbol: "BTCUSDT",
    base: "BTC",
    quote: "USDT",
    multiplier: 1,
  };
  assert.deepEqual(route.topics([instrument]), [
    { name: "btcusdt@aggTrade", kind: "trade", symbol: "BTCUSDT" },
    { name: "btcusdt@depth20", kind: "depth", symbol: "BTCUSDT" },
  ]);
  assert.equal(
    route.subscribe(["btcusdt@aggTrade"], 1),
    '{"method":"SUBSCRIBE","params":["btcusdt@aggTrade"],"id":1}',
  );
  assert.equal(
    route.unsubscribe(["btcusdt@aggTrade"], 2),
    '{"method":"UNSUBSCRIBE","params":["btcusdt@aggTrade"],"id":2}',
  );
});

Deno.test("binance-spot asks for trades by id or by time, never by both", () => {
  const { trades } = binanceSpot.api;
  const query = { symbol: "BTCUSDT", fromId: null, fromMs: null, toMs: null };
  assert.equal(trades.path(query), "/api/v3/aggTrades?symbol=BTCUSDT&limit=1000");
  assert.equal(
    trades.path({ ...query, fromId: 5, fromMs: 1000, toMs: 2000 }),
    "/api/v3/aggTrades?symbol=BTCUSDT&fromId=5&limit=1000",
  );
  assert.equal(
    trades.path({ ...query, symbol: "币安USDT", fromMs: 1000, toMs: 2000 }),
    "/api/v3/aggTrades?symbol=%E5%B8%81%E5%AE%89USDT&startTime=1000&endTime=1999&limit=1000",
  );
});

Deno.test("binance-spot reads a candle with its taker volumes, in real coins", () => {
  const { candles } = binanceSpot.api;
  const range = { symbol: "1000SATSUSDT", fromMs: 1588636800000, toMs: 1588636860000 };
  assert.equal(
    candles.path(range),
    "/api/v3/klines?symbol=1000SATSUSDT&interval=1m&startTime=1588636800000&endTime=1588636859999&limit=1",
  );
  const row = [1588636800000, "2", "4", "1", "3", "10", 1588636859999, "25", 6, "4", "11", "0"];
  assert.deepEqual(candles.read([row], range), [{
    openMs: 1588636800000,
    open: 0.002,
    high: 0.004,
    low: 0.001,
    close: 0.003,
    base: 10_000,
    quote: 25,
    buyBase: 4000,
    buyQuote: 11,
    matches: 6,
  }]);
  assert.throws(() => candles.read([row.slice(0, 9)], range), /Cannot read the reply of .*klines/);
  assert.throws(() => candles.read({ code: -1121, msg: "Invalid symbol." }, range), SyntaxError);
});

Deno.test("binance-spot lists the markets in trade, by their real asset", () => {
  const { instruments } = binanceSpot.api;
  assert.equal(instruments.path({ cursor: null }), "/api/v3/exchangeInfo?symbolStatus=TRADING");
  assert.equal(instruments.weight({ cursor: null }), 20);
  const symbols = [
    { symbol: "ETHBTC", status: "TRADING", baseAsset: "ETH", quoteAsset: "BTC" },
    { symbol: "1000SATSUSDT", status: "TRADING", baseAsset: "1000SATS", quoteAsset: "USDT" },
    { symbol: "OLDUSDT", status: "BREAK", baseAsset: "OLD", quoteAsset: "USDT" },
  ];
  assert.deepEqual(instruments.read({ symbols }, { cursor: null }), {
    rows: [
      { venue: "binance-spot", symbol: "ETHBTC", quote: "BTC", base: "ETH", multiplier: 1 },
      {
        venue: "binance-spot",
        symbol: "1000SATSUSDT",
        quote: "USDT",
        base: "SATS",
        multiplier: 1000,
      },
    ],
    next: null,
  });
});

Deno.test("binance-spot leaves out the tickers of markets that do not trade", () => {
  const row = { symbol: "BTCUSDT", lastPrice: "2", quoteVolume: "30", priceChangePercent: "-1.5" };
  const body = [row, { ...row, symbol: "OLDUSDT", lastPrice: "0.00000000" }];
  assert.deepEqual(binanceSpot.api.tickers.read(body, null), [{
    symbol: "BTCUSDT",
    lastPrice: 2,
    quoteVolume24h: 30,
    change24h: -0.015,
    oiBase: null,
    fundingRate: null,
  }]);
});

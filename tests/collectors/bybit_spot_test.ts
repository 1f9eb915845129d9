import * as assert from "../assert.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import { eventsOf, noticeOf, refuses } from "./reading.ts";

const TRADE =
  '{"topic":"publicTrade.BTCUSDT","ts":1786310822606,"type":"snapshot","data":[{"i":"2290000001189048101","T":1786310822605,"p":"65140.5","v":"0.002705","S":"Buy","seq":112488547164,"s":"BTCUSDT","BT":false,"RPI":false}]}';

Deno.test("bybit-spot reads a trade, its numeric id by the last 15 digits", () => {
  assert.deepEqual(eventsOf(bybitSpot, TRADE), [{
    kind: "trade",
    symbol: "BTCUSDT",
    timeMs: 1786310822605,
    price: 65140.5,
    size: 0.002705,
    side: "buy",
    id: 1189048101,
  }]);
  const [short] = eventsOf(bybitSpot, TRADE.replace("2290000001189048101", "42"));
  assert.ok(short?.kind === "trade");
  assert.equal(short.id, 42);
});

Deno.test("bybit-spot reads a book's snapshot and its changes", () => {
  const depth = (type: string, u: number) =>
    `{"topic":"orderbook.50.BTCUSDT","ts":1680652808085,"type":"${type}","data":{"s":"BTCUSDT","b":[["28161.04","0.177474"],["28145.71","0"]],"a":[],"u":${u},"seq":4281282232}}`;
  const [delta] = eventsOf(bybitSpot, depth("delta", 59438061));
  assert.deepEqual(delta, {
    kind: "depth",
    symbol: "BTCUSDT",
    timeMs: 1680652808085,
    snapshot: false,
    bids: [[28161.04, 0.177474], [28145.71, 0]],
    asks: [],
  });
  for (const whole of [depth("snapshot", 59438061), depth("delta", 1)]) {
    const [event] = eventsOf(bybitSpot, whole);
    assert.ok(event?.kind === "depth" && event.snapshot);
  }
  refuses(bybitSpot, depth("update", 2));
  refuses(bybitSpot, depth("delta", 2).replace('"0"', '"-1"'));
});

Deno.test("bybit-spot says nothing of tickers, which carry nothing it needs", () => {
  const frame =
    '{"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{"symbol":"BTCUSDT","lastPrice":"21109.77"}}';
  assert.equal(noticeOf(bybitSpot, frame), undefined);
});

Deno.test("bybit-spot asks for ten topics at a time and pings every 20 s in JSON", () => {
  const [route] = bybitSpot.routes;
  assert.ok(route);
  assert.equal(route.limits.topicsPerRequest, 10);
  assert.equal(
    route.subscribe(["publicTrade.BTCUSDT"], 7),
    '{"req_id":"7","op":"subscribe","args":["publicTrade.BTCUSDT"]}',
  );
  assert.deepEqual(route.ping, { everyMs: 20_000, frame: '{"req_id":"ping","op":"ping"}' });
});

Deno.test("bybit-spot asks for the newest 60 trades, all that Bybit gives", () => {
  const query = { symbol: "BTCUSDT", fromId: null, fromMs: 1, toMs: 2 };
  assert.equal(
    bybitSpot.api.trades.path(query),
    "/v5/market/recent-trade?category=spot&symbol=BTCUSDT&limit=60",
  );
  assert.deepEqual(bybitSpot.api.tradesReach, { kind: "newest", page: 60 });
});

import * as assert from "../assert.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import { eventsOf, noticeOf, refuses } from "./reading.ts";

const ROW =
  '{"T":1672304486865,"s":"BTCUSDT","S":"Sell","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":1783284617}';
const trades = (...rows: string[]) =>
  `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[${rows.join()}]}`;
const ticker = (data: string) =>
  `{"topic":"tickers.BTCUSDT","type":"delta","cs":24987956059,"ts":1673272861686,"data":{"symbol":"BTCUSDT"${data}}}`;

Deno.test("bybit-perp reads a trade, its UUID as a number made of all its digits", () => {
  assert.deepEqual(eventsOf(bybitPerp, trades(ROW)), [{
    kind: "trade",
    symbol: "BTCUSDT",
    timeMs: 1672304486865,
    price: 16578.5,
    size: 0.001,
    side: "sell",
    id: 863580733944322,
  }]);
  const upper = trades(ROW.replace("20f43950-d8dd", "20F43950-D8DD"));
  assert.deepEqual(eventsOf(bybitPerp, upper), eventsOf(bybitPerp, trades(ROW)));
});

Deno.test("bybit-perp tells trades apart whatever the kind of their ids, and knows a repeat", () => {
  const kinds: ((nth: number) => string)[] = [
    (nth) => `00000000-0000-4000-8000-${nth.toString(16).padStart(12, "0")}`,
    // The first 48 bits of a UUID of version 7 are its millisecond.
    (nth) => `019b3c5e-4f00-7${nth.toString(16).padStart(3, "0")}-8000-000000000000`,
    (nth) => nth.toString(16).padStart(32, "0"),
    (nth) => `exec-${nth}`,
  ];
  for (const kind of kinds) {
    const rows = Array.from({ length: 4_000 }, (_, nth) => (
      ROW.replace("20f43950-d8dd-5b31-9112-a178eb6023af", kind(nth))
    ));
    const ids = eventsOf(bybitPerp, trades(...rows, ...rows.slice(0, 9)))
      .map((event) => event.kind === "trade" ? event.id : NaN);
    assert.equal(new Set(ids).size, 4_000);
    assert.ok(ids.every((id) => Number.isSafeInteger(id) && id >= 0));
  }
});

Deno.test("bybit-perp keeps RPI trades and leaves block trades out", () => {
  const block = ROW.replace('"BT":false', '"BT":true');
  const rpi = ROW.replace('"RPI":false', '"RPI":true').replace('"Sell"', '"Buy"');
  const sides = (frame: string) =>
    eventsOf(bybitPerp, frame).map((event) => event.kind === "trade" ? event.side : event.kind);
  assert.deepEqual(sides(trades(block)), []);
  assert.deepEqual(sides(trades(ROW, block, rpi)), ["sell", "buy"]);
  assert.deepEqual(sides(trades()), []);
});

Deno.test("bybit-perp delivers nothing of a frame whose last trade is broken", () => {
  for (
    const [good, bad] of [
      ['"16578.50"', '"0"'],
      ['"Sell"', '"sell"'],
      ['"0.001"', "0.001"],
      ['"0.001"', '"0.001x"'],
      ['"0.001"', "true"],
      ["1672304486865", '"1672304486865"'],
      ['"20f43950-d8dd-5b31-9112-a178eb6023af"', '""'],
      ['"20f43950-d8dd-5b31-9112-a178eb6023af"', "5"],
    ] as const
  ) {
    assert.ok(ROW.includes(good));
    refuses(bybitPerp, trades(ROW, ROW.replace(good, bad)));
  }
  refuses(bybitPerp, trades(ROW, "null"));
  refuses(bybitPerp, '{"topic":"publicTrade.BTCUSDT","data":{}}');
  refuses(bybitPerp, '{"topic":"publicTrade.BTCUSDT"}');
});

Deno.test("bybit-perp leaves what a delta does not say as unknown", () => {
  assert.deepEqual(eventsOf(bybitPerp, ticker(',"markPrice":"17217.36"')), [{
    kind: "derivative",
    symbol: "BTCUSDT",
    timeMs: 1673272861686,
    markPrice: 17217.36,
    fundingRate: null,
    fundingIntervalHours: null,
    nextFundingMs: null,
    oiBase: null,
  }]);
  const all =
    ',"markPrice":"17217.33","fundingRate":"-0.000212","nextFundingTime":"1673280000000","fundingIntervalHour":"8"';
  const [event] = eventsOf(bybitPerp, ticker(all));
  assert.ok(event?.kind === "derivative");
  assert.deepEqual(
    [event.fundingRate, event.nextFundingMs, event.fundingIntervalHours],
    [-0.000212, 1673280000000, 8],
  );
  const none = ',"markPrice":"","fundingRate":"","nextFundingTime":"0","bid1Price":"17215.50"';
  const rest = { markPrice: null, fundingRate: null, fundingIntervalHours: null };
  assert.deepEqual(eventsOf(bybitPerp, ticker(none)), [{
    ...{ kind: "derivative", symbol: "BTCUSDT", timeMs: 1673272861686, ...rest },
    ...{ nextFundingMs: null, oiBase: null },
  }]);
});

Deno.test("bybit-perp counts one side of the open interest", () => {
  const oi = (data: string) => {
    const [event] = eventsOf(bybitPerp, ticker(data));
    return event?.kind === "derivative" ? event.oiBase : undefined;
  };
  assert.equal(oi(',"openInterest":"59891.732","singleOpenInterest":"29945.866"'), 29945.866);
  assert.equal(oi(',"openInterest":"59891.732"'), 29945.866);
  assert.equal(oi(',"openInterest":"0"'), 0);
  refuses(bybitPerp, ticker(',"openInterest":"-1"'));
});

Deno.test("bybit-perp reads a liquidation's side as the side of the position", () => {
  const frame = (side: string) =>
    `{"topic":"allLiquidation.ROSEUSDT","type":"snapshot","ts":1739502303204,"data":[{"T":1739502302929,"s":"ROSEUSDT","S":"${side}","v":"20000","p":"0.04499"}]}`;
  assert.deepEqual(eventsOf(bybitPerp, frame("Sell")), [{
    kind: "liquidation",
    symbol: "ROSEUSDT",
    timeMs: 1739502302929,
    price: 0.04499,
    size: 20_000,
    position: "short",
  }]);
  const [long] = eventsOf(bybitPerp, frame("Buy"));
  assert.ok(long?.kind === "liquidation");
  assert.equal(long.position, "long");
});

Deno.test("bybit-perp counts real coins in every kind of event", () => {
  const shib = (frame: string) =>
    eventsOf(bybitPerp, frame.replaceAll("BTCUSDT", "SHIB1000USDT"))[0];
  const trade = shib(trades(ROW));
  assert.ok(trade?.kind === "trade");
  assert.deepEqual([trade.price, trade.size], [16.5785, 1]);
  const state = shib(ticker(',"markPrice":"2","openInterest":"8"'));
  assert.ok(state?.kind === "derivative");
  assert.deepEqual([state.markPrice, state.oiBase], [0.002, 4000]);
  const depth = shib(
    '{"topic":"orderbook.50.BTCUSDT","ts":1,"type":"snapshot","data":{"s":"BTCUSDT","b":[["2","3"]],"a":[],"u":1}}',
  );
  assert.ok(depth?.kind === "depth");
  assert.deepEqual(depth.bids, [[0.002, 3000]]);
});

Deno.test("bybit-perp turns replies into notices, and a refusal is of the whole request", () => {
  const notice = (frame: string) => noticeOf(bybitPerp, frame);
  assert.deepEqual(
    notice('{"success":true,"ret_msg":"","conn_id":"a","req_id":"7","op":"subscribe"}'),
    { kind: "ack", id: 7 },
  );
  assert.deepEqual(
    notice('{"success":true,"ret_msg":"","conn_id":"a","req_id":"","op":"subscribe"}'),
    { kind: "ack", id: null },
  );
  for (
    const pong of [
      '{"success":true,"ret_msg":"pong","conn_id":"0970e817","req_id":"ping","op":"ping"}',
      '{"args":["1672916271846"],"op":"pong"}',
    ]
  ) assert.deepEqual(notice(pong), { kind: "pong" });
  assert.deepEqual(
    notice(
      '{"success":false,"ret_msg":"error:handler not found,topic:publicTrade.NOPEUSDT","conn_id":"a","req_id":"8","op":"subscribe"}',
    ),
    {
      kind: "refused",
      id: 8,
      reason: "error:handler not found,topic:publicTrade.NOPEUSDT",
      // The whole request failed with it: nothing in it stands.
      topics: [],
    },
  );
  assert.deepEqual(
    notice(
      '{"success":false,"ret_msg":"Invalid symbol :[orderbook.50.X1USDT, tickers.X2USDT]","req_id":"9","op":"subscribe"}',
    ),
    {
      kind: "refused",
      id: 9,
      reason: "Invalid symbol :[orderbook.50.X1USDT, tickers.X2USDT]",
      topics: [],
    },
  );
  for (
    const nothing of ["{}", '{"topic":"kline.1.BTCUSDT","data":[]}', '{"topic":5}', '{"op":"auth"}']
  ) {
    assert.equal(notice(nothing), undefined);
  }
});

Deno.test("bybit-perp refuses what is no JSON object, and what is cut", () => {
  for (const frame of ["", "null", "5", "[]", "[{}]", "{", '"pong"']) refuses(bybitPerp, frame);
  const frame = trades(ROW);
  for (let length = 1; length < frame.length; length += 7) {
    refuses(bybitPerp, frame.slice(0, length));
  }
});

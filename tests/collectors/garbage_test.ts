/** Whatever a socket or a REST service sends, a collector refuses it as text or reads it sanely. */
import * as assert from "../assert.ts";
import fc from "fast-check";
import { COLLECTORS } from "../../collectors/mod.ts";
import type { Collector } from "../../lib/market/collector.ts";
import type { MarketEvent } from "../../lib/market/events.ts";
import { assertSane } from "./reading.ts";

const BINANCE = [
  '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"64000.10","q":"0.005","f":100,"l":105,"T":1672515782136,"m":true,"M":true}}',
  '{"e":"trade","E":1574381164089,"T":1574381164086,"s":"1000PEPEUSDT","t":10934580,"p":"7627.60","q":"0.044","X":"MARKET","m":false}',
  '{"stream":"btcusdt@depth20","data":{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}}',
  '{"stream":"btcusdt@depth20@500ms","data":{"e":"depthUpdate","E":1571889248277,"T":1571889248276,"s":"BTCUSDT","U":1,"u":3,"pu":0,"b":[["7403.89","0.002"]],"a":[["7405.96","3.340"]],"st":1}}',
  '[{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15","i":"11784.62","P":"11784.25","r":"0.00038167","T":1562306400000,"st":1},{"e":"markPriceUpdate","E":1562305380000,"s":"ETHUSDT","p":"1179.15","i":"1178.62","P":"1178.25","r":"","T":0}]',
  '{"stream":"!forceOrder@arr","data":{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910","ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893},"ps":"BTCUSDT","st":1}}',
  '{"result":null,"id":1}',
  '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
  '{"e":"serverShutdown","E":1770123456789}',
];

const BYBIT = [
  '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":1783284617},{"T":1672304486866,"s":"SHIB1000PERP","S":"Sell","v":"0.001","p":"16578.50","i":"2290000001189048101","BT":false}]}',
  '{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1680652808085,"data":{"s":"BTCUSDT","b":[["28161.04","0.177474"],["28145.71","0"]],"a":[],"u":59438061,"seq":4281282232}}',
  '{"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","markPrice":"17217.33","openInterest":"68744.761","singleOpenInterest":"34372.38","nextFundingTime":"1673280000000","fundingIntervalHour":"8","fundingRate":"-0.000212"},"cs":24987956059,"ts":1673272861686}',
  '{"topic":"allLiquidation.ROSEUSDT","type":"snapshot","ts":1739502303204,"data":[{"T":1739502302929,"s":"ROSEUSDT","S":"Sell","v":"20000","p":"0.04499"}]}',
  '{"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"}',
  '{"success":false,"ret_msg":"error:handler not found,topic:publicTrade.X","req_id":"1","op":"subscribe"}',
];

const framesOf = ({ venue }: Collector) => venue.startsWith("binance") ? BINANCE : BYBIT;

/** Values that have broken parsers before, beside any other JSON. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, 0, -1, 1.5, 1e308, true, "", "0", "-1", "NaN", "Infinity", "1e308", "1e-320", "0x10"],
    ...[
      "__proto__",
      "constructor",
      [],
      [[]],
      [null],
      {},
      { length: 1 },
      "20f43950-",
      "💥",
      "MARKET",
    ],
  ),
  fc.jsonValue(),
);

/** A valid frame with some of its characters replaced, doubled or gone. */
function torn(frame: string): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(frame.length), fc.nat(5), fc.string({ maxLength: 4 }));
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), frame)
  );
}

/** A valid frame in which one value, at any depth, is another or is gone. */
function swapped(frame: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(), fc.option(junk, { freq: 6, nil: undefined })).map(([nth, value]) => {
    let seen = 0;
    const count = (_: string, inner: unknown) => (seen++, inner);
    JSON.stringify(JSON.parse(frame), count);
    const target = nth % seen;
    seen = 0;
    const swap = (_: string, inner: unknown) => seen++ === target ? value : inner;
    return JSON.stringify(JSON.parse(frame), swap) ?? "";
  });
}

for (const collector of COLLECTORS) {
  const seeds = fc.constantFrom(...framesOf(collector));
  const frames = fc.oneof(
    seeds.chain(torn),
    seeds.chain(swapped),
    seeds.chain(swapped).chain(torn),
    fc.string(),
    fc.json(),
  );

  Deno.test(`${collector.venue} refuses garbage as text, whole, or reads it as sane events`, () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const events: MarketEvent[] = [];
        try {
          collector.parse(frame, (event) => events.push(event));
        } catch (error) {
          assert.ok(error instanceof SyntaxError, `${error}`);
          assert.deepEqual(events, []);
        }
        for (const event of events) assertSane(event, true);
      }),
      { numRuns: 1500, seed: 20261120 },
    );
  });

  Deno.test(`${collector.venue} lets an error of the sink through as it is`, () => {
    const fault = new RangeError("the sink's own");
    const sink = () => {
      throw fault;
    };
    assert.throws(() => collector.parse(framesOf(collector)[0] ?? "", sink), fault);
  });

  Deno.test(`${collector.venue} refuses a garbage reply of any REST call`, () => {
    const { api } = collector;
    const symbol = "BTCUSDT";
    const range = { symbol, fromMs: 0, toMs: 1 };
    const reads: ((body: unknown) => unknown)[] = [
      (body) => api.time.read(body, null),
      (body) => api.instruments.read(body, { cursor: null }),
      (body) => api.tickers.read(body, null),
      (body) => api.trades.read(body, { symbol, fromId: null, fromMs: null, toMs: null }),
      (body) => api.candles.read(body, range),
      (body) => api.openInterest?.read(body, { symbol }),
      (body) => api.fundingInfo?.read(body, null),
      (body) => api.fundingNow?.read(body, null),
      (body) => api.oiHistory?.read(body, range),
      (body) => api.fundingHistory?.read(body, range),
    ];
    const envelope = (list: unknown) => ({ retCode: 0, retMsg: "OK", result: { list } });
    const bodies = fc.oneof(
      junk,
      fc.array(junk),
      junk.map(envelope),
      fc.array(junk, { maxLength: 3 }).map(envelope),
      fc.array(fc.array(junk), { maxLength: 3 }).map(envelope),
      fc.array(junk).map((symbols) => ({ symbols })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...reads), bodies, (read, body) => {
        try {
          read(body);
        } catch (error) {
          // A plain Error is Bybit's own refusal; TypeErrors and the like are ours.
          assert.ok(error instanceof Error);
          assert.ok([SyntaxError, Error].some((known) => error.constructor === known), `${error}`);
        }
      }),
      { numRuns: 1000, seed: 20261120 },
    );
  });
}

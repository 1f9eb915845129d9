/** Recorded frames of other projects through the invariants that hold for every venue. */
import * as assert from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import type { Collector } from "../../lib/market/collector.ts";
import type { MarketEvent } from "../../lib/market/events.ts";
import { testWithData } from "../shared_data.ts";
import { assertOrdered, assertSane, eventsOf, noticeOf } from "./reading.ts";
import {
  cryptofeedFrames,
  cryptofeedLogFrames,
  hftbacktestFrames,
  jkorfFrames,
  namesIn,
  readText,
} from "./recordings.ts";

/** Reads all frames, checks every event, and counts what came of them. */
function replay(collector: Collector, frames: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const lastIds = new Map<string, number>();
  const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
  for (const frame of frames) {
    const notice = collector.parse(frame, (event) => {
      count(event.kind);
      assertSane(event);
      if (event.kind === "trade" && collector.tradeIds === "sequential") {
        const last = lastIds.get(event.symbol);
        assert.equal(event.id, (last ?? event.id - 1) + 1, `gap in ${frame}`);
        lastIds.set(event.symbol, event.id);
      }
      if (event.kind === "depth" && event.snapshot) assertOrdered(event.bids, event.asks);
    });
    if (notice) count(notice.kind);
  }
  return counts;
}

testWithData("binance-spot reads every recorded trade, in sequence, and no diff of a book", () => {
  const frames = (coin: string) =>
    hftbacktestFrames(`binance-spot_ws/hftbacktest_${coin}usdt_20240808.gz`);
  assert.deepEqual(replay(binanceSpot, frames("btc")), { trade: 9757 });
  assert.deepEqual(replay(binanceSpot, frames("eth")), { trade: 6106 });
  const log = cryptofeedLogFrames("binance-spot_ws/cryptofeed_20210405_10pairs.log.gz");
  assert.deepEqual(replay(binanceSpot, log), { trade: 1240 });
  const rows = cryptofeedFrames("binance-spot_ws/cryptofeed_20211012.jsonl.zst");
  assert.deepEqual(replay(binanceSpot, rows), { trade: 2 });
});

testWithData("binance-perp reads every recorded trade, in sequence, and no diff of a book", () => {
  const single = hftbacktestFrames("binance-usdm_ws/hftbacktest_btcusdt_20240808.gz");
  assert.deepEqual(replay(binancePerp, single), { trade: 21313 });
  const log = cryptofeedLogFrames("binance-usdm_ws/cryptofeed_20210405_5pairs.log.gz");
  assert.deepEqual(replay(binancePerp, log), { trade: 574 });
  const rows = cryptofeedFrames("binance-usdm_ws/cryptofeed_20210722.jsonl.zst");
  assert.deepEqual(replay(binancePerp, rows), { trade: 91 });
});

testWithData("bybit reads the recorded sockets of both markets, which name topics alike", () => {
  const name = "bybit-v5_ws/cryptofeed_20260809_BTC_SOL.jsonl.gz";
  const perp = replay(bybitPerp, cryptofeedFrames(name, "BYBIT.ws.2"));
  const spot = replay(bybitSpot, cryptofeedFrames(name, "BYBIT.ws.3"));
  assert.equal(perp.depth, 797);
  assert.equal(perp.ack, 17);
  assert.ok((perp.trade ?? 0) >= 73 && (perp.derivative ?? 0) > 50, JSON.stringify(perp));
  assert.equal(spot.depth, 300);
  assert.equal(spot.ack, 7);
  assert.ok((spot.trade ?? 0) >= 11, JSON.stringify(spot));
});

testWithData(
  "bybit-perp counts one side of the open interest, as the venue's own field says",
  () => {
    const halves: number[] = [];
    for (
      const frame of cryptofeedFrames(
        "bybit-v5_ws/cryptofeed_20260809_BTC_SOL.jsonl.gz",
        "BYBIT.ws.2",
      )
    ) {
      const data = JSON.parse(frame).data;
      if (data?.openInterest === undefined) continue;
      const [event] = eventsOf(bybitPerp, frame);
      assert.ok(event?.kind === "derivative" && event.oiBase !== null);
      halves.push(event.oiBase / Number(data.openInterest));
    }
    assert.ok(halves.length > 0);
    for (const half of halves) assert.ok(Math.abs(half - 0.5) < 1e-6, `${half}`);
  },
);

testWithData("bybit tickers of other categories pass without harm", () => {
  const [first = "", ...others] = readText("bybit-v5_ws/gocryptotrader_wsTicker_a.ndjson")
    .trim().split("\n");
  assert.equal(noticeOf(bybitPerp, first), undefined); // spot: nothing in it that we want
  for (const frame of others) {
    const events = eventsOf(bybitPerp, frame);
    assert.equal(events.length, 1);
    for (const event of events) assertSane(event);
  }
});

/** What the samples of the documentation come to, by file. */
type Expected = Readonly<Record<string, readonly MarketEvent["kind"][]>>;

function readSamples(
  collector: Collector,
  folder: string,
  prefix: string,
  expected: Expected,
): void {
  const found: Record<string, MarketEvent["kind"][]> = {};
  const names = namesIn(folder).filter((name) => name.startsWith(prefix));
  assert.ok(names.length > 0);
  for (const name of names) {
    const { acks, pushes } = jkorfFrames(`${folder}/${name}`);
    for (const ack of acks) assert.equal(noticeOf(collector, ack)?.kind, "ack", name);
    assert.ok(pushes.length > 0, name);
    const kinds = pushes.flatMap((push) => {
      const events = eventsOf(collector, push);
      for (const event of events) assertSane(event, true);
      return events.map((event) => event.kind);
    });
    if (kinds.length > 0) found[name.slice(prefix.length, -4)] = kinds;
  }
  assert.deepEqual(found, expected);
}

testWithData("the samples of JKorf's clients read as what they are", () => {
  readSamples(binanceSpot, "binance_jkorf", "Subscriptions__Spot__", {
    ExchangeData__AggregatedTrades: ["trade"],
    ExchangeData__Trades: ["trade"],
  });
  readSamples(binancePerp, "binance_jkorf", "Subscriptions__UsdFutures__", {
    AggTrades: ["trade"],
    Liquidations: ["liquidation"],
    MarkPrice: ["derivative"],
    PartialBook: ["depth"],
  });
  readSamples(bybitPerp, "bybit_jkorf", "Subscriptions__V5__Linear__", { Ticker: ["derivative"] });
  readSamples(bybitSpot, "bybit_jkorf", "Subscriptions__V5__Spot__", {});
});

testWithData("the samples of nautilus read as what they are", () => {
  const kinds = (collector: Collector, name: string) =>
    eventsOf(collector, readText(name)).map((event) => {
      assertSane(event, true);
      return event.kind;
    });
  const binance = (name: string) => kinds(binancePerp, `binance_nautilus/${name}.json`);
  assert.deepEqual(binance("futures__market_data_json__trade_stream"), ["trade"]);
  assert.deepEqual(binance("futures__market_data_json__mark_price_stream"), ["derivative"]);
  assert.deepEqual(binance("futures__market_data_json__book_ticker_stream"), []);
  assert.deepEqual(binance("futures__market_data_json__kline_stream_closed"), []);
  assert.deepEqual(binance("it__ws_futures_book_ticker"), []);
  assert.deepEqual(binance("it__ws_futures_depth_update"), []);
  assert.deepEqual(kinds(binanceSpot, "binance_nautilus/it__ws_spot_agg_trade.json"), ["trade"]);
  assert.deepEqual(kinds(binanceSpot, "binance_nautilus/it__ws_spot_ticker_book.json"), []);
  assert.deepEqual(kinds(bybitPerp, "bybit_nautilus/ws_ticker_linear.json"), ["derivative"]);
  assert.deepEqual(kinds(bybitPerp, "bybit_nautilus/ws_orderbook_snapshot.json"), ["depth"]);
  const ack = readText("bybit_nautilus/ws_subscription_ack.json");
  assert.deepEqual(noticeOf(bybitPerp, ack), { kind: "ack", id: null });
});

/** The simulated sockets keep the venues' rules, and what they stream is what they call true. */
import * as assert from "../assert.ts";
import { isRecord } from "./engine/faults.ts";
import { type MinuteTruth, startExchange } from "./exchange.ts";
import { PlainClient, wait } from "./plain_client.ts";

const SILENT = {
  tickMs: 10,
  historyMinutes: 0,
  cascadesPerHour: 0,
  tradesPerSecond: 4000,
  trading: false,
} as const;

interface Seen {
  readonly timeMs: number;
  readonly price: number;
  readonly size: number;
  readonly buy: boolean;
}

/** Compares every minute of the truth with the trades that a client saw. */
function assertTruth(truth: readonly MinuteTruth[], seen: readonly Seen[]): void {
  assert.ok(seen.length > 3, `only ${seen.length} trades were seen`);
  const near = (a: number, b: number) =>
    assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a)), `${a} is not ${b}`);
  let counted = 0;
  for (const row of truth) {
    const trades = seen.filter((trade) => Math.floor(trade.timeMs / 60_000) * 60_000 === row.t);
    if (trades.length === 0) continue;
    counted += trades.length;
    const prices = trades.map((trade) => trade.price);
    near(row.o ?? NaN, prices[0] ?? NaN);
    near(row.c ?? NaN, prices.at(-1) ?? NaN);
    near(row.h ?? NaN, Math.max(...prices));
    near(row.l ?? NaN, Math.min(...prices));
    const sum = (buy: boolean, pick: (trade: Seen) => number) =>
      trades.filter((trade) => trade.buy === buy).reduce((all, trade) => all + pick(trade), 0);
    assert.equal(row.buys, sum(true, () => 1));
    assert.equal(row.sells, sum(false, () => 1));
    near(row.buyBase, sum(true, (trade) => trade.size));
    near(row.sellBase, sum(false, (trade) => trade.size));
    near(row.buyQuote, sum(true, (trade) => trade.size * trade.price));
    near(row.sellQuote, sum(false, (trade) => trade.size * trade.price));
  }
  assert.equal(counted, seen.length);
}

for (
  const [market, path, symbol, multiplier] of [
    ["spot", "/stream", "PEPEUSDT", 1],
    ["perp", "/market/stream", "1000PEPEUSDT", 1000],
  ] as const
) {
  Deno.test(`What Binance ${market} streams adds up to the truth, ids unbroken`, async () => {
    await using exchange = await startExchange(SILENT);
    const ws = market === "spot" ? exchange.env.BINANCE_SPOT_WS : exchange.env.BINANCE_PERP_WS;
    await using client = await PlainClient.open(ws + path);
    const stream = `${symbol.toLowerCase()}@aggTrade`;
    const ack = await client.ask({ method: "SUBSCRIBE", params: [stream], id: 1 });
    assert.deepEqual(ack, { result: null, id: 1 });
    exchange.trading(true);
    await wait(400);
    exchange.trading(false);
    await wait(700);
    const trades = client.of("aggTrade");
    const first = Number(trades[0]?.a);
    trades.forEach((trade, nth) => assert.equal(trade.a, first + nth));
    trades.slice(1).forEach((trade, nth) => assert.equal(trade.f, Number(trades[nth]?.l) + 1));
    const seen = trades.map((trade) => ({
      timeMs: Number(trade.T),
      price: Number(trade.p) / multiplier,
      size: Number(trade.q) * multiplier,
      buy: trade.m === false,
    }));
    assertTruth(exchange.truth(`binance-${market}`, symbol), seen);
  });
}

for (
  const [market, route, symbol, multiplier] of [
    ["spot", "spot", "PEPEUSDT", 1],
    ["perp", "linear", "1000PEPEUSDT", 1000],
  ] as const
) {
  Deno.test(`What Bybit ${market} streams adds up to the truth, blocks left out`, async () => {
    await using exchange = await startExchange({ ...SILENT, tickMs: 100 });
    await using client = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/${route}`);
    const topic = `publicTrade.${symbol}`;
    const ack = await client.ask({ op: "subscribe", args: [topic], req_id: "7" });
    assert.equal(ack.success, true);
    exchange.trading(true);
    await wait(450);
    exchange.trading(false);
    await wait(150);
    const messages = client.topic(topic);
    assert.ok(messages.some((message) => rowsOf(message).length > 1), "no message of several");
    const trades = messages.flatMap(rowsOf);
    assert.equal(new Set(trades.map((trade) => trade.i)).size, trades.length);
    const shape = market === "spot" ? /^\d{19}$/ : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    assert.match(String(trades[0]?.i), shape);
    const seen = trades.filter((trade) => trade.BT === false).map((trade) => ({
      timeMs: Number(trade.T),
      price: Number(trade.p) / multiplier,
      size: Number(trade.v) * multiplier,
      buy: trade.S === "Buy",
    }));
    assertTruth(exchange.truth(`bybit-${market}`, symbol), seen);
  });
}

function rowsOf(message: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(message.data) ? message.data.filter(isRecord) : [];
}

Deno.test("A futures stream on the wrong path, misspelt or in capitals is acked and silent", async () => {
  await using exchange = await startExchange({ ...SILENT, trading: true });
  const ws = exchange.env.BINANCE_PERP_WS;
  const wrong: [string, string][] = [
    ["/public/stream", "btcusdt@aggTrade"],
    ["/stream", "btcusdt@aggTrade"],
    ["/market/ws", "btcusdt@bookTicker"],
    ["/market/ws", "BTCUSDT@aggTrade"],
    ["/market/ws", "btcusd@aggTrade"],
    ["/market/ws", "btcusdt@openInterest@1s"],
  ];
  for (const [path, stream] of wrong) {
    await using client = await PlainClient.open(ws + path);
    const ack = await client.ask({ method: "SUBSCRIBE", params: [stream], id: 5 });
    assert.deepEqual(ack, { result: null, id: 5 });
    await wait(120);
    assert.equal(client.frames.length, 1, `${stream} on ${path} said something`);
  }
  for (const path of ["/public/ws/btcusdt@trade", "/ws/btcusdt@bookTicker"]) {
    await using client = await PlainClient.open(ws + path);
    await client.until((frame) => isRecord(frame) && frame.s === "BTCUSDT");
  }
});

Deno.test("Streams of a URL come raw on /ws and wrapped on /stream, and can be listed", async () => {
  await using exchange = await startExchange({ ...SILENT, trading: true });
  const ws = exchange.env.BINANCE_SPOT_WS;
  await using raw = await PlainClient.open(`${ws}/ws/btcusdt@aggTrade`);
  await raw.until((frame) => isRecord(frame) && frame.e === "aggTrade");
  assert.ok(raw.frames.every((text) => text.startsWith('{"e":"aggTrade"')));
  const url = `${ws}/stream?streams=btcusdt@aggTrade/ethusdt@depth20@100ms`;
  await using combined = await PlainClient.open(url);
  await combined.until((frame) => isRecord(frame) && Array.isArray(frame.bids));
  assert.ok(combined.frames.every((text) => text.startsWith('{"stream":')));
  const list = await combined.ask({ method: "LIST_SUBSCRIPTIONS", id: 3 });
  assert.deepEqual(list.result, ["btcusdt@aggTrade", "ethusdt@depth20@100ms"]);
  const params = ["btcusdt@aggTrade"];
  await combined.ask({ method: "UNSUBSCRIBE", params, id: 4 });
  const left = await combined.ask({ method: "LIST_SUBSCRIPTIONS", id: 6 });
  assert.deepEqual(left.result, ["ethusdt@depth20@100ms"]);
});

Deno.test("Binance words its errors, and closes on more than five messages in a second", async () => {
  await using exchange = await startExchange(SILENT);
  await using client = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/ws`);
  client.send("{nonsense");
  await client.until((frame) => isRecord(frame) && frame.code === 3);
  assert.equal((await client.ask({ method: "DANCE", id: 2 })).code, 2);
  for (let id = 10; id < 14; id++) client.send({ method: "LIST_SUBSCRIPTIONS", id });
  assert.equal((await client.closed()).code, 1008);
});

Deno.test("One bad symbol fails a whole Bybit batch, and spot takes ten args at most", async () => {
  await using exchange = await startExchange({ ...SILENT, trading: true });
  await using client = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/spot`);
  const args = ["publicTrade.BTCUSDT", "publicTrade.NOPEUSDT"];
  const bad = await client.ask({ op: "subscribe", args, req_id: "1" });
  assert.equal(bad.success, false);
  assert.match(String(bad.ret_msg), /NOPEUSDT/);
  const many = Array.from({ length: 11 }, (_, nth) => `orderbook.${nth}.BTCUSDT`);
  assert.equal((await client.ask({ op: "subscribe", args: many, req_id: "2" })).success, false);
  await wait(100);
  assert.equal(client.frames.length, 2, "a refused batch sent data");
  client.send({ op: "ping" });
  const pong = await client.until((frame) => isRecord(frame) && frame.op === "ping");
  assert.equal(pong.ret_msg, "pong");
});

Deno.test("Bybit cuts a list of topics that is longer than 21 000 characters", async () => {
  await using exchange = await startExchange({ ...SILENT, symbols: 200, tradesPerSecond: 1 });
  await using client = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/linear`);
  const symbols = exchange.world.on("bybit-perp").map((market) => market.listing.symbol);
  const batch = (kinds: string[]) => kinds.flatMap((kind) => symbols.map((s) => `${kind}.${s}`));
  const first = { op: "subscribe", args: batch(["orderbook.50", "orderbook.200"]), req_id: "1" };
  assert.equal((await client.ask(first)).success, true);
  const kinds = ["publicTrade", "allLiquidation", "tickers", "orderbook.1000"];
  const second = { op: "subscribe", args: batch(kinds), req_id: "2" };
  assert.match(String((await client.ask(second)).ret_msg), /21000/);
});

Deno.test("A linear ticker and a book come whole at first, then as changes that keep them true", async () => {
  await using exchange = await startExchange({ ...SILENT, trading: true });
  await using client = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/linear`);
  const args = ["tickers.BTCUSDT", "orderbook.50.BTCUSDT"];
  await client.ask({ op: "subscribe", args, req_id: "1" });
  await wait(700);
  const [whole, ...changes] = client.topic("tickers.BTCUSDT");
  assert.equal(whole?.type, "snapshot");
  assert.ok(isRecord(whole?.data));
  assert.equal(Number(whole.data.openInterest), 2 * Number(whole.data.singleOpenInterest));
  assert.ok(changes.length > 0 && changes.every((frame) => frame.type === "delta"));
  const books = client.topic("orderbook.50.BTCUSDT");
  assert.deepEqual([...new Set(books.map((frame) => frame.type))], ["snapshot", "delta"]);
  const bids = new Map<number, number>();
  for (const { data } of books) {
    if (!isRecord(data) || !Array.isArray(data.b)) continue;
    for (const [price, size] of data.b) {
      if (Number(size) === 0) bids.delete(Number(price));
      else bids.set(Number(price), Number(size));
    }
  }
  assert.equal(bids.size, 50);
});

Deno.test("A falling cascade liquidates longs: SELL orders on Binance, Buy positions on Bybit", async () => {
  await using exchange = await startExchange(SILENT);
  const perp = `${exchange.env.BINANCE_PERP_WS}/market/stream`;
  const stream = "!forceOrder@arr";
  await using binance = await PlainClient.open(`${perp}?streams=${stream}`);
  await using bybit = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/linear`);
  await bybit.ask({ op: "subscribe", args: ["allLiquidation.SOLUSDT"], req_id: "1" });
  const began = exchange.nowMs();
  // Not a moment of calm trading before it, in which a short may be liquidated.
  assert.equal(exchange.cascade("SOL", "down"), true);
  exchange.trading(true);
  await wait(2500);
  exchange.trading(false);
  await wait(700);
  const orders = binance.of("forceOrder");
  assert.ok(orders.some((order) => order.st === 2), "no COIN-M message came along");
  const sol = orders.map((order) => order.o).filter(isRecord).filter((o) => o.s === "SOLUSDT");
  assert.ok(sol.length >= 1 && sol.length <= 4, `${sol.length} in 2.5 s`);
  assert.ok(sol.every((order) => order.S === "SELL"));
  const closed = bybit.topic("allLiquidation.SOLUSDT").flatMap(rowsOf);
  assert.ok(closed.length > 1 && closed.every((row) => row.S === "Buy"));
  const quote = closed.reduce((sum, row) => sum + Number(row.v) * Number(row.p), 0);
  const truth = exchange.truth("bybit-perp", "SOLUSDT")
    .filter((row) => row.t >= began - 60_000).reduce((sum, row) => sum + row.liqLongQuote, 0);
  assert.ok(Math.abs(truth - quote) <= 1e-6 * quote, `${truth} is not ${quote}`);
});

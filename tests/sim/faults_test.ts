/** Each fault does what it says, and only where it says it. */
import * as assert from "../assert.ts";
import { startExchange } from "./exchange.ts";
import { isRecord } from "./engine/faults.ts";
import { json, PlainClient, wait } from "./plain_client.ts";

const BUSY = { tickMs: 10, historyMinutes: 0, cascadesPerHour: 0, tradesPerSecond: 3000 };
const TRADES = "btcusdt@aggTrade";

Deno.test("A drop closes the sockets of its route alone, and a refusal keeps them out", async () => {
  await using exchange = await startExchange(BUSY);
  await using spot = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/ws/${TRADES}`);
  await using perp = await PlainClient.open(`${exchange.env.BINANCE_PERP_WS}/market/ws/${TRADES}`);
  exchange.fault({ kind: "refuse", venue: "binance-perp", seconds: 0.3 });
  exchange.fault({ kind: "drop", venue: "binance-perp" });
  assert.equal((await perp.closed()).code, 1001);
  await assert.rejects(PlainClient.open(`${exchange.env.BINANCE_PERP_WS}/market/ws/${TRADES}`));
  const before = spot.frames.length;
  await wait(350);
  assert.ok(spot.frames.length > before);
  await using back = await PlainClient.open(`${exchange.env.BINANCE_PERP_WS}/market/ws/${TRADES}`);
  await back.until((frame) => isRecord(frame) && frame.e === "aggTrade");
  assert.equal(exchange.stats().connects["binance-perp/market"], 2);
});

Deno.test("A stall of one stream leaves the others of its socket alive", async () => {
  await using exchange = await startExchange(BUSY);
  const url = `${exchange.env.BINANCE_SPOT_WS}/stream?streams=${TRADES}/ethusdt@aggTrade`;
  await using client = await PlainClient.open(url);
  await wait(100);
  exchange.fault({ kind: "stall", stream: TRADES, seconds: 60 });
  const count = (symbol: string) => client.of("aggTrade").filter((t) => t.s === symbol).length;
  await wait(30);
  const [btc, eth] = [count("BTCUSDT"), count("ETHUSDT")];
  await wait(200);
  assert.equal(count("BTCUSDT"), btc);
  assert.ok(count("ETHUSDT") > eth);
  exchange.fault({ kind: "clear" });
  await wait(100);
  assert.ok(count("BTCUSDT") > btc);
});

Deno.test("Trades are lost, doubled, late or swapped as asked, and the truth keeps them all", async () => {
  for (const kind of ["lose", "duplicate", "late", "reorder"] as const) {
    await using exchange = await startExchange({ ...BUSY, trading: false });
    await using client = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/ws`);
    await client.ask({ method: "SUBSCRIBE", params: [TRADES], id: 1 });
    exchange.fault({ kind, seconds: 60, ratio: 0.3, delayMs: 150 });
    exchange.trading(true);
    await wait(400);
    exchange.trading(false);
    await wait(300);
    const ids = client.of("aggTrade").map((trade) => Number(trade.a));
    const unique = new Set(ids);
    const truth = exchange.truth("binance-spot", "BTCUSDT")
      .reduce((sum, row) => sum + row.buys + row.sells, 0);
    const sorted = ids.every((id, nth) => nth === 0 || id >= (ids[nth - 1] ?? 0));
    assert.ok(truth > 20);
    assert.equal(unique.size < truth, kind === "lose", kind);
    assert.equal(ids.length > unique.size, kind === "duplicate", kind);
    assert.equal(!sorted, kind === "late" || kind === "reorder", kind);
  }
});

Deno.test("Garbage comes in all its kinds and never carries an id that is still to come", async () => {
  await using exchange = await startExchange({ ...BUSY, trading: false });
  await using client = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/stream`);
  await client.ask({ method: "SUBSCRIBE", params: [TRADES], id: 1 });
  exchange.fault({ kind: "garbage", seconds: 60, perSecond: 100 });
  await wait(500);
  exchange.fault({ kind: "clear" });
  const texts = client.frames.slice(1);
  const broken = texts.filter((text) => !readable(text));
  assert.ok(broken.length > 0 && texts.some((text) => text.includes('"data":null')));
  assert.ok(texts.some((text) => text.includes("moonPhase")));
  const trades = client.of("aggTrade");
  assert.ok(trades.some((trade) => Number(trade.q) < 0));
  assert.ok(trades.some((trade) => trade.T === 1000));
  assert.ok(trades.some((trade) => Number(trade.T) > exchange.nowMs() + 1e9));
  const next = exchange.world.market("binance-spot", "BTCUSDT")?.tape.nextId ?? 0;
  assert.ok(trades.every((trade) => Number(trade.a) < next));
  exchange.fault({ kind: "garbage", what: "huge", seconds: 0.05, perSecond: 40 });
  await client.until((frame) => isRecord(frame) && String(frame.p).length > 10_000_000);
});

function readable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("REST fails with the status asked for, on the path asked for, or slowly", async () => {
  await using exchange = await startExchange(BUSY);
  const base = exchange.env.BINANCE_SPOT_REST;
  exchange.fault({ kind: "rest", path: "/klines", status: 451, seconds: 60 });
  const banned = await fetch(`${base}/api/v3/klines?symbol=BTCUSDT&interval=1m`);
  assert.equal(banned.status, 451);
  assert.match(await banned.text(), /restricted location/);
  assert.ok(isRecord(await json(`${base}/api/v3/time`)));
  exchange.fault({ kind: "rest", status: 429, retryAfter: 7, seconds: 60 });
  const busy = await fetch(`${exchange.env.BYBIT_REST}/v5/market/time`);
  await busy.body?.cancel();
  assert.equal(busy.headers.get("Retry-After"), "7");
  exchange.fault({ kind: "clear" });
  exchange.fault({ kind: "slow", ms: 120, seconds: 60 });
  const began = performance.now();
  await json(`${base}/api/v3/time`);
  assert.ok(performance.now() - began >= 110);
});

Deno.test("A skewed clock moves server time and trade times together", async () => {
  await using exchange = await startExchange({ ...BUSY, skewMs: -5000 });
  await using client = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/ws/${TRADES}`);
  const trade = await client.until((frame) => isRecord(frame) && frame.e === "aggTrade");
  assert.ok(Math.abs(Date.now() - 5000 - Number(trade.T)) < 1000);
  exchange.fault({ kind: "skew", ms: 60_000 });
  const body = await json(`${exchange.env.BINANCE_SPOT_REST}/api/v3/time`);
  assert.ok(isRecord(body) && Math.abs(Number(body.serverTime) - Date.now() - 60_000) < 1000);
  await client.until((frame) => isRecord(frame) && Number(frame.T) > Date.now() + 50_000);
});

Deno.test("A shutdown is announced to spot and then happens; old sockets are cut", async () => {
  await using exchange = await startExchange({ ...BUSY, maxAgeMs: 600 });
  await using spot = await PlainClient.open(`${exchange.env.BINANCE_SPOT_WS}/stream`);
  await using perp = await PlainClient.open(`${exchange.env.BINANCE_PERP_WS}/public/ws`);
  exchange.fault({ kind: "shutdown", graceMs: 100 });
  await spot.until((frame) => isRecord(frame) && frame.e === "serverShutdown");
  assert.equal((await spot.closed()).reason, "Going away");
  assert.equal((await perp.closed()).reason, "24 hours");
});

Deno.test("The remote control tells the truth, and refuses what is no fault", async () => {
  await using exchange = await startExchange({ ...BUSY, historyMinutes: 3 });
  const root = `http://127.0.0.1:${exchange.port}/sim`;
  const response = await fetch(`${root}/truth?venue=bybit-perp&symbol=HYPEUSDT`);
  const lines = (await response.text()).trim().split("\n");
  assert.equal(lines.length, exchange.truth("bybit-perp", "HYPEUSDT").length);
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(root + path, { method: "POST", body: JSON.stringify(body) });
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await post("/fault", { kind: "stall", seconds: 1 }), 200);
  assert.equal(await post("/fault", { kind: "stall" }), 400);
  assert.equal(await post("/fault", { kind: "earthquake" }), 400);
  assert.equal(await post("/fault", { kind: "drop", venue: "mtgox" }), 400);
  assert.equal(await post("/cascade", { asset: "BTC", direction: "up" }), 200);
  assert.equal(await post("/trading", { on: false }), 200);
});

Deno.test("In a process of its own the exchange prints where it is", async () => {
  const script = new URL("./exchange_main.ts", import.meta.url).pathname;
  const args = [
    "run",
    "-A",
    script,
    "--port",
    "0",
    "--seed",
    "3",
    "--symbols",
    "2",
    "--rate",
    "20",
  ];
  const command = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" });
  await using child = command.spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  const line: unknown = JSON.parse(value ?? "");
  assert.ok(isRecord(line) && isRecord(line.env));
  assert.ok(isRecord(await json(`${line.env.BYBIT_REST}/v5/market/time`)));
});

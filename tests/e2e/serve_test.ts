/** The whole thing: a simulated exchange, a simulated Telegram, and the service between them. */
import { equal, match, ok } from "../assert.ts";
import { Store } from "../../lib/store/mod.ts";
import { startBotApi } from "../sim/bot_api.ts";
import { startExchange } from "../sim/exchange.ts";
import { freePort, Service, untilMinuteEnds, wholeBucket } from "./service.ts";

const OWNER = 4242;
const TOKEN = "123456:TEST-token";

Deno.test("a Telegram user asks /cvd BTC 15m and gets the numbers of the exchange", async () => {
  await using exchange = await startExchange({ symbols: 3, tradesPerSecond: 60, seed: 7 });
  await using telegram = await startBotApi({ token: TOKEN });
  await using service = new Service({
    env: {
      ...exchange.env,
      SYMBOLS: "BTC,ETH,SOL",
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: telegram.root,
      TELEGRAM_ALLOWED_USERS: String(OWNER),
    },
  });
  await service.until("/readyz", 200);

  const owner = telegram.user(OWNER);
  const reply = await owner.ask("/cvd BTC 15m", 10_000);
  match(reply.text, /BTC CVD 15m/);
  match(reply.text, /min ·|min$/m);
  const price = await owner.ask("eth", 10_000);
  match(price.text, /^ETH/);
  const unknown = await owner.ask("/cvd BTCC", 10_000);
  match(unknown.text, /BTC/);

  const stranger = telegram.user(666);
  stranger.send("/cvd BTC 15m");
  await telegram.waitFor((sent) => sent.chatId === 666, 10_000);
  stranger.send("/price BTC");
  const after = await owner.ask("/price SOL", 10_000);
  match(after.text, /^SOL/);
  equal(stranger.messages().length, 1);
  ok(!/\d{2},\d{3}/.test(stranger.messages()[0]?.text ?? ""), "a refusal carries no number");

  // A whole minute of every series, as the exchange itself counts it.
  await untilMinuteEnds(exchange, 1_000);
  const endMs = await untilMinuteEnds(exchange, 8_000);
  const { symbols } = JSON.parse((await service.get("/api/v1/symbols")).body);
  let compared = 0;
  for (const { venue, symbol } of symbols) {
    const query = `venue=${venue}&symbol=${symbol}&from=${endMs - 60_000}&to=${endMs}&tf=1`;
    const bucket = await wholeBucket(service, query);
    const truth = exchange.truth(venue, symbol).find(({ t }) => t === endMs - 60_000);
    ok(truth, `${venue} ${symbol}`);
    for (const field of ["o", "h", "l", "c", "buyBase", "sellQuote", "buys", "sells"] as const) {
      const ours: number | string | null | undefined = bucket[field];
      const theirs: number | string | null | undefined = truth[field];
      if (typeof ours !== "number" || typeof theirs !== "number") equal(ours, theirs);
      else ok(Math.abs(ours - theirs) <= 1e-9 * Math.abs(theirs), `${venue} ${symbol} ${field}`);
      compared++;
    }
  }
  equal(compared, symbols.length * 8);

  const metrics = (await service.get("/metrics")).body;
  match(metrics, /^tapewatch_frames_total\{venue="binance-perp"\} [1-9]/m);
  match(metrics, /^tapewatch_parse_errors_total\{venue="bybit-spot"\} 0$/m);

  const startedMs = performance.now();
  service.kill("SIGTERM");
  const { code, err } = await service.finished;
  equal(code, 0);
  ok(performance.now() - startedMs < 2_000, "SIGTERM takes less than 2 s");
  ok(!err.includes(TOKEN), "the log never shows the token");
});

Deno.test("wrong settings are named all at once, with exit code 2, and nothing starts", async () => {
  await using service = new Service({
    env: { SYMBOLS: "top:many", VENUES: "binance-spot,mtgox", LOG_LEVEL: "loud" },
  });
  const { code, err } = await service.finished;
  equal(code, 2);
  for (const name of ["SYMBOLS", "VENUES", "LOG_LEVEL"]) match(err, new RegExp(name));
});

Deno.test("a taken port is one clear message and exit code 2", async () => {
  const port = freePort();
  using _held = Deno.listen({ hostname: "127.0.0.1", port });
  await using service = new Service({ env: { HTTP_ADDR: `127.0.0.1:${port}` } });
  const { code, err } = await service.finished;
  equal(code, 2);
  match(err, /HTTP_ADDR/);
});

Deno.test("a data folder that cannot be is one clear message and exit code 2", async () => {
  const file = Deno.makeTempFileSync();
  try {
    await using service = new Service({ env: { DATA_DIR: `${file}/data` } });
    const { code, err } = await service.finished;
    equal(code, 2);
    match(err, /DATA_DIR/);
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("asked on the console, a running service without an API is told as that", async () => {
  await using exchange = await startExchange({ symbols: 1, tradesPerSecond: 5, seed: 5 });
  const env = { ...exchange.env, SYMBOLS: "BTC", PROFILE: "minimal" };
  await using service = new Service({ env });
  await service.until("/healthz", 200);
  const { port } = service;
  await using asked = new Service({ args: ["ask", "/price", "BTC"], port });
  const { code, err } = await asked.finished;
  equal(code, 2);
  match(err, /answers no question: its profile has no API, start it with PROFILE=full/);
});

Deno.test("what was stored answers on the console when no service runs", async () => {
  const dataDir = Deno.makeTempDirSync();
  try {
    {
      await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 5 });
      const env = { ...exchange.env, SYMBOLS: "BTC" };
      await using service = new Service({ env, dataDir });
      await service.until("/readyz", 200);
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      service.kill("SIGTERM");
      await service.finished;
      // The sizes of trades too, which are else written every two minutes.
      const path = `${dataDir}/tapewatch.kv`;
      using store = await Store.open({ path, retentionHours: 72, nowMs: Date.now });
      const bitcoin = { venue: "binance-perp", symbol: "BTCUSDT" };
      const hours = await Array.fromAsync(store.readSizes(0, Infinity, [bitcoin]));
      ok(hours.some(({ rows }) => rows.length > 0));
    }
    await using asked = new Service({ args: ["ask", "/price", "BTC"], dataDir });
    const { code, out } = await asked.finished;
    equal(code, 0);
    match(out, /^BTC [\d,.]+ · binance-perp/);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

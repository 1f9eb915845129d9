/** A backup of a running service, put into an empty folder, where another one starts on it. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Bucket } from "../../lib/market/bucket.ts";
import { Store } from "../../lib/store/mod.ts";
import { startBotApi } from "../sim/bot_api.ts";
import { startExchange } from "../sim/exchange.ts";
import { type ApiBucket, Service } from "./service.ts";

const OWNER = 4242;
const SECRETS = {
  TELEGRAM_BOT_TOKEN: "123456:SECRET-of-the-bot",
  BINANCE_API_KEY: "SECRET-binance-key",
  BINANCE_API_SECRET: "SECRET-binance-secret",
  BYBIT_API_KEY: "SECRET-bybit-key",
  BYBIT_API_SECRET: "SECRET-bybit-secret",
};
const MINUTE_MS = 60_000;

async function run(args: readonly string[], dataDir: string, env = {}) {
  await using service = new Service({ args, dataDir, env });
  return await service.finished;
}

async function unpacked(path: string): Promise<string> {
  const file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

async function bucketsOf(service: Service, fromMs: number, toMs: number): Promise<ApiBucket[]> {
  const query = `venue=binance-perp&symbol=BTC&from=${fromMs}&to=${toMs}&tf=1`;
  const { status, body } = await service.get(`/api/v1/buckets?${query}`);
  equal(status, 200, body);
  return JSON.parse(body).buckets;
}

Deno.test("what a running service exports, another one starts from: the same minutes, rules and settings", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [first, second] = [`${folder}/first`, `${folder}/second`];
    const file = `${folder}/backup.ndjson.gz`;
    for (const path of [first, second]) Deno.mkdirSync(path);
    await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 21 });
    await using telegram = await startBotApi({ token: SECRETS.TELEGRAM_BOT_TOKEN });
    const env = {
      ...exchange.env,
      ...SECRETS,
      SYMBOLS: "BTC",
      TELEGRAM_API_ROOT: telegram.root,
      TELEGRAM_ALLOWED_USERS: String(OWNER),
    };
    let told: ApiBucket[];
    let link: string;
    const toMs = Math.floor(exchange.nowMs() / MINUTE_MS) * MINUTE_MS;
    const fromMs = toMs - 30 * MINUTE_MS;
    {
      await using service = new Service({ env, dataDir: first });
      await service.until("/readyz", 200);
      const owner = telegram.user(OWNER);
      match((await owner.ask("/alert btc price > 900k", 10_000)).text, /a1 armed/);
      await owner.ask("/zone Europe/Paris", 10_000);
      const invited = (await owner.ask("/users invite", 10_000)).text;
      link = /start=([\w-]{10,})/.exec(invited)?.[1] ?? "";
      ok(link, invited);
      await untilWhole(service, fromMs, toMs);
      // What is in memory comes to the store a few seconds later.
      await untilStored(first, fromMs, toMs);
      const exported = await run(["export", file], first, SECRETS);
      equal(exported.code, 0, exported.err);
      match(exported.err, /^Exported \d+ minutes, \d+ quarter-hours and \d+ records to /m);
      const piped = await run(["export", "-"], first, SECRETS);
      equal(piped.code, 0, piped.err);
      ok(piped.out.length > 10_000);

      const refused = await run(["import", file], first);
      equal(refused.code, 2);
      match(
        refused.err,
        /^Cannot import .*: a running service, process \d+, has .*; nothing was changed$/m,
      );
      equal((await service.get("/readyz")).status, 200);
      told = await bucketsOf(service, fromMs, toMs);
    }
    const text = await unpacked(file);
    for (const secret of [...Object.values(SECRETS), link, "invite", "outbox"]) {
      ok(!text.includes(secret), secret);
    }

    const imported = await run(["import", file], second);
    equal(imported.code, 0, imported.err);
    match(imported.err, /^Imported \d+ minutes, /m);
    const stored = await storedOf(second, fromMs, toMs);
    equal(stored.length, told.length);
    for (const [index, bucket] of stored.entries()) {
      for (const [field, value] of Object.entries(told[index] ?? {})) {
        equal(Reflect.get(bucket, field), value, `${field} at ${bucket.t}`);
      }
    }
    // The simulated Telegram has one bot: no secret is needed to answer what is stored.
    await using service = new Service({
      env: { ...exchange.env, SYMBOLS: "BTC" },
      dataDir: second,
    });
    await service.until("/readyz", 200);
    deepEqual(await bucketsOf(service, fromMs, toMs), told);
    match((await service.ask("/cvd BTC 15m")).text, /^BTC CVD 15m/);
    service.kill("SIGTERM");
    await service.finished;
    using store = await Store.open({
      path: `${second}/tapewatch.kv`,
      retentionHours: 72,
      nowMs: Date.now,
    });
    equal(await store.records.get(["asker", `tg:${OWNER}`, "zone"]), "Europe/Paris");
    ok(await store.records.get(["alert", `tg:${OWNER}`, "a1"]));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

async function untilWhole(service: Service, fromMs: number, toMs: number): Promise<void> {
  await eventually("the minutes are whole", async () => {
    const buckets = await bucketsOf(service, fromMs, toMs);
    return buckets.length === (toMs - fromMs) / MINUTE_MS &&
      buckets.every(({ coverageMs }) => coverageMs === MINUTE_MS);
  });
}

async function untilStored(dataDir: string, fromMs: number, toMs: number): Promise<void> {
  await eventually("the minutes are stored", async () => {
    const buckets = await storedOf(dataDir, fromMs, toMs);
    return buckets.length === (toMs - fromMs) / MINUTE_MS &&
      buckets.every(({ coverageMs }) => coverageMs === MINUTE_MS);
  });
}

async function storedOf(dataDir: string, fromMs: number, toMs: number): Promise<Bucket[]> {
  const path = `${dataDir}/tapewatch.kv`;
  using store = await Store.open({ path, retentionHours: 72, nowMs: Date.now });
  return await store.read({ venue: "binance-perp", symbol: "BTCUSDT" }, fromMs, toMs);
}

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`This did not come in a minute: ${what}`);
}

/** The service is updated while it works, and nobody notices: not a client, not a minute. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import { Lease, type LeaseRow, Store } from "../../lib/store/mod.ts";
import { type BotApi, startBotApi } from "../sim/bot_api.ts";
import { startExchange } from "../sim/exchange.ts";
import { compareMinute, differences } from "./differences.ts";
import { HttpLoad, TelegramLoad } from "./load.ts";
import { freePort, Service } from "./service.ts";

const TOKEN = "123456:TEST-token";
const OWNER = 4242;
const PEOPLE = Array.from({ length: 150 }, (_, nth) => 1000 + nth);
const MINUTE_MS = 60_000;
/** The minute that is compared begins this long after the exchange. */
const BEFORE_MS = 15_000;
/** The first takeover begins so long before it, so that it is about there that it happens. */
const STRADDLING_MS = 3_500;
const ROLLBACK_MS = 30_000;

function settings(telegram: BotApi): Record<string, string> {
  return {
    RETENTION_HOURS: "1",
    ...{ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.root },
    TELEGRAM_ALLOWED_USERS: [OWNER, ...PEOPLE].join(),
  };
}

Deno.test("an update and its rollback under load are noticed by nobody and by no minute", async () => {
  const dataDir = Deno.makeTempDirSync();
  try {
    await using exchange = await startExchange({
      ...{ symbols: 6, tradesPerSecond: 200, seed: 11, historyMinutes: 5 },
      skewMs: MINUTE_MS - BEFORE_MS - Date.now() % MINUTE_MS,
    });
    await using telegram = await startBotApi({ token: TOKEN });
    const minuteMs = Math.ceil(exchange.nowMs() / MINUTE_MS) * MINUTE_MS;
    const port = freePort();
    const env = { ...exchange.env, ...settings(telegram), SYMBOLS: "top:6" };
    const start = (...args: string[]) => new Service({ args, env, dataDir, port });
    await using first = start("serve");
    await first.until("/readyz", 200);
    await arm(first, telegram);

    using http = new HttpLoad(port);
    using people = new TelegramLoad(telegram, PEOPLE);
    await sleep(minuteMs - STRADDLING_MS - exchange.nowMs());
    await using second = start("serve", "--takeover");
    equal(await codeOf(first), 0);
    await sleep(1_000);
    const rollbackMs = performance.now();
    await using third = start("serve", "--takeover");
    equal(await codeOf(second), 0);
    const tookMs = performance.now() - rollbackMs;
    ok(tookMs < ROLLBACK_MS, `the rollback took ${tookMs} ms`);

    await sleep(1_000);
    exchange.trading(false);
    const asked = await people.stop(15_000);
    deepEqual(asked.wrong, []);
    ok(asked.asked > 10 && asked.slowestMs < 10_000, JSON.stringify(asked));
    const answered = await http.stop();
    deepEqual(answered.failures, []);
    ok(answered.requests > 200);
    await check(telegram);

    // As memory has it, before any repair could have helped, and then as it is stored.
    await heard(() => differences(exchange, third, minuteMs));
    const now = await compareMinute(exchange, third, minuteMs);
    deepEqual(now.wrong, []);
    ok(now.leastUncoveredMs >= 0 && now.mostUncoveredMs < 6_000, JSON.stringify(now));
    third.kill("SIGTERM");
    equal(await codeOf(third), 0);
    await using again = start("serve");
    await again.until("/healthz", 200);
    deepEqual(await differences(exchange, again, minuteMs), []);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

Deno.test("a new process that is killed while it takes over leaves the old one at work, and whole", async () => {
  const dataDir = Deno.makeTempDirSync();
  try {
    await using exchange = await startExchange({
      ...{ symbols: 5, tradesPerSecond: 100, seed: 12, historyMinutes: 5 },
      skewMs: MINUTE_MS - 8_000 - Date.now() % MINUTE_MS,
    });
    await using telegram = await startBotApi({ token: TOKEN });
    const minuteMs = Math.ceil(exchange.nowMs() / MINUTE_MS) * MINUTE_MS;
    const port = freePort();
    const env = { ...exchange.env, ...settings(telegram), SYMBOLS: "top:5" };
    const start = (...args: string[]) => new Service({ args, env, dataDir, port });
    await using first = start("serve");
    await first.until("/readyz", 200);
    using http = new HttpLoad(port);
    using people = new TelegramLoad(telegram, PEOPLE);
    await sleep(minuteMs - exchange.nowMs());
    {
      await using second = start("serve", "--takeover");
      await released(dataDir);
      second.kill("SIGKILL");
    }
    await sleep(3_000);
    exchange.trading(false);
    const asked = await people.stop(15_000);
    deepEqual(asked.wrong, []);
    deepEqual((await http.stop()).failures, []);
    await heard(() => differences(exchange, first, minuteMs));
    deepEqual(await differences(exchange, first, minuteMs), []);
    first.kill("SIGTERM");
    equal(await codeOf(first), 0);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

Deno.test("what was told as armed while a new process took over is known to that one", async () => {
  const dataDir = Deno.makeTempDirSync();
  try {
    await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 13 });
    await using telegram = await startBotApi({ token: TOKEN });
    const port = freePort();
    const env = { ...exchange.env, ...settings(telegram), SYMBOLS: "top:2" };
    const start = (...args: string[]) => new Service({ args, env, dataDir, port });
    await using first = start("serve");
    await first.until("/readyz", 200);
    const owner = telegram.user(OWNER);
    await using second = start("serve", "--takeover");
    await until(dataDir, ({ next }) => (next?.cutMs ?? null) !== null);
    // The first reply has to wait, and with it all that is asked after it.
    telegram.fail({ method: "sendMessage", code: 429, retryAfter: 4 });
    for (let nth = 1; nth <= 5; nth++) owner.send(`/alert btc price < ${nth}`);
    equal(await codeOf(first), 0);
    await second.until("/readyz", 200);
    await telegram.waitFor(() => owner.messages().length >= 5, 10_000);
    const armed = owner.messages().filter(({ text }) => / armed: /.test(text)).length;
    ok(armed >= 1);
    match((await owner.ask("/alerts", 10_000)).text, new RegExp(`^${armed} rules`));
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

/** Waits until the old process has given the data away, and nobody has it. */
function released(dataDir: string): Promise<void> {
  return until(
    dataDir,
    ({ holder }) => holder?.stage !== undefined && holder.stage !== "collecting",
  );
}

/** Waits until the lease stands so. */
async function until(dataDir: string, so: (row: LeaseRow) => boolean): Promise<void> {
  const nowMs = Date.now;
  using store = await Store.open({ path: `${dataDir}/tapewatch.kv`, retentionHours: 1, nowMs });
  const me = { id: "test", pid: 0, version: "0" };
  const lease = new Lease({ records: store.records, me, nowMs });
  for (let tries = 0; tries < 3_000; tries++) {
    if (so(await lease.read())) return;
    await sleep(10);
  }
  throw new Error("It does not hand over");
}

/** One rule that fires all the time, and a muted one. */
async function arm(service: Service, telegram: BotApi): Promise<void> {
  const owner = telegram.user(OWNER);
  const [price] = /[\d,.]+/.exec((await service.ask("/price BTC")).text.slice(3)) ?? [];
  const often = `/alert btc price crosses ${price} back 0 cooldown 0 cap 1000`;
  match((await owner.ask(often, 10_000)).text, /a1 armed/);
  owner.send("/alert eth price < 1");
  await telegram.waitFor(({ text }) => /a2 armed/.test(text), 10_000);
  owner.send("/alert mute a2 2h");
  await telegram.waitFor(({ text }) => /a2 .* is muted until/.test(text), 10_000);
}

/** The rules are as they were, and what fired was told once. */
async function check(telegram: BotApi): Promise<void> {
  const owner = telegram.user(OWNER);
  owner.send("/alerts");
  await telegram.waitFor(({ text }) => /2 rules[\s\S]*🔇 a2 ETH price < 1/u.test(text));
  // Several that fire together are told by the newest of them.
  const told = owner.messages()
    .flatMap(({ text }) => [...text.matchAll(/a1#(\d+) · \d\d:\d\d:\d\d UTC/g)])
    .map(([, number]) => Number(number));
  deepEqual(told, [...new Set(told)].sort((a, b) => a - b));
}

/** Waits until nothing differs, or for so long that it will not come. */
async function heard(differ: () => Promise<readonly string[]>): Promise<void> {
  for (let tries = 0; tries < 50 && (await differ()).length > 0; tries++) await sleep(100);
}

async function codeOf(service: Service): Promise<number> {
  const timer = setTimeout(() => service.kill("SIGKILL"), ROLLBACK_MS);
  const { code, err } = await service.finished;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`It did not end by itself: ${err.slice(-2_000)}`);
  return code;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** The alerts on a store of their own and a simulated Telegram: a cascade, and what it waits for. */
import { deepEqual, equal, ok } from "../assert.ts";
import { Alerts } from "../../lib/alerts/alerts.ts";
import { createBot } from "../../lib/bot/bot.ts";
import { sleep } from "../../lib/bot/sleep.ts";
import { createLog } from "../../lib/log.ts";
import { Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "../store/small_disk.ts";
import { fakeSource } from "../market/fake_source.ts";
import { type BotApi, startBotApi } from "../sim/bot_api.ts";

const TOKEN = "123:SECRET";
const OWNER = 42;
const ASKER = { id: `tg:${OWNER}`, owner: true, privateChat: true };

async function onTelegram(
  run: (alerts: Alerts, api: BotApi) => Promise<void>,
  pause: (ms: number, signal: AbortSignal) => Promise<void> = sleep,
): Promise<void> {
  await using api = await startBotApi({ token: TOKEN, limits: true });
  api.user(OWNER);
  const folder = Deno.makeTempDirSync();
  const over = new AbortController();
  const log = createLog({ level: "error" });
  try {
    const path = `${folder}/alerts.kv`;
    using store = await Store.open({ path, retentionHours: 72, nowMs: Date.now, disk: SMALL_DISK });
    const market = { venue: "binance-perp", latest: { price: 100, tradeMs: Date.now() } };
    const source = { ...fakeSource({ series: [market] }), nowMs: Date.now };
    const alerts = new Alerts({
      ...{ source, records: store.records, watched: () => ["BTC"], ownerId: OWNER },
      ...{ instance: "test", nowMs: Date.now, sleep: pause, log },
    });
    await alerts.load();
    const bot = createBot({
      ...{ token: TOKEN, apiRoot: api.root, allowedUsers: [OWNER], commands: [], log },
      answer: () => Promise.resolve({ html: "", data: null }),
      now: Date.now,
    });
    alerts.connect(bot.post, () => Promise.resolve({ html: "", data: null }));
    const done = Promise.all([bot.run(over.signal), alerts.run(over.signal)]);
    try {
      while (bot.username === null) await sleep(5, over.signal);
      await run(alerts, api);
    } finally {
      over.abort();
      await done;
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function arm(alerts: Alerts, text: string): Promise<void> {
  const read = alerts.desk.understand(text);
  ok(read.kind === "rule", text);
  ok("rule" in await alerts.desk.arm(ASKER, read.rule));
}

Deno.test("a fall through two hundred levels is told within Telegram's limits, critical ones first", async () => {
  await onTelegram(async (alerts, api) => {
    for (let i = 0; i < 200; i++) {
      await arm(alerts, `btc price < ${99 - i / 10}${i % 40 === 0 ? " critical" : ""}`);
    }
    alerts.onTrade("BTC", "binance-perp", 100, Date.now());
    alerts.onTrade("BTC", "binance-perp", 50, Date.now() + 1);
    const told = () =>
      api.sent.flatMap(({ text }) => [...text.matchAll(/(a\d+)#1/g)].map(([, id]) => id ?? ""));
    const endMs = performance.now() + 120_000;
    while (told().length < 200 && performance.now() < endMs) {
      await sleep(50, new AbortController().signal);
    }
    equal(new Set(told()).size, 200);
    equal(told().length, 200);
    deepEqual(told().slice(0, 5).sort(), ["a1", "a121", "a161", "a41", "a81"]);
    ok(api.sent.length <= 15, `${api.sent.length} messages`);
    ok(!api.sent.some(({ text }) => text.includes("(repeat)")));
  });
});

Deno.test("from a print to the call nothing waits for the next round of evaluation", async () => {
  // Whoever sleeps never wakes: there is one round, and no second one.
  const asleep = (_ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  await onTelegram(async (alerts, api) => {
    await arm(alerts, "btc price > 110");
    alerts.onTrade("BTC", "binance-perp", 100, Date.now());
    alerts.onTrade("BTC", "binance-perp", 111, Date.now() + 1);
    await api.waitFor(({ text }) => /BTC price 111/.test(text), 30_000);
    equal(api.sent.length, 1);
  }, asleep);
});

Deno.test("an alarm of the service waits for the bot, and reaches the owner once", async () => {
  await onTelegram(async (alerts, api) => {
    api.fail({ method: "sendMessage", code: 429, retryAfter: 1 });
    alerts.alarm("binance-perp: no data <soon>");
    await api.waitFor(({ text }) => text === "⚠️ binance-perp: no data <soon>", 60_000);
    equal(api.sent.length, 1);
  });
});

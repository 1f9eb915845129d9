/** The service with a simulated exchange and a simulated Telegram: rules armed, fired, delivered. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import { isItem } from "../../lib/alerts/deliver/firing.ts";
import { Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "../store/small_disk.ts";
import { Service } from "../e2e/service.ts";
import { type BotApi, type BotUser, type Sent, startBotApi } from "../sim/bot_api.ts";
import { type Exchange, startExchange } from "../sim/exchange.ts";

const OWNER = 4242;
const TOKEN = "123456:TEST-token";

function envOf(exchange: Exchange, telegram: BotApi) {
  return {
    ...exchange.env,
    SYMBOLS: "BTC,ETH,SOL",
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.root,
    TELEGRAM_ALLOWED_USERS: String(OWNER),
  };
}

/** Arms a crossing at the price of the moment, again where the market walked away from it. */
async function crossed(service: Service, telegram: BotApi): Promise<Sent> {
  for (let tries = 0; tries < 8; tries++) {
    const price = firstPrice((await service.ask("/price BTC")).data);
    // Wiggles fire it both ways: it comes back by almost nothing.
    await telegram.user(OWNER)
      .ask(`/alert btc price crosses ${price} back 0 cooldown 0 cap 1000`, 30_000);
    const card = telegram.waitFor(({ text }) => /🔔/.test(text), 30_000);
    const found = await card.catch(() => null);
    if (found) return found;
  }
  throw new Error("No price was crossed");
}

Deno.test("a rule is read back, tried, armed, and told on Telegram when a print fires it", async () => {
  await using exchange = await startExchange({ symbols: 3, tradesPerSecond: 60, seed: 9 });
  await using telegram = await startBotApi({ token: TOKEN, limits: true });
  await using service = new Service({ env: envOf(exchange, telegram) });
  await service.until("/readyz", 200, 60_000);
  const owner = telegram.user(OWNER);
  const typed = await owner.ask("/alert btc liq 5m > 2m", 30_000);
  match(typed.text, /a1 armed: BTC liq 5m > 2M/);
  match(typed.text, /liquidations of the last 5 min above 2M/);
  match(typed.text, /would have fired|Nothing is stored|Cannot be tried/);
  const card = await crossed(service, telegram);
  match(card.text, /BTC price [\d,.]+/);
  const id = /(a\d+)#1 · \d\d:\d\d:\d\d UTC/.exec(card.text)?.[1];
  ok(id, card.text);
  match(card.text, /\d+\/\d+ min/);
  deepEqual(card.buttons.flat().map(({ text }) => text), ["Mute 1 h", "Chart", "Why", "Delete"]);
  const mute = card.buttons.flat()[0]?.callback_data ?? "";
  equal(mute, `/alert mute ${id} 1h`);
  owner.press(mute, card);
  await telegram.waitFor(({ text }) => new RegExp(`${id} .* is muted until`).test(text), 30_000);
  for (
    const [text, reply] of [
      ["/alerts", new RegExp(`\\d rules[\\s\\S]*${id} BTC price crosses .* hits?`)],
      [`/alert why ${id}`, /every print/],
      ["/alerts history", new RegExp(`${id}#\\d+ BTC price crosses`)],
      ["/alert delete a1", /a1 .* is deleted/],
      ["/brief daily 08:00", /every day at 08:00 UTC/],
      ["/alerts quiet 23-7", /quiet 23:00–07:00/],
    ] as const
  ) {
    owner.send(text);
    await telegram.waitFor((sent) => reply.test(sent.text), 30_000);
  }
  match((await service.get("/metrics")).body, /tapewatch_alerts_fired_total [1-9]/);
  match((await service.get("/metrics")).body, /tapewatch_alerts_armed [1-9]/);
  service.kill("SIGTERM");
  const { code, err } = await service.finished;
  equal(code, 0);
  ok(!/"level":"error"/.test(err), err);
});

Deno.test("ten kills in a storm of firings: every one arrives, repeats are marked and few", async () => {
  await using exchange = await startExchange({ symbols: 3, tradesPerSecond: 120, seed: 4 });
  await using telegram = await startBotApi({ token: TOKEN });
  const owner = telegram.user(OWNER);
  const dataDir = Deno.makeTempDirSync();
  const env = envOf(exchange, telegram);
  try {
    for (let kill = 0; kill < 10; kill++) {
      await using service = new Service({ env, dataDir });
      await service.until("/readyz", 200, 60_000);
      if (kill % 3 === 0) {
        // An answer whose connection is dropped twice is given up, and nobody asks again here.
        telegram.heal();
        await armAround(service, telegram, owner);
      }
      telegram.fail({ method: "sendMessage", code: 429, retryAfter: 1 });
      telegram.fail({ method: "sendMessage", drop: "before" });
      await pause(1_000 + 157 * kill);
      service.kill("SIGKILL");
      await service.finished;
    }
    {
      await using last = new Service({ env, dataDir });
      await last.until("/readyz", 200, 60_000);
      exchange.trading(false);
      await pause(2_000);
      await untilDelivered(last);
      last.kill("SIGTERM");
      await last.finished;
    }
    const fired = await storedHistory(dataDir);
    // 50 to 70 where nothing else runs.
    ok(fired.length >= 15, `${fired.length} firings`);
    const told = telegram.sent.flatMap(firingsIn);
    for (const name of fired) {
      const tellings = told.filter((one) => one.name === name);
      ok(tellings.length >= 1, `${name} arrived`);
      // Nothing is told twice without saying so.
      ok(tellings.slice(1).every(({ repeat }) => repeat), `${name} is marked`);
      ok(tellings.length <= 2, `${name} came ${tellings.length} times`);
    }
    const messages = telegram.sent.filter(({ text }) => text.includes("(repeat)"));
    // One call may be in flight at each kill, and one connection is dropped in each life.
    ok(messages.length <= 10 + 10, `${messages.length} repeats`);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

/** The firings that a message tells, and whether it says that it may be a repeat. */
function firingsIn({ text }: Sent): { readonly name: string; readonly repeat: boolean }[] {
  const repeat = text.includes("(repeat)");
  return [...text.matchAll(/ · (a\d+#\d+) · \d\d:\d\d:\d\d/g)]
    .map(([, name = ""]) => ({ name, repeat }));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Arms levels that the next prints will cross, again and again. */
async function armAround(service: Service, telegram: BotApi, owner: BotUser): Promise<void> {
  for (const asset of ["BTC", "ETH", "SOL"]) {
    const price = firstPrice((await service.ask(`/price ${asset}`)).data);
    owner.send(`/alert ${asset} price crosses ${price} back 0 cooldown 0 cap 1000`);
    await telegram.waitFor(
      ({ text }) => text.includes(`armed: ${asset} price crosses ${price}`),
      20_000,
    );
  }
}

async function untilDelivered(service: Service): Promise<void> {
  const endMs = performance.now() + 25_000;
  for (let waiting = "1"; waiting !== "0" && performance.now() < endMs;) {
    await pause(200);
    const { body } = await service.get("/metrics");
    waiting = /^tapewatch_alerts_waiting (\d+)$/m.exec(body)?.[1] ?? "1";
  }
}

/** What fired, as the service itself wrote it down together with the firing: `a7#12`. */
async function storedHistory(dataDir: string): Promise<string[]> {
  const path = `${dataDir}/tapewatch.kv`;
  using store = await Store.open({ path, retentionHours: 72, nowMs: Date.now, disk: SMALL_DISK });
  const names: string[] = [];
  for await (const { value } of store.records.list(["alert-history"])) {
    if (isItem(value) && value.kind === "firing") names.push(`${value.ruleId}#${value.hit}`);
  }
  equal(new Set(names).size, names.length, "none is numbered twice");
  return names;
}

function firstPrice(data: unknown): number {
  const rows = typeof data === "object" && data !== null && "rows" in data ? data.rows : [];
  for (const row of Array.isArray(rows) ? rows : []) {
    if (row.market === "perp" && typeof row.price === "number") return row.price;
  }
  throw new Error("No price yet");
}

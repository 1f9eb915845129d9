import { deepEqual, equal, ok } from "../assert.ts";
import type { TelegramBot } from "../../lib/bot/bot.ts";
import type { BotFault } from "../sim/bot_api.ts";
import { startBotApi } from "../sim/bot_api.ts";
import { OWNER, start, TOKEN } from "./running.ts";
import { createBot } from "../../lib/bot/bot.ts";

async function onSim(
  run: (bot: TelegramBot, api: Awaited<ReturnType<typeof startBotApi>>) => Promise<void>,
): Promise<void> {
  await using api = await startBotApi({ token: TOKEN });
  api.user(OWNER);
  const over = new AbortController();
  let clockMs = 0;
  const quiet = { info() {}, warn() {}, error() {} };
  const bot = createBot({
    ...{ token: TOKEN, apiRoot: api.root, allowedUsers: [OWNER], commands: [], log: quiet },
    answer: () => Promise.resolve({ html: "", data: null }),
    now: Date.now,
    // No call has to wait for the one before it.
    clock: () => clockMs += 60_000,
  });
  const done = bot.run(over.signal);
  try {
    while (
      api.commands === undefined || (await bot.post({ chatId: 0, html: "x" })).kind === "unsent"
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await run(bot, api);
  } finally {
    over.abort();
    await done;
  }
}

Deno.test("a post tells what became of it, and makes no second call of its own", async () => {
  await onSim(async (bot, api) => {
    const sent = await bot.post({ chatId: OWNER, html: "<b>one</b>", silent: true });
    ok(sent.kind === "sent");
    const edited = await bot.post({ chatId: OWNER, html: "two", messageId: sent.messageId });
    deepEqual(edited, sent);
    deepEqual(await bot.post({ chatId: OWNER, html: "two", messageId: sent.messageId }), sent);
    const faults: [BotFault, string][] = [
      [{ code: 429, retryAfter: 7 }, "limited"],
      [{ code: 500 }, "unknown"],
      [{ code: 400, description: "Bad Request: message is too strange" }, "refused"],
      [{ drop: "before" }, "unknown"],
      [{ drop: "after" }, "unknown"],
    ];
    for (const [fault, kind] of faults) {
      const before = api.calls.filter(({ method }) => method === "sendMessage").length;
      api.fail({ ...fault, method: "sendMessage" });
      const posted = await bot.post({ chatId: OWNER, html: "three" });
      equal(posted.kind, kind);
      if (posted.kind === "limited") equal(posted.waitMs, 7000);
      const calls = api.calls.filter(({ method }) => method === "sendMessage").length - before;
      equal(calls, fault.drop === "before" ? 0 : 1);
    }
    api.block(OWNER);
    equal((await bot.post({ chatId: OWNER, html: "four" })).kind, "shut");
    await api.offline();
    // A connection that was kept may die under the first call, which then cannot know.
    await bot.post({ chatId: OWNER, html: "four and a half" });
    const posted = await bot.post({ chatId: OWNER, html: "five" });
    equal(posted.kind, "unsent");
    ok(!JSON.stringify(posted).includes(TOKEN));
    api.online();
  });
});

Deno.test("a proxy's answer is no refusal of Telegram's: the message may be sent again", async () => {
  await using proxy = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const isGetMe = request.url.endsWith("/getMe");
    if (isGetMe) return Response.json({ ok: true, result: { id: 7, username: "tape_bot" } });
    return Response.json({ message: "Bad Gateway" }, { status: 502 });
  });
  const over = new AbortController();
  const quiet = { info() {}, warn() {}, error() {} };
  const apiRoot = `http://127.0.0.1:${proxy.addr.port}`;
  const bot = createBot({
    ...{ token: TOKEN, apiRoot, allowedUsers: [OWNER], commands: [], log: quiet },
    answer: () => Promise.resolve({ html: "", data: null }),
    now: Date.now,
  });
  const done = bot.run(over.signal);
  while (bot.username === null) await new Promise((resolve) => setTimeout(resolve, 5));
  equal((await bot.post({ chatId: OWNER, html: "x" })).kind, "unknown");
  over.abort();
  await done;
});

Deno.test("what comes before a call is awaited in its turn, right before it", async () => {
  await using running = start();
  await running.api.called("getUpdates");
  const order: string[] = [];
  const posts = [1, 2].map((nth) =>
    running.bot.post({
      chatId: OWNER,
      html: `${nth}`,
      before: async () => {
        order.push(`before ${nth}, sent ${running.api.of("sendMessage").length}`);
        await Promise.resolve();
      },
    })
  );
  deepEqual((await Promise.all(posts)).map(({ kind }) => kind), ["sent", "sent"]);
  equal(order.length, 2);
  ok(running.logged.every((line) => !line.includes(TOKEN)));
});

Deno.test("before the bot is up and after it stopped nothing is sent, and that is said", async () => {
  const running = start();
  equal((await running.bot.post({ chatId: OWNER, html: "x" })).kind, "unsent");
  await running.api.called("getUpdates");
  await running.stop();
  equal((await running.bot.post({ chatId: OWNER, html: "x" })).kind, "unsent");
  await running.api[Symbol.asyncDispose]();
});

import { deepEqual, equal, ok } from "../assert.ts";
import { createBot } from "../../lib/bot/bot.ts";
import type { Reply } from "../../lib/reply/command.ts";
import { FakeBotApi } from "./fake_bot_api.ts";
import { echoOf, message, OWNER, press, start, STRANGER, stranger, TOKEN } from "./running.ts";

Deno.test("a message of the owner is answered in its chat, with buttons", async () => {
  await using bot = start();
  bot.api.push(message("/cvd BTC"));
  const [sent] = await bot.api.called("sendMessage");
  deepEqual(sent?.body, {
    chat_id: OWNER,
    text: "<b>/cvd BTC</b>",
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
    reply_parameters: { message_id: 11, allow_sending_without_reply: true },
    reply_markup: { inline_keyboard: [[{ text: "Again", callback_data: "/cvd BTC" }]] },
  });
});

Deno.test("a question in a topic is answered in the topic", async () => {
  await using bot = start();
  const group = { chat: { id: -5, type: "supergroup" } };
  bot.api.push(message("/cvd", { ...group, is_topic_message: true, message_thread_id: 77 }));
  const [sent] = await bot.api.called("sendMessage");
  equal(sent?.body.chat_id, -5);
  equal(sent?.body.message_thread_id, 77);
});

Deno.test("in a group only our commands are answered", async () => {
  await using bot = start();
  const group = { chat: { id: -5, type: "group" } };
  for (const text of ["btc", "hello /cvd", "/cvd@other_bot", "/unknown", "/cvd@Tape_Bot BTC"]) {
    bot.api.push(message(text, group));
  }
  await bot.api.called("sendMessage");
  deepEqual(bot.asked, ["/cvd@Tape_Bot BTC"]);
});

Deno.test("in a private chat all is answered but commands of another bot", async () => {
  await using bot = start();
  const texts = [
    "/cvd@other_bot BTC",
    "/start@other_bot",
    "/CVD@Tape_Bot",
    "btc",
    "/unknown",
    "a@b",
  ];
  for (const text of texts) bot.api.push(message(text));
  await bot.api.called("sendMessage", 4);
  deepEqual(bot.asked, ["/CVD@Tape_Bot", "btc", "/unknown", "a@b"]);
});

Deno.test("a stranger is refused once a day, counted always, and never answered", async () => {
  await using bot = start();
  const chat = { chat: { id: STRANGER, type: "private" } };
  for (let i = 0; i < 3; i++) bot.api.push(message("/cvd", { ...stranger, ...chat }));
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage", 2);
  deepEqual(bot.asked, ["/help"]);
  const told = bot.api.of("sendMessage").filter((call) => call.body.chat_id === STRANGER);
  equal(told.length, 1);
  ok(String(told[0]?.body.text).includes("666"));
  equal(bot.counted.get("refused"), 3);
});

Deno.test("an empty list answers nobody and says what to do", async () => {
  await using bot = start({ allowedUsers: [] });
  bot.api.push(message("/cvd"));
  const [sent] = await bot.api.called("sendMessage");
  ok(String(sent?.body.text).includes("TELEGRAM_ALLOWED_USERS"));
  deepEqual(bot.asked, []);
});

Deno.test("a pressed button edits its message in place", async () => {
  await using bot = start();
  bot.api.push(press("/cvd BTC 5m"));
  const [edited] = await bot.api.called("editMessageText");
  equal(edited?.body.message_id, 33);
  equal(edited?.body.text, "<b>/cvd BTC 5m</b>\nupdated 00:00:00 UTC");
  equal(bot.api.of("answerCallbackQuery").length, 1);
  equal(bot.api.of("sendMessage").length, 0);
});

Deno.test("a stranger who presses a button is not answered", async () => {
  await using bot = start();
  bot.api.push(press("/cvd", stranger));
  bot.api.push(press("/cvd", { ...stranger, id: "q2" }));
  bot.api.push(press("/help"));
  await bot.api.called("editMessageText");
  deepEqual(bot.asked, ["/help"]);
  const [refused] = bot.api.of("answerCallbackQuery");
  equal(refused?.body.show_alert, true);
  equal(bot.api.of("answerCallbackQuery").length, 2);
});

Deno.test("a message that is not modified is no fault", async () => {
  await using bot = start();
  const description = "Bad Request: message is not modified: same content";
  bot.api.refuse("editMessageText", { code: 400, description });
  bot.api.push(press("/cvd"));
  await bot.api.called("editMessageText");
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage");
  equal(bot.counted.get("failed"), undefined);
});

Deno.test("a message that can no longer be edited is sent anew", async () => {
  await using bot = start();
  bot.api.refuse("editMessageText", {
    code: 400,
    description: "Bad Request: message to edit not found",
  });
  bot.api.push(press("/cvd"));
  const [sent] = await bot.api.called("sendMessage");
  equal(sent?.body.text, "<b>/cvd</b>\nupdated 00:00:00 UTC");
});

Deno.test("a long reply comes in parts, the buttons under the last", async () => {
  const html = `<pre>${
    Array.from({ length: 300 }, (_, i) => `line ${i} ${"x".repeat(20)}`).join("\n")
  }</pre>`;
  const reply = { html, data: null, buttons: [[{ label: "b", ask: "/b" }]] };
  await using bot = start({ answer: () => Promise.resolve(reply) });
  bot.api.push(message("/cvd"));
  const parts = await bot.api.called("sendMessage", 3);
  equal(parts.length, 3);
  for (const { body } of parts) ok(String(body.text).length <= 4096);
  deepEqual(parts.map(({ body }) => "reply_markup" in body), [false, false, true]);
  deepEqual(parts.map(({ body }) => "reply_parameters" in body), [true, false, false]);
  deepEqual(bot.slept, [1000, 1000]);
});

Deno.test("a button that is too long is left out", async () => {
  const long = { label: "long", ask: `/cvd ${"é".repeat(30)}` };
  const reply = { html: "x", data: null, buttons: [[long], [{ label: "ok", ask: "/ok" }, long]] };
  await using bot = start({ answer: () => Promise.resolve(reply) });
  bot.api.push(message("/cvd"));
  const [sent] = await bot.api.called("sendMessage");
  deepEqual(sent?.body.reply_markup, {
    inline_keyboard: [[{ text: "ok", callback_data: "/ok" }]],
  });
});

Deno.test("a 429 is waited out as long as it says, then the message is sent", async () => {
  await using bot = start();
  const description = "Too Many Requests: retry after 7";
  bot.api.refuse("sendMessage", { code: 429, description, retryAfter: 7 });
  bot.api.push(message("/cvd"));
  await bot.api.called("sendMessage", 2);
  deepEqual(bot.slept, [7000]);
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage", 3);
  equal(bot.counted.get("failed"), undefined);
});

Deno.test("a 429 longer than a minute is given up and logged", async () => {
  await using bot = start();
  bot.api.refuse("sendMessage", { code: 429, description: "Too Many", retryAfter: 3600 });
  bot.api.push(message("/cvd"));
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage", 2);
  equal(bot.counted.get("failed"), 1);
  deepEqual(bot.slept, []);
});

Deno.test("a reply that Telegram cannot parse is sent plain", async () => {
  await using bot = start();
  bot.api.refuse("sendMessage", { code: 400, description: "Bad Request: can't parse entities: x" });
  bot.api.push(message("/cvd"));
  const [, plain] = await bot.api.called("sendMessage", 2);
  equal(plain?.body.text, "/cvd");
  equal(plain?.body.parse_mode, undefined);
});

Deno.test("a command that fails is logged and apologised for", async () => {
  await using bot = start({ answer: () => Promise.reject(new Error("Cannot read the store")) });
  bot.api.push(message("/cvd"));
  const [sent] = await bot.api.called("sendMessage");
  ok(String(sent?.body.text).includes("in the log"));
  ok(bot.logged.some((line) => line.includes("Cannot read the store")));
});

Deno.test("Telegram's menu is that of the commands, and its refusal is a shrug", async () => {
  const api = new FakeBotApi();
  api.refuse("setMyCommands", { code: 400, description: "Bad Request: no" });
  await using bot = start({}, api);
  const [menu] = await api.called("setMyCommands");
  deepEqual(menu?.body.commands, [
    { command: "cvd", description: "Flow" },
    { command: "help", description: "Help" },
  ]);
  api.push(message("/cvd"));
  await api.called("sendMessage");
  ok(bot.logged.some((line) => line.startsWith("warn Cannot fill the command menu")));
});

Deno.test("a refused token is said once an hour and tried again every five minutes", async () => {
  const api = new FakeBotApi();
  const refusal = { code: 401, description: "Unauthorized" };
  api.refuse("getMe", ...Array.from({ length: 13 }, () => refusal));
  api.refuse("getUpdates", { code: 404, description: "Not Found" });
  await using bot = start({}, api);
  api.push(message("/cvd"));
  await api.called("sendMessage");
  deepEqual(bot.slept, Array.from({ length: 14 }, () => 300_000));
  const said = bot.logged.filter((line) => line.startsWith("error"));
  equal(said.length, 3, said.join("\n"));
  for (const line of said) ok(line.includes("TELEGRAM_BOT_TOKEN"), line);
});

Deno.test("a conflict deletes the webhook once, then waits", async () => {
  const api = new FakeBotApi();
  const conflict = { code: 409, description: "Conflict: webhook is active" };
  api.refuse("getUpdates", conflict, conflict, conflict);
  await using bot = start({}, api);
  api.push(message("/cvd"));
  await api.called("sendMessage");
  equal(api.of("deleteWebhook").length, 1);
  deepEqual(bot.slept, [0, 5000, 5000]);
});

Deno.test("an outage is waited out with growing pauses, and the token stays out of the log", async () => {
  const dead = new FakeBotApi();
  const { root } = dead;
  await dead[Symbol.asyncDispose]();
  const controller = new AbortController();
  const slept: number[] = [];
  const logged: unknown[] = [];
  const log = (message: string, fields?: unknown) => void logged.push(message, fields);
  await createBot({
    token: TOKEN,
    apiRoot: root,
    allowedUsers: [OWNER],
    commands: [],
    answer: () => Promise.reject(new Error("Nobody asked")),
    log: { info: log, warn: log, error: log },
    now: () => 0,
    sleep(ms) {
      slept.push(ms);
      if (slept.length === 9) controller.abort();
      return Promise.resolve();
    },
  }).run(controller.signal);
  deepEqual(slept, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  const lines = Deno.inspect(logged, { depth: 10 });
  ok(lines.includes("Cannot reach Telegram"));
  ok(!lines.includes("SECRET"), lines);
});

Deno.test("polling goes on after faults of Telegram's", async () => {
  const api = new FakeBotApi();
  api.refuse("getUpdates", { code: 502, description: "Bad Gateway" }, {
    code: 429,
    description: "Too Many Requests",
    retryAfter: 3,
  });
  await using bot = start({}, api);
  api.push(message("/cvd"));
  await api.called("sendMessage");
  deepEqual(bot.slept, [1000, 3000]);
  equal(bot.counted.get("pollFailed"), 2);
});

Deno.test("updates that are counted anew from below are taken once", async () => {
  await using bot = start();
  bot.api.renumber(5000);
  bot.api.push(message("/cvd"));
  await bot.api.called("sendMessage");
  bot.api.renumber(200);
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage", 2);
  bot.api.push(message("/cvd"));
  await bot.api.called("sendMessage", 3);
  deepEqual(bot.asked, ["/cvd", "/help", "/cvd"]);
  equal(bot.api.of("getUpdates").at(-1)?.body.offset, 202);
});

Deno.test("updates that cannot be read are passed over", async () => {
  await using bot = start();
  bot.api.push({ message: { text: "/cvd", from: { id: OWNER } } });
  bot.api.push({ poll_answer: {} });
  bot.api.push(message("/help"));
  await bot.api.called("sendMessage");
  deepEqual(bot.asked, ["/help"]);
});

Deno.test("the bot stops within a second, also while it polls, waits or answers", async () => {
  const stuck = Promise.withResolvers<Reply>();
  await using bot = start({ answer: () => stuck.promise });
  await bot.api.called("getUpdates");
  bot.api.push(message("/cvd"));
  await bot.api.called("getUpdates", 2);
  const startedMs = performance.now();
  await bot.stop();
  const tookMs = performance.now() - startedMs;
  ok(tookMs < 1000, `${tookMs} ms`);
  stuck.resolve(echoOf("late"));
});

Deno.test("a stopped bot does not wait for a real pause", async () => {
  const api = new FakeBotApi();
  api.refuse("getMe", { code: 500, description: "Internal" }, { code: 500, description: "Again" });
  const { sleep } = await import("../../lib/bot/sleep.ts");
  await using bot = start({ sleep }, api);
  await api.called("getMe");
  const startedMs = performance.now();
  await bot.stop();
  ok(performance.now() - startedMs < 500);
});

Deno.test("a bot that hands over asks no more, answers what it took, and says what comes next", async () => {
  const api = new FakeBotApi();
  const slow = Promise.withResolvers<void>();
  await using old = start({
    async answer(text) {
      await slow.promise;
      return echoOf(text);
    },
  }, api);
  await api.called("getUpdates");
  api.push(message("/cvd BTC"));
  await api.called("getUpdates", 2);
  const handing = old.bot.handOver(10_000);
  slow.resolve();
  const next = await handing;
  equal(next, 101);
  api.push(message("/cvd ETH"));
  equal(api.of("sendMessage").length, 1);
  ok(await old.bot.tell(OWNER, "what is to be said is still said"));

  const asked: string[] = [];
  const bot = createBot({
    ...{ token: TOKEN, apiRoot: api.root, allowedUsers: [OWNER], commands: [], now: () => 0 },
    answer(text) {
      asked.push(text);
      return Promise.resolve(echoOf(text));
    },
    log: { info() {}, warn() {}, error() {} },
  });
  const lifetime = new AbortController();
  const done = bot.run(lifetime.signal, next);
  await api.called("sendMessage", 3);
  deepEqual(asked, ["/cvd ETH"]);
  lifetime.abort();
  await done;
});

Deno.test("what was taken when the bot is told to stop is still answered", async () => {
  const slow = Promise.withResolvers<Reply>();
  await using api = new FakeBotApi();
  const bot = start({ answer: () => slow.promise }, api);
  await api.called("getUpdates");
  api.push(message("/cvd BTC"));
  await api.called("getUpdates", 2);
  const stopped = bot.stop();
  slow.resolve(echoOf("in time"));
  await stopped;
  deepEqual(api.of("sendMessage").length, 1);
});

Deno.test("an answer that does not come holds nobody up for longer than was said", async () => {
  const stuck = Promise.withResolvers<Reply>();
  await using bot = start({ answer: () => stuck.promise });
  bot.api.push(message("/cvd"));
  await bot.api.called("getUpdates", 2);
  equal(await bot.bot.handOver(20), 101);
  stuck.resolve(echoOf("late"));
});

Deno.test("a bot that is not up yet hands over what it was given, and never begins to ask", async () => {
  const api = new FakeBotApi();
  api.refuse("getMe", { code: 500, description: "Internal" });
  const bot = createBot({
    ...{ token: TOKEN, apiRoot: api.root, allowedUsers: [OWNER], commands: [], now: () => 0 },
    answer: (text) => Promise.resolve(echoOf(text)),
    log: { info() {}, warn() {}, error() {} },
    sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
  });
  const lifetime = new AbortController();
  const done = bot.run(lifetime.signal, 7);
  equal(await bot.handOver(1_000), 7);
  await api.called("setMyCommands");
  lifetime.abort();
  await done;
  equal(api.of("getUpdates").length, 0);
  await api[Symbol.asyncDispose]();
});

Deno.test("with a webhook, too, a hand-over waits for the answers to what was taken", async () => {
  const slow = Promise.withResolvers<void>();
  await using bot = start({
    webhook: { url: "https://tape.example/hook", secret: "s" },
    async answer(text) {
      await slow.promise;
      return echoOf(text);
    },
  });
  await bot.api.called("setWebhook");
  ok(bot.bot.take({ update_id: 5, ...message("/cvd") }));
  let isOver = false;
  const handing = bot.bot.handOver(10_000).then(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(isOver, false);
  slow.resolve();
  await handing;
  equal(bot.api.of("sendMessage").length, 1);
});

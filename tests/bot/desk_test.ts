import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Reply } from "../../lib/reply/command.ts";
import type { Chart } from "../../lib/reply/chart/chart.ts";
import { zoneNamed } from "../../lib/reply/zone.ts";
import { readPng } from "../reply/chart/png_reader.ts";
import { FakeBotApi } from "./fake_bot_api.ts";
import { echoOf, message, OWNER, press, start } from "./running.ts";

const CHART: Chart = {
  title: "BTC <CVD>",
  footer: "60/60 min · 2 s old",
  fromMs: 0,
  toMs: 3_600_000,
  stepMs: 60_000,
  panels: [],
};

/** Answers with a picture what asks for one. */
function answer(text: string): Promise<Reply> {
  const reply = echoOf(text);
  return Promise.resolve(text.endsWith("chart") ? { ...reply, chart: CHART } : reply);
}

const onPhoto = {
  message: { message_id: 33, date: 1, chat: { id: OWNER, type: "private" }, photo: [{}] },
};

Deno.test("a chart comes as a photo with a short caption and the same buttons", async () => {
  await using bot = start({ answer });
  bot.api.push(message("/cvd chart"));
  const [sent] = await bot.api.called("sendPhoto");
  equal(sent?.body.chat_id, String(OWNER));
  equal(sent?.body.caption, "<b>BTC &lt;CVD&gt;</b>\n60/60 min · 2 s old");
  equal(sent?.body.parse_mode, "HTML");
  deepEqual(JSON.parse(String(sent?.body.reply_parameters)), {
    message_id: 11,
    allow_sending_without_reply: true,
  });
  deepEqual(JSON.parse(String(sent?.body.reply_markup)), {
    inline_keyboard: [[{ text: "Again", callback_data: "/cvd chart" }]],
  });
  const photo = Object.values(sent?.body ?? {}).find((value) => value instanceof Uint8Array);
  ok(photo);
  equal((await readPng(photo)).width, 960);
  equal(bot.api.of("sendMessage").length, 0);
});

Deno.test("a chart in a topic stays in the topic", async () => {
  await using bot = start({ answer });
  const topic = { chat: { id: -5, type: "supergroup" }, is_topic_message: true };
  bot.api.push(message("/cvd chart", { ...topic, message_thread_id: 77 }));
  const [sent] = await bot.api.called("sendPhoto");
  equal(sent?.body.message_thread_id, "77");
});

Deno.test("the chart button under a text sends a photo and leaves the text", async () => {
  await using bot = start({ answer });
  bot.api.push(press("/cvd chart"));
  const [sent] = await bot.api.called("sendPhoto");
  equal(sent?.body.reply_parameters, undefined);
  equal(bot.api.of("editMessageText").length, 0);
});

Deno.test("a button under a photo puts the new picture into it, with its time", async () => {
  await using bot = start({ answer });
  bot.api.push(press("/cvd 5m chart", onPhoto));
  const [edited] = await bot.api.called("editMessageMedia");
  equal(edited?.body.message_id, "33");
  const media = JSON.parse(String(edited?.body.media));
  equal(media.type, "photo");
  ok(media.caption.endsWith("updated 00:00:00 UTC"), media.caption);
  equal(bot.api.of("sendPhoto").length, 0);
});

Deno.test("a picture that cannot be put into its message is sent anew", async () => {
  for (const [code, description] of [[400, "Bad Request: message can't be edited"], [404, "No"]]) {
    await using bot = start({ answer });
    bot.api.refuse("editMessageMedia", { code: Number(code), description: String(description) });
    bot.api.push(press("/cvd chart", onPhoto));
    await bot.api.called("sendPhoto");
  }
});

Deno.test("a text asked under a photo is sent below it", async () => {
  await using bot = start({ answer });
  bot.api.push(press("/cvd", onPhoto));
  const [sent] = await bot.api.called("sendMessage");
  equal(sent?.body.text, "<b>/cvd</b>");
  equal(bot.api.of("editMessageText").length, 0);
});

Deno.test("where pictures are refused the numbers come, and a line in the log", async () => {
  await using bot = start({ answer });
  bot.api.refuse("sendPhoto", { code: 400, description: "Bad Request: not enough rights" });
  bot.api.push(message("/cvd chart"));
  const [sent] = await bot.api.called("sendMessage");
  equal(
    sent?.body.text,
    "The picture could not be sent; these are the numbers\n\n<b>/cvd chart</b>",
  );
  ok(bot.logged.some((line) => line.startsWith("warn Cannot send a picture")));
  equal(bot.counted.get("failed"), undefined);
});

Deno.test("a command is told who asks", async () => {
  await using bot = start({ allowedUsers: [OWNER, 43] });
  bot.api.push(message("/cvd"));
  const guest = { from: { id: 43, is_bot: false, first_name: "G" } };
  bot.api.push(message("/cvd", { ...guest, chat: { id: -5, type: "group" } }));
  bot.api.push(press("/help"));
  await bot.api.called("sendMessage", 2);
  await bot.api.called("editMessageText");
  deepEqual(bot.questions.map((question) => question.asker), [
    { id: "tg:42", owner: true, privateChat: true },
    { id: "tg:43", owner: false, privateChat: false },
    { id: "tg:42", owner: true, privateChat: true },
  ]);
});

const bots = { id: 7, is_bot: true, first_name: "Tape", username: "tape_bot" };

Deno.test("a reply to a message of ours names the command behind it", async () => {
  await using bot = start();
  bot.api.push(message("/cvd BTC 5m"));
  await bot.api.called("sendMessage");
  bot.api.push(message("/why", { reply_to_message: { message_id: 900, from: bots } }));
  await bot.api.called("sendMessage", 2);
  deepEqual(bot.questions.map((question) => question.about), [null, "/cvd BTC 5m"]);
});

Deno.test("after an edit the command behind a message is the newer one", async () => {
  await using bot = start();
  bot.api.push(press("/cvd ETH 1m"));
  await bot.api.called("editMessageText");
  bot.api.push(message("/why", { reply_to_message: { message_id: 33, from: bots } }));
  await bot.api.called("sendMessage");
  equal(bot.questions[1]?.about, "/cvd ETH 1m");
});

Deno.test("what we do not remember is asked of the Refresh button", async () => {
  await using bot = start();
  const inline_keyboard = [
    [{ text: "5m", callback_data: "/cvd BTC 5m" }],
    [{ text: "Refresh", callback_data: "/cvd BTC 15m" }],
  ];
  const ours = { message_id: 5, from: bots, reply_markup: { inline_keyboard } };
  bot.api.push(message("/why", { reply_to_message: ours }));
  bot.api.push(message("/why", { reply_to_message: { ...ours, from: { ...bots, id: 8 } } }));
  await bot.api.called("sendMessage", 2);
  deepEqual(bot.questions.map((question) => question.about), ["/cvd BTC 15m", null]);
});

Deno.test("the time of an update is the asker's", async () => {
  const tokyo = zoneNamed("Asia/Tokyo");
  ok(tokyo);
  await using bot = start({ zone: () => Promise.resolve(tokyo) });
  bot.api.push(press("/cvd"));
  const [edited] = await bot.api.called("editMessageText");
  equal(edited?.body.text, "<b>/cvd</b>\nupdated 09:00:00 Tokyo");
});

Deno.test("a zone that cannot be read is UTC", async () => {
  await using bot = start({ zone: () => Promise.reject(new Error("Cannot read")) });
  bot.api.push(press("/cvd"));
  const [edited] = await bot.api.called("editMessageText");
  ok(String(edited?.body.text).endsWith("UTC"));
});

Deno.test("a group that moved is followed to its new id", async () => {
  await using bot = start();
  bot.api.refuse("sendMessage", {
    code: 400,
    description: "Bad Request: group moved",
    movedTo: -9,
  });
  bot.api.push(message("/cvd", { chat: { id: -5, type: "group" } }));
  const calls = await bot.api.called("sendMessage", 2);
  deepEqual(calls.map((call) => call.body.chat_id), [-5, -9]);
});

Deno.test("the bot tells somebody something, and whether it arrived", async () => {
  await using bot = start();
  await bot.api.called("getUpdates");
  const buttons = [[{ label: "Status", ask: "/status" }]];
  equal(await bot.bot.tell(OWNER, "<b>Hole</b>", { buttons, silent: true }), true);
  deepEqual(bot.api.of("sendMessage")[0]?.body, {
    chat_id: OWNER,
    text: "<b>Hole</b>",
    parse_mode: "HTML",
    disable_notification: true,
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: [[{ text: "Status", callback_data: "/status" }]] },
  });
  bot.api.refuse("sendMessage", { code: 403, description: "Forbidden: bot was blocked" });
  equal(await bot.bot.tell(OWNER, "again"), false);
});

Deno.test("telling waits its turn, is bounded, and is no error where there is no bot", async () => {
  const api = new FakeBotApi();
  const bot = start({}, api);
  equal(await bot.bot.tell(OWNER, "too early"), false);
  await api.called("getUpdates");
  const told = Array.from({ length: 12 }, (_, i) => bot.bot.tell(OWNER, `${i}`));
  deepEqual((await Promise.all(told)).filter(Boolean).length, 8);
  ok(bot.slept.some((ms) => ms > 500), "no pause");
  await bot[Symbol.asyncDispose]();
  equal(await bot.bot.tell(OWNER, "too late"), false);
});

Deno.test("a press without a message id is answered with a new message", async () => {
  await using bot = start();
  const chat = { id: OWNER, type: "private" };
  bot.api.push(press("/cvd", { message: { date: 1, chat } }));
  await bot.api.called("sendMessage");
});

Deno.test("that a chat has too many questions waiting is said once, behind their answers", async () => {
  const gate = Promise.withResolvers<void>();
  await using bot = start({
    async answer(text) {
      await gate.promise;
      return echoOf(text);
    },
  });
  for (let i = 0; i < 12; i++) bot.api.push(message(`/cvd ${i}`, { message_id: 20 + i }));
  bot.api.push(press("/cvd 12"));
  const elsewhere = { chat: { id: -5, type: "group" } };
  bot.api.push(message("/help", elsewhere));
  await bot.api.called("getUpdates", 2);
  gate.resolve();
  const sent = await bot.api.called("sendMessage", 10);
  const here = sent.filter(({ body }) => body.chat_id === OWNER);
  equal(here.length, 9);
  match(String(here.at(-1)?.body.text), /ask again what stays unanswered/);
  deepEqual(here.at(-1)?.body.reply_parameters, {
    message_id: 28,
    allow_sending_without_reply: true,
  });
  equal(bot.counted.get("dropped"), 5);
  // In its turn, as any other message.
  ok(bot.slept.length > 5);
  bot.api.push(message("/cvd 13"));
  await bot.api.called("sendMessage", 11);
  equal(bot.api.of("sendMessage").at(-1)?.body.text, "<b>/cvd 13</b>");
});

Deno.test("where a topic is gone the answer comes without it, text or picture", async () => {
  await using bot = start({ answer });
  const description = "Bad Request: message thread not found";
  const forum = { chat: { id: -5, type: "supergroup" }, is_topic_message: true };
  for (const [text, method] of [["/cvd", "sendMessage"], ["/cvd chart", "sendPhoto"]] as const) {
    bot.api.refuse(method, { code: 400, description });
    bot.api.push(message(text, { ...forum, message_thread_id: 77 }));
    const [first, second] = await bot.api.called(method, 2);
    equal(Number(first?.body.message_thread_id), 77);
    ok(second && !("message_thread_id" in second.body));
    ok("reply_parameters" in second.body);
  }
  equal(bot.counted.get("failed"), undefined);
});

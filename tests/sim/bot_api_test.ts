/** The simulated Bot API refuses what Telegram refuses, in Telegram's words. */
import * as assert from "../assert.ts";
import { type BotApi, startBotApi } from "./bot_api.ts";
import { parseHtml } from "./bot/html.ts";
import { isRecord } from "./engine/faults.ts";

const TOKEN = "123:abc";

async function call(api: BotApi, method: string, params: unknown = {}, token = TOKEN) {
  const response = await fetch(`${api.root}/bot${token}/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(params),
  });
  const body: unknown = await response.json();
  assert.ok(isRecord(body));
  assert.equal(body.ok === true ? 200 : body.error_code, response.status);
  return body;
}

async function updates(api: BotApi, params: unknown = {}): Promise<Record<string, unknown>[]> {
  const { result } = await call(api, "getUpdates", params);
  return Array.isArray(result) ? result.filter(isRecord) : [];
}

Deno.test("HTML is read as Telegram reads it, and refused where Telegram refuses it", () => {
  const good = '<b>BTC</b> &lt;1 &amp; <code class="language-x">a&#39;b</code> R&D 2 > 1';
  assert.deepEqual(parseHtml(good), { ok: true, text: "BTC <1 & a'b R&D 2 > 1" });
  const bad: [string, RegExp][] = [
    ["<table>", /Unsupported start tag "table" at byte offset 0/],
    ["é<b>x</i>", /Unmatched end tag at byte offset 6, expected "<\/b>", found "<\/i>"/],
    ["<b>x", /Can't find end tag corresponding to start tag "b"/],
    ["x</b>", /Unexpected end tag/],
    ["1 <2", /Unclosed start tag at byte offset 2/],
    ["<span>x</span>", /Unsupported start tag "span"/],
  ];
  for (const [html, reason] of bad) {
    const parsed = parseHtml(html);
    assert.ok(!parsed.ok);
    assert.match(parsed.reason, reason);
  }
});

Deno.test("A user asks, the bot polls and answers, and an offset forgets what was read", async () => {
  await using api = await startBotApi({ token: TOKEN });
  const user = api.user(7);
  const waiting = updates(api, { timeout: 5 });
  user.send("/cvd BTC");
  const [update] = await waiting;
  assert.ok(isRecord(update?.message));
  assert.equal(update.message.text, "/cvd BTC");
  const again = await updates(api);
  assert.equal(again.length, 1);
  assert.equal((await updates(api, { offset: Number(update.update_id) + 1 })).length, 0);
  const keyboard = [[{ text: "5m", callback_data: "/cvd BTC 5m" }]];
  await call(api, "sendMessage", {
    chat_id: 7,
    text: "<b>CVD</b>",
    parse_mode: "HTML",
    reply_markup: { inline_keyboard: keyboard },
  });
  assert.equal(user.messages()[0]?.text, "CVD");
  const id = user.press("5m");
  const [pressed] = await updates(api);
  assert.ok(isRecord(pressed?.callback_query));
  assert.equal(pressed.callback_query.data, "/cvd BTC 5m");
  assert.equal((await call(api, "answerCallbackQuery", { callback_query_id: id })).ok, true);
  assert.equal((await call(api, "answerCallbackQuery", { callback_query_id: id })).ok, false);
});

Deno.test("Messages keep their limits, and an edit must change something", async () => {
  await using api = await startBotApi({ token: TOKEN });
  api.user(7);
  const send = (params: Record<string, unknown>) =>
    call(api, "sendMessage", { chat_id: 7, ...params });
  const why = async (answer: Promise<Record<string, unknown>>) =>
    String((await answer).description);
  assert.match(await why(send({ text: "" })), /message text is empty/);
  assert.match(await why(send({ text: "x".repeat(4097) })), /message is too long/);
  const dressed = `<b>${"x".repeat(4096)}</b>`;
  assert.equal((await send({ text: dressed, parse_mode: "HTML" })).ok, true);
  assert.match(await why(send({ text: "<b>", parse_mode: "HTML" })), /can't parse entities/);
  assert.match(await why(send({ chat_id: 8, text: "x" })), /chat not found/);
  const long = { inline_keyboard: [[{ text: "x", callback_data: "é".repeat(33) }]] };
  assert.match(await why(send({ text: "x", reply_markup: long })), /BUTTON_DATA_INVALID/);
  await send({ text: "one" });
  const message_id = api.sent.at(-1)?.messageId;
  const edit = { chat_id: 7, message_id, text: "one" };
  assert.match(await why(call(api, "editMessageText", edit)), /message is not modified/);
  assert.equal((await call(api, "editMessageText", { ...edit, text: "two" })).ok, true);
  assert.equal(api.sent.at(-1)?.text, "two");
  await call(api, "deleteMessage", { chat_id: 7, message_id });
  assert.match(await why(call(api, "deleteMessage", edit)), /message to delete not found/);
});

Deno.test("Tokens, second pollers, webhooks, blocks and moved groups are refused", async () => {
  await using api = await startBotApi({ token: TOKEN });
  assert.equal((await call(api, "getMe", {}, "1:no")).error_code, 401);
  assert.equal((await call(api, "noSuchThing")).error_code, 404);
  const first = call(api, "getUpdates", { timeout: 5 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = call(api, "getUpdates", { timeout: 1 });
  assert.equal((await first).error_code, 409);
  assert.equal((await second).ok, true);
  await call(api, "setWebhook", { url: "https://example.org/hook" });
  assert.equal((await call(api, "getUpdates")).error_code, 409);
  await call(api, "deleteWebhook");
  api.user(7);
  api.block(7);
  assert.equal((await call(api, "sendMessage", { chat_id: 7, text: "x" })).error_code, 403);
  api.member(7, -5);
  api.migrate(-5, -1_000_000_000_005);
  const moved = await call(api, "sendMessage", { chat_id: -5, text: "x" });
  assert.deepEqual(moved.parameters, { migrate_to_chat_id: -1_000_000_000_005 });
});

Deno.test("A webhook gets its secret, and an update that failed comes with the next one", async () => {
  await using api = await startBotApi({ token: TOKEN });
  const seen: string[] = [];
  let failures = 1;
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(listen, async (request) => {
    const body: unknown = await request.json();
    if (failures-- > 0) return new Response("no", { status: 500 });
    const text = isRecord(body) && isRecord(body.message) ? String(body.message.text) : "";
    seen.push(`${request.headers.get("X-Telegram-Bot-Api-Secret-Token")} ${text}`);
    return new Response("ok");
  });
  const url = `http://127.0.0.1:${server.addr.port}/hook`;
  await call(api, "setWebhook", { url, secret_token: "s3" });
  const user = api.user(7);
  for (const text of ["/one", "/two", "/three"]) user.send(text);
  await api.settle();
  assert.deepEqual(seen, ["s3 /one", "s3 /two"]);
});

Deno.test("Calls fail, are dropped before or after, and the network goes away, on demand", async () => {
  await using api = await startBotApi({ token: TOKEN });
  api.user(7);
  const send = (text: string) => call(api, "sendMessage", { chat_id: 7, text });
  api.fail({ method: "sendMessage", code: 429, retryAfter: 3 });
  assert.deepEqual((await send("a")).parameters, { retry_after: 3 });
  api.fail({ method: "sendMessage", drop: "before" });
  await assert.rejects(send("b"));
  api.fail({ method: "sendMessage", drop: "after" });
  await assert.rejects(send("c"));
  await send("d");
  assert.deepEqual(api.sent.map((sent) => sent.text), ["c", "d"]);
  await api.offline();
  await assert.rejects(send("e"));
  api.online();
  await send("f");
  assert.equal(api.sent.at(-1)?.text, "f");
});

Deno.test("Flood limits answer 429 with the seconds to wait", async () => {
  let nowMs = 1_800_000_000_000;
  await using api = await startBotApi({ token: TOKEN, limits: true, now: () => nowMs });
  api.user(7);
  const send = () => call(api, "sendMessage", { chat_id: 7, text: "x" });
  for (let nth = 0; nth < 5; nth++) assert.equal((await send()).ok, true);
  assert.deepEqual((await send()).parameters, { retry_after: 5 });
  nowMs += 5001;
  assert.equal((await send()).ok, true);
});

Deno.test("A photo comes as a form, and must be a picture", async () => {
  await using api = await startBotApi({ token: TOKEN });
  const user = api.user(7);
  const post = async (bytes: number[]) => {
    const body = new FormData();
    body.set("chat_id", "7");
    body.set("caption", "<i>BTC</i>");
    body.set("parse_mode", "HTML");
    body.set("photo", "attach://file0");
    body.set("file0", new Blob([new Uint8Array(bytes)]), "chart.png");
    const response = await fetch(`${api.root}/bot${TOKEN}/sendPhoto`, { method: "POST", body });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await post([0x89, 0x50, 0x4e, 0x47, 1, 2]), 200);
  assert.equal(await post([1, 2, 3, 4]), 400);
  const [photo] = user.messages();
  assert.equal(photo?.text, "BTC");
  assert.equal(photo?.photo?.length, 6);
});

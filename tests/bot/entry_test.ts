/** Who gets in, seen from Telegram's side. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Members } from "../../lib/bot/entry/guard.ts";
import { message, OWNER, press, start, STRANGER, stranger } from "./running.ts";

const TOKEN = "abcDEF_-0123456789abcd";
const group = { chat: { id: -5, type: "supergroup" } };
const visitor = { ...stranger, chat: { id: STRANGER, type: "private" } };

function book(): Members & { readonly users: Set<number>; readonly groups: Set<number> } {
  const users = new Set<number>();
  const groups = new Set<number>();
  return {
    ...{ users, groups },
    has: (id) => users.has(id),
    allows: (id) => groups.has(id),
    refused: () => {},
    redeem(token, id) {
      if (token !== TOKEN) return Promise.resolve(false);
      users.add(id);
      return Promise.resolve(true);
    },
    moved(fromId, toId) {
      const wasAllowed = groups.delete(fromId);
      if (wasAllowed) groups.add(toId);
      return Promise.resolve(wasAllowed);
    },
  };
}

Deno.test("a stranger with an invitation is answered, and from then on as a member", async () => {
  await using bot = start({ members: book() });
  bot.api.push(message(`/start ${TOKEN}`, visitor));
  await bot.api.called("sendMessage");
  bot.api.push(message("/cvd", visitor));
  await bot.api.called("sendMessage", 2);
  deepEqual(bot.asked, [`/start ${TOKEN}`, "/cvd"]);
  deepEqual(bot.questions.map(({ asker }) => asker.owner), [false, false]);
  equal(bot.counted.get("refused"), undefined);
});

Deno.test("a forged invitation is a refusal like any other, once a day", async () => {
  await using bot = start({ members: book() });
  for (let i = 0; i < 8; i++) bot.api.push(message(`/start ${"x".repeat(16 + i)}`, visitor));
  // In a group an invitation is nothing at all.
  bot.api.push(message(`/start ${TOKEN}`, { ...stranger, ...group }));
  bot.api.push(message("/help"));
  const sent = await bot.api.called("sendMessage", 2);
  deepEqual(bot.asked, ["/help"]);
  const refusals = sent.filter(({ body }) => String(body.text).includes("owner only"));
  equal(refusals.length, 1);
});

Deno.test("a group is silent until the owner allows it, and says so once", async () => {
  const members = book();
  await using bot = start({ members, allowedUsers: [OWNER, 43] });
  const member = { from: { id: 43, is_bot: false, first_name: "M" }, ...group };
  bot.api.push(message("/cvd", member));
  bot.api.push(message("/cvd", member));
  bot.api.push(message("/users@tape_bot allow", group));
  const [told, answered] = await bot.api.called("sendMessage", 2);
  match(String(told?.body.text), /not allowed yet: the owner writes \/users allow here/);
  match(String(answered?.body.text), /users/);
  deepEqual(bot.questions.map(({ groupId }) => groupId), [-5]);
  members.groups.add(-5);
  bot.api.push(message("/cvd", member));
  await bot.api.called("sendMessage", 3);
  deepEqual(bot.asked, ["/users@tape_bot allow", "/cvd"]);
});

Deno.test("an allowed group stays allowed when it becomes a supergroup", async () => {
  const members = book();
  members.groups.add(-5).add(-6);
  await using bot = start({ members });
  const service = (id: number, more: object) => message("", { chat: { id }, ...more });
  const question = (id: number) => message("/cvd", { chat: { id, type: "supergroup" } });
  bot.api.push(service(-5, { text: undefined, migrate_to_chat_id: -105 }));
  bot.api.push(question(-105));
  bot.api.push(service(-106, { text: undefined, migrate_from_chat_id: -6 }));
  bot.api.push(question(-106));
  // One that was not allowed is not allowed by moving.
  bot.api.push(service(-107, { text: undefined, migrate_from_chat_id: -7 }));
  bot.api.push(question(-107));
  bot.api.push({ message: { migrate_to_chat_id: -8 } });
  bot.api.push(question(-5));
  const sent = await bot.api.called("sendMessage", 4);
  const refused = sent.filter(({ body }) => String(body.text).includes("not allowed yet"))
    .map(({ body }) => body.chat_id);
  deepEqual(refused.toSorted(), [-107, -5]);
  equal(bot.asked.length, 2);
  deepEqual([...members.groups], [-105, -106]);
});

Deno.test("who asks too often is told once and then ignored for a while", async () => {
  let steadyMs = 0;
  await using bot = start({ clock: () => steadyMs });
  // In steps, for a lane holds eight.
  for (let i = 0; i < 30; i++) {
    bot.api.push(press("/cvd"));
    await bot.api.called("editMessageText", i + 1);
    // What Telegram's own limits cost is not of interest here.
    steadyMs += 0.001;
  }
  for (let i = 0; i < 5; i++) bot.api.push(press("/cvd"));
  bot.api.push(message("/help", stranger));
  await bot.api.called("sendMessage");
  const alerts = bot.api.of("answerCallbackQuery").filter(({ body }) => body.show_alert === true);
  deepEqual(alerts.map(({ body }) => body.text), ["Too many questions at once: wait a little"]);
  equal(bot.asked.length, 30);
});

Deno.test("with a webhook Telegram is told where to bring updates, and nothing is polled", async () => {
  const webhook = { url: "https://bot.example.org/hook", secret: "s3cret-S3CRET" };
  await using bot = start({ webhook });
  const [set] = await bot.api.called("setWebhook");
  deepEqual(set?.body, {
    url: webhook.url,
    secret_token: webhook.secret,
    max_connections: 10,
    allowed_updates: ["message", "callback_query"],
  });
  equal(bot.bot.username, "tape_bot");
  equal(bot.bot.take({ update_id: 5, ...message("/cvd") }), true);
  // Brought again, because our answer was lost on the way.
  equal(bot.bot.take({ update_id: 5, ...message("/cvd") }), true);
  await bot.api.called("sendMessage");
  const moved = { update_id: 6, message: { chat: { id: -5 }, migrate_to_chat_id: "-105" } };
  const unread = { update_id: 6, message: { chat: 5, text: 1 } };
  for (const junk of [null, 5, "x", [], {}, unread, moved]) {
    equal(bot.bot.take(junk), true, JSON.stringify(junk));
  }
  deepEqual(bot.asked, ["/cvd"]);
  equal(bot.api.of("getUpdates").length, 0);
  await bot.stop();
  equal(bot.bot.take({ update_id: 7, ...message("/cvd") }), false, "to be brought again");
  equal(bot.bot.username, null);
  ok(!bot.logged.join().includes(webhook.secret));
});

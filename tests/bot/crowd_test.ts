import { equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeDesk } from "../commands/setting.ts";
import { tapeOf } from "../commands/tape_of.ts";
import { fakeSource } from "../market/fake_source.ts";
import { message, start } from "./running.ts";

const USERS = Array.from({ length: 20 }, (_, i) => 1000 + i);

/** A bot whose commands work on a day of four markets. */
function crowded(atOnce: { now: number; most: number }) {
  const buckets = tapeOf(26, (ago) => ({ c: 10_000 + Math.sin(ago), more: { oiBase: 5000 } }));
  const venues = ["a-spot", "b-spot", "a-perp", "b-perp"];
  const source = fakeSource({ series: venues.map((venue) => ({ venue, buckets })) });
  const desk = fakeDesk(["BTC"]);
  return start({
    allowedUsers: USERS,
    async answer(text, question) {
      atOnce.most = Math.max(atOnce.most, ++atOnce.now);
      try {
        return await answer(text, { source, commands, desk, ...question });
      } finally {
        atOnce.now--;
      }
    },
  });
}

function ask(id: number, text: string) {
  return message(text, {
    from: { id, is_bot: false, first_name: "U" },
    chat: { id, type: "private" },
  });
}

Deno.test("twenty users at once are all answered, and nothing else waits for long", async () => {
  const atOnce = { now: 0, most: 0 };
  await using bot = crowded(atOnce);
  // Once before, so that what is measured is not the compiler.
  bot.api.push(ask(1000, "/cvd BTC 15m"));
  await bot.api.called("sendMessage", 1);
  let [last, longestMs] = [performance.now(), 0];
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  }, 1);
  for (const id of USERS) bot.api.push(ask(id, "/cvd BTC 15m"));
  await bot.api.called("sendMessage", 21);
  clearInterval(timer);
  equal(new Set(bot.api.of("sendMessage").map((call) => call.body.chat_id)).size, 20);
  ok(atOnce.most <= 8, `${atOnce.most} at once`);
  // Measured at 10 ms; what a loaded machine makes of it is not ours.
  ok(longestMs < 150, `${longestMs} ms`);
  equal(bot.counted.get("dropped"), undefined);
});

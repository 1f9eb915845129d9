/** Hostile updates through the bot, to a Bot API that refuses what Telegram refuses. */
import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { createBot } from "../../lib/bot/bot.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeDesk, setting } from "../commands/setting.ts";
import { fakeSource } from "../market/fake_source.ts";
import { startBotApi } from "../sim/bot_api.ts";
import { Dice } from "../dice.ts";
import { HOSTILE_ASSET, hostileText, hostileWord } from "./hostile.ts";

const TOKEN = "123:SECRET";
const USERS = Array.from({ length: 60 }, (_, i) => 1000 + i);
/** A command of another bot: silence is the right answer. */
const FOR_ANOTHER = /^\/\w+@tape_bot(?=\s|$)/;
const STRANGERS = Array.from({ length: 20 }, (_, i) => 5000 + i);

Deno.test("hostile messages and forged buttons are answered, or not, but never wrongly", async () => {
  const dice = new Dice(77);
  await using telegram = await startBotApi({ token: TOKEN });
  const source = fakeSource({
    series: [{ venue: "binance-perp", base: HOSTILE_ASSET, latest: { price: 1, tradeMs: 0 } }],
  });
  const desk = fakeDesk(["BTC"]);
  const faults: string[] = [];
  const controller = new AbortController();
  let steadyMs = 0;
  const counted = new Map<string, number>();
  const bot = createBot({
    token: TOKEN,
    apiRoot: telegram.root,
    allowedUsers: USERS,
    commands,
    answer: (text, question) =>
      answer(text, { ...setting({ commands, source, desk }), ...question }),
    log: {
      info() {},
      warn: (message, fields) => {
        if (message !== "Refused a stranger") faults.push(`${message} ${Deno.inspect(fields)}`);
      },
      error: (message, fields) => void faults.push(`${message} ${Deno.inspect(fields)}`),
    },
    now: () => Date.UTC(2026, 10, 20, 12),
    clock: () => steadyMs += 5000,
    sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
    metrics: { count: (event) => void counted.set(event, (counted.get(event) ?? 0) + 1) },
  });
  const done = bot.run(controller.signal);
  while (bot.username === null) await new Promise((resolve) => setTimeout(resolve, 2));
  for (const id of [...USERS, ...STRANGERS]) telegram.user(id);
  let [nth, wanted, strangers] = [0, 0, 0];
  for (let round = 0; round < 8; round++) {
    for (const id of [...USERS, ...STRANGERS]) {
      const chat = { id, type: "private" };
      const from = { id, is_bot: false, first_name: hostileWord(dice) };
      const text = hostileText(dice).toWellFormed() || "/help";
      nth++;
      const isMessage = dice.below(3) !== 0;
      if (!isMessage) {
        // A button that we never made, on a message that is long gone: expired for Telegram.
        const message = { message_id: dice.below(1e9), date: dice.below(2), chat };
        telegram.push({
          callback_query: { id: `forged${nth}`, chat_instance: "1", from, data: text, message },
        });
      } else telegram.push({ message: { message_id: nth, date: 1, text, from, chat } });
      if (!(isMessage && FOR_ANOTHER.test(text))) {
        wanted++;
        if (STRANGERS.includes(id)) strangers++;
      }
    }
    const untilMs = performance.now() + 20_000;
    const over = () =>
      (counted.get("answered") ?? 0) + (counted.get("refused") ?? 0) + (counted.get("failed") ?? 0);
    while (over() < wanted) {
      ok(performance.now() < untilMs, `${over()} of ${wanted}: ${faults.slice(0, 3)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  controller.abort();
  await done;
  deepEqual(faults, []);
  equal(counted.get("failed"), undefined);
  equal(counted.get("refused"), strangers);
  const refused = telegram.calls.filter(({ method }) =>
    method === "sendMessage" || method === "editMessageText"
  );
  ok(
    refused.every(({ params }) => params.parse_mode === "HTML"),
    "nothing had to be sent again plain",
  );
  for (const id of STRANGERS) {
    const heard = telegram.sent.filter(({ chatId }) => chatId === id);
    ok(heard.length <= 1 && heard.every(({ text }) => text.includes("owner only")), String(id));
  }
});

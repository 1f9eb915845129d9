import { deepEqual, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { createBot } from "../../lib/bot/bot.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeDesk } from "../commands/setting.ts";
import { tapeOf } from "../commands/tape_of.ts";
import { fakeSource } from "../market/fake_source.ts";
import { Emulator, type Sent } from "./emulator.ts";

const OWNER = 42;
const TOKEN = "123:SECRET";

async function isAvailable(): Promise<boolean> {
  await using emulator = await Emulator.start(TOKEN);
  return emulator !== null;
}

/** Waits until the bot has sent a message, or changed one, so that it passes. */
async function seen(
  api: Emulator,
  what: string,
  passes: (sent: Sent, index: number) => boolean,
): Promise<Sent> {
  const untilMs = Date.now() + 5000;
  while (Date.now() < untilMs) {
    const found = (await api.sent()).findLast(passes);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited in vain for an answer to ${what}`);
}

Deno.test({
  name: "every command and every button answers through somebody else's Bot API",
  // Without the npm package there is nothing to speak to.
  ignore: !await isAvailable(),
  async fn() {
    await using api = await Emulator.start(TOKEN);
    ok(api);
    const logged: string[] = [];
    const lifetime = new AbortController();
    const done = startBot(api, logged).run(lifetime.signal);
    let presses = 0;
    for (const { name } of commands) {
      const before = (await api.sent()).length;
      await api.write(OWNER, `/${name}`);
      const sent = await seen(api, name, (_, index) => index >= before);
      for (const ask of sent.asks) {
        presses++;
        await press(api, sent.messageId, ask);
      }
    }
    lifetime.abort();
    await done;
    ok(presses > 2 * commands.length, `${presses} presses`);
    // The emulator has neither menus nor photos.
    ok(logged.some((line) => line.startsWith("Cannot fill the command menu")));
    ok(logged.some((line) => line.startsWith("Cannot send a picture")));
    deepEqual(logged.filter((line) => /Cannot (answer|deliver|read)/.test(line)), []);
  },
});

/** A press changes its message or, where a picture is asked, sends a new one. */
async function press(api: Emulator, messageId: number, ask: string): Promise<void> {
  const before = await api.sent();
  const text = before.find((sent) => sent.messageId === messageId)?.text;
  await api.press(OWNER, messageId, ask);
  if (ask.endsWith(" chart")) {
    const { text } = await seen(api, ask, (_, index) => index >= before.length);
    ok(text.startsWith("The picture could not be sent"), text);
  } else {
    const edited = await seen(
      api,
      ask,
      (sent) => sent.messageId === messageId && sent.text !== text,
    );
    ok(edited.text.includes("updated "), edited.text);
  }
}

/** Every command, on a made-up tape; its clocks run ahead, for the limits to be soon over. */
function startBot({ root }: Emulator, logged: string[]) {
  const buckets = tapeOf(26, (ago) => ({ c: 10_000 - ago, more: { oiBase: 5000 } }));
  const source = fakeSource({
    series: [{ venue: "a-perp", buckets }, { venue: "b-spot", buckets }],
    listed: ["ETH"],
  });
  const desk = fakeDesk(["BTC"]);
  const log = (message: string, fields?: unknown) =>
    void logged.push(`${message} ${Deno.inspect(fields)}`);
  let aheadMs = 0;
  return createBot({
    token: TOKEN,
    apiRoot: root,
    allowedUsers: [OWNER],
    commands,
    answer: (text, question) => answer(text, { source, commands, desk, ...question }),
    log: { info: log, warn: log, error: log },
    now: () => Date.now() + (aheadMs += 1000),
    clock: () => performance.now() + (aheadMs += 5000),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5))),
  });
}

import { deepEqual, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import type { Service } from "../../lib/app/service.ts";
import { Stint } from "../../lib/app/stint.ts";
import { SOLE, type Tenure } from "../../lib/app/takeover/tenure.ts";
import { readConfig } from "../../lib/config.ts";
import { createLog } from "../../lib/log.ts";
import { createRegistry } from "../../lib/metrics.ts";
import { Store } from "../../lib/store/mod.ts";
import { FakeBotApi } from "../bot/fake_bot_api.ts";
import { echoOf, message, TOKEN } from "../bot/running.ts";
import { fakeDesk } from "../commands/setting.ts";
import { fakeSource } from "../market/fake_source.ts";

/** In more than one chat, for Telegram's limits hold up one. */
const TEXTS = [...commands.flatMap(({ name }) => [`/${name}`, `${name}@tape_bot now`]), "btc"];
const USERS = TEXTS.map((_, index) => 1000 + index);

function serviceOn({ root }: FakeBotApi, { records }: Store): Service {
  const env = {
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: root,
    TELEGRAM_ALLOWED_USERS: USERS.join(),
    VENUES: "a-spot",
  };
  const read = readConfig(env, ["a-spot"]);
  ok("config" in read);
  return {
    version: "0.0.0",
    config: read.config,
    log: createLog({ level: "error", write() {} }),
    metrics: createRegistry(),
    source: fakeSource({ series: [{ venue: "a-spot" }] }),
    desk: fakeDesk(),
    ready: () => ({ ready: true, reasons: [] }),
    records,
    lifetime: new AbortController(),
  };
}

Deno.test("when another process has the data, what changes it is not done", async () => {
  await using api = new FakeBotApi();
  using store = await Store.open({ path: ":memory:", retentionHours: 1, nowMs: Date.now });
  const asked: string[] = [];
  const stint = await Stint.open({
    service: serviceOn(api, store),
    ask(text) {
      asked.push(text);
      return Promise.resolve(echoOf(text));
    },
    webhook: { url: "https://tape.example/hook", secret: "s" },
    count() {},
  });
  const handedOver = Promise.withResolvers<void>();
  const tenure: Tenure = {
    ...SOLE,
    async stay(duties, signal) {
      await api.called("setWebhook");
      await duties.quiet();
      handedOver.resolve();
      return await SOLE.stay(duties, signal);
    },
  };
  const lifetime = new AbortController();
  const running = stint.run(tenure, 0, () => Promise.resolve(), lifetime.signal);
  await handedOver.promise;
  for (const [index, text] of TEXTS.entries()) {
    const id = USERS[index];
    const person = { from: { id, is_bot: false, first_name: "P" }, chat: { id, type: "private" } };
    ok(stint.bot?.take({ update_id: 1 + index, ...message(text, person) }));
  }
  const sent = await api.called("sendMessage", TEXTS.length);
  lifetime.abort();
  await running;
  const undone = sent.filter(({ body }) => String(body.text).includes("was not done"))
    .map(({ body }) => TEXTS[USERS.indexOf(Number(body.chat_id))]);
  const changing = commands.filter(({ changes }) => changes);
  ok(changing.length > 0);
  const texts = changing.flatMap(({ name }) => [`/${name}`, `${name}@tape_bot now`]);
  deepEqual(undone.toSorted(), texts.toSorted());
  deepEqual(asked.toSorted(), TEXTS.filter((text) => !texts.includes(text)).toSorted());
});

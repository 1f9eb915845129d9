/** Asks commands of alerts over a made-up market; nothing evaluates, nothing is sent. */
import { commands } from "../../commands/mod.ts";
import { Alerts } from "../../lib/alerts/alerts.ts";
import { createLog } from "../../lib/log.ts";
import { type Answer, answer } from "../../lib/reply/answer.ts";
import type { Asker } from "../../lib/reply/command.ts";
import { FakeRecords } from "../alerts/fake_records.ts";
import { fakeSource, type FakeSourceOptions } from "../market/fake_source.ts";
import { fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

export const OWNER: Asker = { id: "tg:42", owner: true, privateChat: true };
export const MEMBER: Asker = { id: "tg:43", owner: false, privateChat: true };

export interface Alerting {
  readonly alerts: Alerts;
  readonly records: FakeRecords;
  ask(text: string, asker?: Asker): Promise<Answer>;
}

/** `ownerId` is `null` where there is no Telegram. */
export async function alerting(
  options: FakeSourceOptions = {},
  ownerId: number | null = 42,
): Promise<Alerting> {
  const source = fakeSource(options);
  const records = new FakeRecords();
  const watched = source.assets();
  const alerts = new Alerts({
    ...{ source, records, watched: () => watched, ownerId, instance: "test" },
    nowMs: () => source.nowMs(),
    sleep: () => Promise.resolve(),
    log: createLog({ level: "error" }),
  });
  await alerts.load();
  return {
    alerts,
    records,
    async ask(text, asker = OWNER) {
      const desk = fakeDesk(watched);
      const reply = await answer(
        text,
        setting({ commands, source, asker, desk, alerts: alerts.desk }),
      );
      assertSound(reply);
      return reply;
    },
  };
}

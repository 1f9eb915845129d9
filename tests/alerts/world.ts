/** Alerts with what they stand on: a store, a market whose clock a test turns, and a Telegram. */
import { ok } from "../assert.ts";
import { Alerts, type AlertsOptions } from "../../lib/alerts/alerts.ts";
import type { Post } from "../../lib/alerts/deliver/courier.ts";
import { createLog } from "../../lib/log.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { FakeRecords } from "./fake_records.ts";
import { MovingSource, wildMinutes } from "./moving_source.ts";

export const OWNER = { id: "tg:1", owner: true, privateChat: true };
export const START_MS = Date.UTC(2026, 10, 20, 6);
const MINUTES = 120;

/** What all processes share: the store, the market and Telegram. */
export class World {
  readonly records = new FakeRecords();
  readonly posts: Post[] = [];
  readonly source = new MovingSource([{
    venue: "binance-perp",
    base: "BTC",
    buckets: wildMinutes({ seed: 4, fromMs: START_MS - 60 * MINUTE_MS, minutes: MINUTES }),
  }], START_MS);

  process(
    instance: string,
    isMember: (userId: number) => boolean = () => true,
    more: Partial<AlertsOptions> = {},
  ): Alerts {
    const { records, source } = this;
    const alerts = new Alerts({
      ...{ source, records, instance, ownerId: 1, watched: () => ["BTC"] },
      nowMs: () => source.now,
      sleep: () => new Promise((resolve) => setTimeout(resolve, 0)),
      log: createLog({ level: "error" }),
      ...more,
    });
    const post = (post: Post) => {
      this.posts.push(post);
      return Promise.resolve({ kind: "sent" as const, messageId: this.posts.length });
    };
    const sends = async (message: Post) => {
      await message.before?.();
      return await post(message);
    };
    const answer = () => Promise.resolve({ html: "morning", data: null });
    alerts.connect(sends, answer, isMember);
    return alerts;
  }

  /** `a1#2` of all that was told, in order. */
  told(): string[] {
    return this.posts.flatMap(({ html }) => [...html.matchAll(/a\d+#\d+/g)].map(([name]) => name));
  }
}

/** Runs a process until the work is done. */
export async function running(alerts: Alerts, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const done = alerts.run(over.signal);
  try {
    await work();
  } finally {
    over.abort();
    await done;
  }
}

export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 3_000 && !holds(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  ok(holds(), "it does not come");
}

export async function arm(alerts: Alerts, text: string, asker = OWNER): Promise<string> {
  const read = alerts.desk.understand(text);
  ok(read.kind === "rule", text);
  const armed = await alerts.desk.arm(asker, read.rule);
  ok("rule" in armed, text);
  return armed.rule.id;
}

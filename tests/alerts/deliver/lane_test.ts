/** Two lanes of work that end while more comes in: nothing is left behind between the steps. */
import { deepEqual } from "../../assert.ts";
import { Lane } from "../../../lib/alerts/deliver/lane.ts";
import { firing, START_MS } from "../firings.ts";

/** Steps of the microtask queue that an end may take; ours takes fewer than ten. */
const STEPS = 30;

Deno.test("an item that comes while the last one is settled goes out, too", async () => {
  const stuck: number[] = [];
  for (let steps = 0; steps < STEPS; steps++) {
    const [first, second] = [firing(1), firing(2)];
    const sent: string[] = [];
    const lane: Lane = new Lane({
      ...{ person: first.person, instance: "one", nowMs: () => START_MS },
      sleep: () => Promise.resolve(),
      isOver: () => false,
      commit: () => Promise.resolve(true),
      async post(items, _repeat, before) {
        await before();
        sent.push(...items.map(({ id }) => id));
        return { kind: "sent", messageId: 1 };
      },
      sent() {
        if (sent.length === 1) void later(steps).then(() => add(second));
        return [];
      },
      failed() {},
      faulty() {},
    });
    const add = (item: typeof first) => {
      lane.add(item);
      void lane.run();
    };
    add(first);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!sent.includes(second.id)) stuck.push(steps);
  }
  deepEqual(stuck, []);
});

async function later(steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await Promise.resolve();
}

import { deepEqual, equal, ok } from "../assert.ts";
import { aggregate, MINUTE_MS } from "../../lib/market/bucket.ts";
import { Store, StoreWriteError } from "../../lib/store/mod.ts";
import { BTC, ETH, failingKv, HOUR_MS, liveBuckets, NOW_MS, writeMinutes } from "./support.ts";

const OPTIONS = { path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS };
/** 08:30: whole quarters, and an hour that is not whole. */
const FROM_MS = NOW_MS - 4 * HOUR_MS - 4 * MINUTE_MS;

async function answers(store: Store): Promise<unknown> {
  return [
    await store.read(BTC, FROM_MS, NOW_MS),
    await store.read(ETH, FROM_MS, NOW_MS),
    await store.readQuarters(BTC, FROM_MS, NOW_MS),
  ];
}

Deno.test("a roll-up killed before any of its commits loses nothing, then or when run again", async () => {
  const expected = [
    liveBuckets(FROM_MS, NOW_MS),
    liveBuckets(FROM_MS, NOW_MS, 1),
    aggregate(liveBuckets(FROM_MS, NOW_MS), 15),
  ];
  let killedAt = 0;
  for (let ended = false; !ended; killedAt++) {
    using kv = await Deno.openKv(":memory:");
    await writeMinutes(new Store(kv, OPTIONS), FROM_MS, NOW_MS);
    const dying = failingKv(kv, (commit) => {
      if (commit >= killedAt) throw new Error("killed");
    });
    try {
      await new Store(dying, OPTIONS).rollUp(NOW_MS);
      ended = true;
    } catch (error) {
      ok(error instanceof StoreWriteError);
    }
    const survivor = new Store(kv, OPTIONS);
    deepEqual(await answers(survivor), expected, `killed before commit ${killedAt}`);
    await survivor.rollUp(NOW_MS);
    deepEqual(await answers(survivor), expected, `rolled up after commit ${killedAt}`);
    equal((await survivor.rollUp(NOW_MS)).hours, 0);
    equal(survivor.stats().rowsSkipped, 0);
  }
  // Hours 8 (30 minutes) and 9: each one fold and its minute rows in tens.
  equal(killedAt - 1, 1 + 3 + 1 + 6);
});

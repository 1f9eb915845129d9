import { deepEqual, equal } from "node:assert/strict";
import { Store } from "../../lib/store/mod.ts";
import { NOW_MS } from "./support.ts";

Deno.test("records are set, read, listed by prefix and deleted", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS });
  const { records } = store;
  equal(await records.get(["watch", "1"]), undefined);
  await records.set(["watch", "1"], { assets: ["BTC"], top: null });
  await records.set(["watch", "2"], ["ETH"]);
  await records.set(["rule", "1"], 7);
  deepEqual(await records.get(["watch", "1"]), { assets: ["BTC"], top: null });
  deepEqual(await Array.fromAsync(records.list(["watch"])), [
    { key: ["watch", "1"], value: { assets: ["BTC"], top: null } },
    { key: ["watch", "2"], value: ["ETH"] },
  ]);
  await records.delete(["watch", "1"]);
  equal(await records.get(["watch", "1"]), undefined);
  equal((await Array.fromAsync(records.list([]))).length, 2);
});

Deno.test("a record whose time is over is gone at once, and its row with the next roll-up", async () => {
  let nowMs = NOW_MS;
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => nowMs });
  const { records } = store;
  await records.set(["lease"], "me", 1000);
  nowMs += 999;
  equal(await records.get(["lease"]), "me");
  nowMs += 1;
  equal(await records.get(["lease"]), undefined);
  deepEqual(await Array.fromAsync(records.list([])), []);
  equal(await records.prune(nowMs), 1);
  equal(await records.prune(nowMs), 0);
  await records.set(["lease"], "you", 1000);
  await store.rollUp(nowMs);
  equal(await records.get(["lease"]), "you");
});

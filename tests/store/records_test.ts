import { deepEqual, equal } from "../assert.ts";
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

Deno.test("changes are stored together, or none of them where a condition does not hold", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS });
  const { records } = store;
  const claim = (me: string, held: unknown) =>
    records.commit("a claim", [
      { key: ["holder"], value: me, onlyIf: (now) => now === held },
      { key: ["work", me], value: 1 },
    ]);
  equal(await claim("a", undefined), true);
  equal(await claim("b", undefined), false);
  equal(await records.get(["work", "b"]), undefined);
  equal(await claim("b", "a"), true);
  equal(await records.get(["holder"]), "b");
  equal(
    await records.commit("a move", [
      { key: ["work", "a"], value: undefined },
      { key: ["done", "a"], value: true, expireInMs: 10 },
    ]),
    true,
  );
  deepEqual(await Array.fromAsync(records.list(["work"])), [{ key: ["work", "b"], value: 1 }]);
  equal(await records.get(["done", "a"]), true);
});

Deno.test("of many who want the same record at once exactly one gets it", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS });
  const { records } = store;
  const won = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    records.commit("a race", [
      { key: ["holder"], value: i, onlyIf: (now) => now === undefined },
    ])));
  equal(won.filter((one) => one).length, 1);
  equal(await records.get(["holder"]), won.indexOf(true));
});

Deno.test("records are listed backwards too", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS });
  const { records } = store;
  for (const name of ["a", "b", "c"]) await records.set(["log", name], name);
  const rows = await Array.fromAsync(records.list(["log"], { reverse: true }));
  deepEqual(rows.map(({ value }) => value), ["c", "b", "a"]);
});

import { deepEqual, equal, rejects } from "../assert.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { DiskGuard, Store, StoreWriteError } from "../../lib/store/mod.ts";
import { BTC, failingKv, HOUR_MS, liveBucket, NOW_MS, writeMinutes } from "./support.ts";

const OPTIONS = { path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS };
/** 08:30: whole quarters, and an hour that is not whole. */
const FROM_MS = NOW_MS - 4 * HOUR_MS - 4 * MINUTE_MS;

/** What SQLite says through `Deno.Kv`. */
const FULL = "database or disk is full";
const LOCKED = "database is locked";

Deno.test("on a full disk a write rejects, reading works on, and the same write works later", async () => {
  using kv = await Deno.openKv(":memory:");
  let full = false;
  const store = new Store(
    failingKv(kv, () => {
      if (full) throw new TypeError(FULL);
    }),
    OPTIONS,
  );
  await writeMinutes(store, FROM_MS, NOW_MS);
  full = true;
  const rows = [{ series: BTC, bucket: liveBucket(NOW_MS) }];
  await rejects(
    store.writeMinute(NOW_MS / MINUTE_MS, rows),
    (error) => error instanceof StoreWriteError && error.fault === "disk full",
  );
  equal(store.stats().writeErrors, 1);
  equal((await store.read(BTC, FROM_MS, NOW_MS)).length, 244);
  full = false;
  await store.writeMinute(NOW_MS / MINUTE_MS, rows);
  equal((await store.read(BTC, FROM_MS, NOW_MS + 1)).length, 245);
});

Deno.test("another process's write lock is waited for, but not for ever", async () => {
  using kv = await Deno.openKv(":memory:");
  let left = 2;
  const waitsMs: number[] = [];
  const sleep = (ms: number) => Promise.resolve(void waitsMs.push(ms));
  const store = new Store(
    failingKv(kv, () => {
      if (left-- > 0) throw new TypeError(LOCKED);
    }),
    { ...OPTIONS, sleep },
  );
  await store.records.set(["a"], 1);
  equal(await store.records.get(["a"]), 1);
  deepEqual(waitsMs, [10, 20]);
  left = 8;
  await rejects(
    store.records.set(["a"], 2),
    (error) => error instanceof StoreWriteError && error.fault === "locked",
  );
  equal(await store.records.get(["a"]), 1);
});

Deno.test("a row that another process keeps changing is given up after some tries", async () => {
  using kv = await Deno.openKv(":memory:");
  await writeMinutes(new Store(kv, OPTIONS), FROM_MS, NOW_MS);
  const minute = NOW_MS / MINUTE_MS - 1;
  const kvBehind = {
    ...failingKv(kv, () => {}),
    getMany: async <T extends readonly unknown[]>(
      keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    ) => {
      const read = await kv.getMany<T>(keys);
      const [row] = keys;
      if (row) await kv.set(row, (await kv.get(row)).value);
      return read;
    },
  };
  const store = new Store(kvBehind, OPTIONS);
  await rejects(
    store.writeMinute(minute, [{ series: BTC, bucket: liveBucket(minute * MINUTE_MS) }]),
    (error) => error instanceof StoreWriteError && error.fault === "conflict",
  );
});

Deno.test("a low disk takes no rows, a full one no records either; deletes go on", async () => {
  using kv = await Deno.openKv(":memory:");
  await writeMinutes(new Store(kv, OPTIONS), FROM_MS, NOW_MS);
  const later = NOW_MS + 40 * 24 * HOUR_MS;
  let room = false;
  const reserve = { bytes: () => 0, take: () => room, cut: () => {} };
  const disk = new DiskGuard("/nowhere/kv.sqlite3", { reserve, everyMs: 0 });
  const store = new Store(kv, { ...OPTIONS, nowMs: () => later }, disk);
  const refused = (error: unknown) =>
    error instanceof StoreWriteError && error.fault === "disk low";
  const bucket = liveBucket(later);
  const write = () => store.writeMinute(later / MINUTE_MS, [{ series: BTC, bucket }]);
  equal(store.disk, "full");
  await rejects(write(), refused);
  await rejects(store.records.set(["a"], 1), refused);
  room = true;
  equal(store.disk, "low");
  await rejects(write(), refused);
  await store.records.set(["a"], 1);
  equal((await store.rollUp(later)).expired, 244);
});

Deno.test("a KV that finds the disk full has room given back at once", async () => {
  using kv = await Deno.openKv(":memory:");
  let held = 32_000_000;
  const reserve = {
    ...{ bytes: () => held, take: () => true },
    cut: (bytes: number) => void (held = Math.min(held, bytes)),
  };
  const full = failingKv(kv, () => {
    throw new TypeError("database or disk is full");
  });
  const disk = new DiskGuard("/nowhere/kv.sqlite3", { reserve });
  const store = new Store(full, OPTIONS, disk);
  equal(store.disk, "ok");
  await rejects(
    store.records.set(["a"], 1),
    (error) => error instanceof StoreWriteError && error.fault === "disk full",
  );
  equal(store.disk, "low");
  equal(held, 20_000_000);
});

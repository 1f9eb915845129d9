import { deepEqual, equal, ok, rejects } from "../assert.ts";
import { aggregate, type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { type MinuteOfAll, Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "./small_disk.ts";
import {
  BTC,
  ETH,
  HOUR_MS,
  inTempDir,
  liveBucket,
  liveBuckets,
  NOW_MS,
  writeMinutes,
} from "./support.ts";

function memoryStore(nowMs = () => NOW_MS): Promise<Store> {
  return Store.open({ path: ":memory:", retentionHours: 72, nowMs });
}

async function collect(minutes: AsyncIterable<MinuteOfAll>): Promise<MinuteOfAll[]> {
  return await Array.fromAsync(minutes);
}

Deno.test("what was written is read back in order, for its series and its span only", async () => {
  using store = await memoryStore();
  await writeMinutes(store, NOW_MS - 5 * MINUTE_MS, NOW_MS);
  const from = NOW_MS - 4 * MINUTE_MS;
  deepEqual(await store.read(BTC, from, NOW_MS), liveBuckets(from, NOW_MS));
  deepEqual(await store.read(ETH, from, from + 1), [liveBucket(from, 1)]);
  deepEqual(await store.read({ venue: "okx-perp", symbol: "BTCUSDT" }, 0, Infinity), []);
});

Deno.test("writing a minute replaces the given series and keeps the others", async () => {
  using store = await memoryStore();
  const t = NOW_MS - MINUTE_MS;
  await writeMinutes(store, t, NOW_MS);
  const changed: Bucket = { ...liveBucket(t), c: 1, source: "repaired" };
  await store.writeMinute(t / MINUTE_MS, [{ series: BTC, bucket: changed }]);
  deepEqual(await store.read(BTC, t, NOW_MS), [changed]);
  deepEqual(await store.read(ETH, t, NOW_MS), [liveBucket(t, 1)]);
});

Deno.test("a bucket of another minute, or off the minute, is a RangeError", async () => {
  using store = await memoryStore();
  const bucket = liveBucket(NOW_MS);
  await rejects(store.writeMinute(NOW_MS / MINUTE_MS - 1, [{ series: BTC, bucket }]), RangeError);
  await rejects(store.writeSeries(BTC, [{ ...bucket, t: NOW_MS + 1 }]), RangeError);
});

Deno.test("a roll-up changes no answer: minutes, quarters, recent and spans stay equal", async () => {
  let nowMs = NOW_MS;
  using store = await memoryStore(() => nowMs);
  const from = NOW_MS - 6 * HOUR_MS;
  await writeMinutes(store, from, NOW_MS);
  const answers = async () => ({
    minutes: await store.read(BTC, from, NOW_MS),
    quarters: await store.readQuarters(ETH, from, NOW_MS),
    recent: await collect(store.recent(from)),
    spans: await store.seriesList(),
  });
  const before = await answers();
  deepEqual(await store.rollUp(NOW_MS), { hours: 4, series: 2, expired: 0 });
  deepEqual(await answers(), before);
  deepEqual(await store.rollUp(NOW_MS), { hours: 0, series: 0, expired: 0 });
  nowMs = NOW_MS + HOUR_MS;
  deepEqual(await store.rollUp(nowMs), { hours: 1, series: 2, expired: 0 });
  deepEqual(await answers(), before);
  deepEqual(before.minutes, liveBuckets(from, NOW_MS));
  deepEqual(before.spans, [
    { ...BTC, firstMs: from, lastMs: NOW_MS - MINUTE_MS },
    { ...ETH, firstMs: from, lastMs: NOW_MS - MINUTE_MS },
  ]);
});

Deno.test("a late repair of a rolled-up hour is seen at once, and in its quarter", async () => {
  using store = await memoryStore();
  const from = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;
  await writeMinutes(store, from, NOW_MS);
  await store.rollUp(NOW_MS);
  const at = from + 17 * MINUTE_MS;
  const repaired: Bucket = { ...liveBucket(at), buyBase: 999, source: "repaired" };
  const expected = liveBuckets(from, NOW_MS).map((bucket) => bucket.t === at ? repaired : bucket);
  await store.writeMinute(at / MINUTE_MS, [{ series: BTC, bucket: repaired }]);
  for (let round = 0; round < 2; round++) {
    deepEqual(await store.read(BTC, from, NOW_MS), expected);
    deepEqual(await store.readQuarters(BTC, from, NOW_MS), aggregate(expected, 15));
    deepEqual(await store.read(ETH, from, NOW_MS), liveBuckets(from, NOW_MS, 1));
    equal((await store.rollUp(NOW_MS)).hours, round === 0 ? 1 : 0);
  }
});

Deno.test("a backfill of one series goes into hours old and new, and reads as one", async () => {
  using store = await memoryStore();
  await writeMinutes(store, NOW_MS - 10 * MINUTE_MS, NOW_MS);
  const from = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 30 * HOUR_MS;
  const minutes = liveBuckets(from, NOW_MS, 2);
  await store.writeSeries(BTC, minutes);
  deepEqual(await store.read(BTC, from, NOW_MS), minutes);
  deepEqual(await store.readQuarters(BTC, from, NOW_MS), aggregate(minutes, 15));
  equal((await store.read(ETH, from, NOW_MS)).length, 10);
  await store.rollUp(NOW_MS);
  deepEqual(await store.read(BTC, from, NOW_MS), minutes);
});

Deno.test("a backfill into an hour that still has minute rows wins over them", async () => {
  using store = await memoryStore();
  const from = NOW_MS - 5 * HOUR_MS;
  await writeMinutes(store, from, from + 3 * MINUTE_MS);
  const minutes = liveBuckets(from, from + 3 * MINUTE_MS, 3);
  await store.writeSeries(BTC, minutes);
  deepEqual(await store.read(BTC, from, NOW_MS), minutes);
  await store.rollUp(NOW_MS);
  deepEqual(await store.read(BTC, from, NOW_MS), minutes);
});

Deno.test("minutes past the retention leave their quarters behind, and those go after 30 days", async () => {
  let nowMs = NOW_MS;
  using store = await memoryStore(() => nowMs);
  const from = NOW_MS - 2 * HOUR_MS;
  const minutes = liveBuckets(from, NOW_MS);
  await writeMinutes(store, from, NOW_MS);
  nowMs += 71 * HOUR_MS;
  deepEqual(await store.read(BTC, 0, Infinity), minutes.slice(60));
  await store.rollUp(nowMs);
  deepEqual(await store.read(BTC, 0, Infinity), minutes.slice(60));
  nowMs += 48 * HOUR_MS;
  deepEqual(await store.read(BTC, 0, Infinity), []);
  deepEqual(await store.seriesList(), []);
  // Hours 11 and 12 of two series; hour 10 was over before it was rolled up.
  equal((await store.rollUp(nowMs)).expired, 4);
  deepEqual(await store.readQuarters(BTC, 0, Infinity), aggregate(minutes, 15));
  nowMs += 30 * 24 * HOUR_MS;
  deepEqual(await store.readQuarters(BTC, 0, Infinity), []);
  equal((await store.rollUp(nowMs)).expired, 2);
});

Deno.test("after days of downtime minute rows still become quarters", async () => {
  let nowMs = NOW_MS;
  using store = await memoryStore(() => nowMs);
  const minutes = liveBuckets(NOW_MS - HOUR_MS, NOW_MS);
  await writeMinutes(store, NOW_MS - HOUR_MS, NOW_MS);
  nowMs += 5 * 24 * HOUR_MS;
  deepEqual(await store.rollUp(nowMs), { hours: 2, series: 2, expired: 0 });
  deepEqual(await store.read(BTC, 0, Infinity), []);
  deepEqual(await store.readQuarters(BTC, 0, Infinity), aggregate(minutes, 15));
});

Deno.test("minutes older than the retention only fill quarters, never thin one out", async () => {
  using store = await memoryStore();
  const day = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 10 * 24 * HOUR_MS;
  const minutes = liveBuckets(day, day + HOUR_MS);
  await store.writeSeries(BTC, minutes);
  deepEqual(await store.read(BTC, 0, Infinity), []);
  const quarters = aggregate(minutes, 15);
  deepEqual(await store.readQuarters(BTC, 0, Infinity), quarters);
  await store.writeSeries(BTC, minutes.slice(3, 5));
  deepEqual(await store.readQuarters(BTC, 0, Infinity), quarters);
  await store.writeSeries(BTC, liveBuckets(day - 25 * 24 * HOUR_MS, day - 25 * 24 * HOUR_MS + 1));
  deepEqual(await store.readQuarters(BTC, 0, Infinity), quarters);
});

Deno.test("400 series share a minute in parts, each under the KV's limit", async () => {
  using store = await memoryStore();
  const t = NOW_MS - 4 * HOUR_MS;
  const series = Array.from({ length: 400 }, (_, i) => ({ venue: "bybit-perp", symbol: `C${i}` }));
  await store.writeMinute(
    t / MINUTE_MS,
    series.map((one, salt) => ({ series: one, bucket: liveBucket(t, salt) })),
  );
  const check = async () => {
    for (const salt of [0, 199, 200, 399]) {
      const one = series[salt] ?? BTC;
      deepEqual(await store.read(one, t, NOW_MS), [liveBucket(t, salt)]);
    }
    equal((await store.seriesList()).length, 400);
    const [minute] = await collect(store.recent(t));
    equal(minute?.rows.length, 400);
  };
  await check();
  deepEqual(await store.rollUp(NOW_MS), { hours: 1, series: 400, expired: 0 });
  await check();
});

Deno.test("writes that run at once all land", async () => {
  using store = await memoryStore();
  const t = NOW_MS - MINUTE_MS;
  const series = Array.from({ length: 30 }, (_, i) => ({ venue: "okx-perp", symbol: `C${i}` }));
  await Promise.all(
    series.map((one, salt) =>
      store.writeMinute(t / MINUTE_MS, [{ series: one, bucket: liveBucket(t, salt) }])
    ),
  );
  for (const [salt, one] of series.entries()) {
    deepEqual(await store.read(one, t, NOW_MS), [liveBucket(t, salt)]);
  }
});

Deno.test("a replay's clock of years ago keeps its rows through a reopening", async () => {
  await inTempDir(async (directory) => {
    const then = Date.UTC(2021, 4, 19, 13, 0);
    const path = `${directory}/kv.sqlite3`;
    const options = { path, retentionHours: 72, nowMs: () => then, disk: SMALL_DISK };
    {
      using store = await Store.open(options);
      await writeMinutes(store, then - 4 * HOUR_MS, then);
      await store.rollUp(then);
    }
    using store = await Store.open(options);
    equal((await store.read(BTC, 0, then)).length, 240);
  });
});

Deno.test("two stores on one file see each other's series and lose no row", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    const options = { path, retentionHours: 72, nowMs: () => NOW_MS, disk: SMALL_DISK };
    using one = await Store.open(options);
    using two = await Store.open(options);
    const t = NOW_MS - MINUTE_MS;
    const write = (store: Store, venue: string) =>
      Promise.all(
        liveBuckets(t - 9 * MINUTE_MS, NOW_MS).map((bucket) =>
          store.writeMinute(bucket.t / MINUTE_MS, [{ series: { venue, symbol: "X" }, bucket }])
        ),
      );
    await Promise.all([write(one, "a"), write(two, "b")]);
    for (const [store, venue] of [[one, "b"], [two, "a"]] as const) {
      equal((await store.read({ venue, symbol: "X" }, 0, NOW_MS)).length, 10);
      equal((await store.seriesList()).length, 2);
    }
  });
});

Deno.test("stats count rows, bytes and the time of the last write", async () => {
  using store = await memoryStore();
  equal(store.stats().lastWriteMs, null);
  await writeMinutes(store, NOW_MS - MINUTE_MS, NOW_MS);
  const stats = store.stats();
  // The minute row; two series numbers, each with the next one to give.
  equal(stats.rowsWritten, 5);
  ok(stats.bytesWritten > 100 && stats.bytesWritten < 400);
  equal(stats.lastWriteMs, NOW_MS);
  equal(stats.writeErrors + stats.rowsSkipped, 0);
});

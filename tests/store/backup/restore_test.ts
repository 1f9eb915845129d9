import { deepEqual, equal, ok } from "../../assert.ts";
import { type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { isBetter } from "../../../lib/store/backup/merge.ts";
import { Restorer } from "../../../lib/store/backup/restore.ts";
import { Store } from "../../../lib/store/mod.ts";
import { BTC, HOUR_MS, liveBucket, liveBuckets, NOW_MS } from "../support.ts";
import { openMemory, restore, textOf } from "./support.ts";

const DAY_MS = 24 * HOUR_MS;
const T = NOW_MS - 6 * HOUR_MS;

async function backupOf(buckets: readonly Bucket[], nowMs = NOW_MS): Promise<string> {
  using store = await openMemory(nowMs);
  await store.writeSeries(BTC, buckets);
  return await textOf(store, nowMs);
}

Deno.test("more coverage is better, then what is nearer the tape; of equals the stored one stays", () => {
  const live = liveBucket(T);
  const half: Bucket = { ...live, coverageMs: 30_000 };
  const candle: Bucket = { ...live, source: "candle" };
  const repaired: Bucket = { ...live, source: "repaired" };
  equal(isBetter(live, half), true);
  equal(isBetter(half, live), false);
  equal(isBetter(half, candle), false);
  equal(isBetter(repaired, candle), true);
  equal(isBetter(candle, repaired), false);
  equal(isBetter(candle, { ...live, source: null }), true);
  equal(isBetter({ ...live, o: 1 }, live), false);
});

Deno.test("each minute is the better one of the store's and the backup's", async () => {
  const part = (bucket: Bucket, coverageMs: number): Bucket => ({ ...bucket, coverageMs });
  const [second, third] = [T + MINUTE_MS, T + 2 * MINUTE_MS];
  using store = await openMemory();
  await store.writeSeries(BTC, [liveBucket(T, 1), part(liveBucket(second, 1), 20_000)]);
  const given = [
    part(liveBucket(T, 2), 40_000),
    part(liveBucket(second, 2), 40_000),
    liveBucket(third, 2),
  ];
  const { written, held } = await restore(store, await backupOf(given));
  deepEqual(await store.read(BTC, T, NOW_MS), [liveBucket(T, 1), ...given.slice(1)]);
  equal(written.minutes, 2);
  // The first minute, and the quarter-hour that the minutes already made.
  equal(held, 2);
});

Deno.test("importing again writes nothing", async () => {
  const text = await backupOf(liveBuckets(T, NOW_MS));
  using store = await openMemory();
  await restore(store, text);
  const before = store.stats().rowsWritten;
  const { written, held } = await restore(store, text);
  equal(store.stats().rowsWritten, before);
  deepEqual([written.minutes, written.quarters], [0, 0]);
  equal(held, 6 * 60 + 6 * 4 + 1);
});

Deno.test("a backup of last week gives its quarter-hours, and no minute that is too old", async () => {
  const thenMs = NOW_MS - 7 * DAY_MS;
  const text = await backupOf(liveBuckets(thenMs - 2 * HOUR_MS, thenMs), thenMs);
  using store = await openMemory();
  const { written, old } = await restore(store, text);
  deepEqual(await store.read(BTC, thenMs - DAY_MS, NOW_MS), []);
  equal((await store.readQuarters(BTC, thenMs - DAY_MS, NOW_MS)).length, 9);
  deepEqual(written, { minutes: 0, quarters: 9, records: 0 });
  equal(old, 120);
});

Deno.test("what is older than thirty days, and a record whose time is over, is left out", async () => {
  const thenMs = NOW_MS - 40 * DAY_MS;
  using first = await openMemory(thenMs);
  await first.writeSeries(BTC, liveBuckets(thenMs - HOUR_MS, thenMs));
  await first.records.set(["history"], 1, DAY_MS);
  await first.records.set(["watch"], ["SOL"]);
  using store = await openMemory();
  const { written, old } = await restore(store, await textOf(first, thenMs));
  deepEqual(written, { minutes: 0, quarters: 0, records: 1 });
  equal(old, 60 + 5 + 1);
  deepEqual(await store.archive.series(), []);
});

Deno.test("the lines may come in any order", async () => {
  const text = await backupOf(liveBuckets(T, T + 3 * HOUR_MS));
  const rows = text.trimEnd().split("\n").slice(1, -1).map((line) => JSON.parse(line)).reverse();
  using store = await openMemory();
  const restorer = new Restorer(store);
  for (const { type, venue, symbol, ...bucket } of rows) {
    await restorer.put({ type, series: { venue, symbol }, bucket });
  }
  await restorer.finish();
  deepEqual(await store.read(BTC, T, NOW_MS), liveBuckets(T, T + 3 * HOUR_MS));
});

Deno.test("records of the backup replace those of the same key, others stay", async () => {
  using first = await openMemory();
  await first.records.set(["asker", "tg:1", "zone"], "Europe/Paris");
  using store = await openMemory();
  await store.records.set(["asker", "tg:1", "zone"], "Asia/Tokyo");
  await store.records.set(["watch"], ["SOL"]);
  await restore(store, await textOf(first));
  equal(await store.records.get(["asker", "tg:1", "zone"]), "Europe/Paris");
  deepEqual(await store.records.get(["watch"]), ["SOL"]);
});

Deno.test("a quarter-hour at the edge of what is kept comes back with its older minutes", async () => {
  // The oldest served minute lies within a quarter-hour, of which only its last minutes cover.
  const edgeMs = NOW_MS - 72 * HOUR_MS;
  const startMs = edgeMs - edgeMs % (15 * MINUTE_MS);
  const all = liveBuckets(startMs, startMs + 15 * MINUTE_MS)
    .map((bucket): Bucket => bucket.t < edgeMs ? { ...bucket, coverageMs: 0 } : bucket);
  ok(edgeMs > startMs);
  const text = await backupOf(all, NOW_MS - HOUR_MS);
  using first = await Store.open({
    ...{ path: ":memory:", retentionHours: 72 },
    nowMs: () => NOW_MS,
  });
  await restore(first, text);
  const again = await textOf(first);
  using second = await openMemory();
  await restore(second, again);
  equal(await textOf(second), again);
  const [quarter] = await second.readQuarters(BTC, startMs, NOW_MS);
  equal(quarter?.o, all[0]?.o);
});

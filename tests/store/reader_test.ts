import { deepEqual, equal } from "../assert.ts";
import { aggregate, MINUTE_MS } from "../../lib/market/bucket.ts";
import { type SeriesBucket, Store } from "../../lib/store/mod.ts";
import { BTC, ETH, HOUR_MS, liveBucket, liveBuckets, NOW_MS, writeMinutes } from "./support.ts";

const OPTIONS = { path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS };
/** 08:30: whole quarters, and an hour that is not whole. */
const FROM_MS = NOW_MS - 4 * HOUR_MS - 4 * MINUTE_MS;

Deno.test("damaged rows are skipped and counted, the rest is read, written and rolled up", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = new Store(kv, OPTIONS);
  await writeMinutes(store, FROM_MS, NOW_MS);
  const minute = Math.floor(FROM_MS / MINUTE_MS);
  const { value } = await kv.get<Uint8Array>(["m", minute, 0]);
  const damaged = Uint8Array.from(value ?? []);
  damaged[40] = (damaged[40] ?? 0) ^ 1;
  await kv.set(["m", minute, 0], damaged);
  await kv.set(["m", minute + 1, 0], "not a row");
  const expected = liveBuckets(FROM_MS, NOW_MS).slice(2);
  deepEqual(await store.read(BTC, FROM_MS, NOW_MS), expected);
  equal(store.stats().rowsSkipped, 2);
  await store.rollUp(NOW_MS);
  deepEqual(await store.read(BTC, FROM_MS, NOW_MS), expected);

  const skipped = store.stats().rowsSkipped;
  const hour = Math.floor(FROM_MS / HOUR_MS);
  await kv.set(["h", 0, hour], damaged);
  await kv.set(["q", 0, Math.floor(hour / 24)], new Uint8Array(12));
  const rest = expected.filter(({ t }) => t >= (hour + 1) * HOUR_MS);
  deepEqual(await store.read(BTC, FROM_MS, NOW_MS), rest);
  equal(store.stats().rowsSkipped, skipped + 1);
  equal((await store.seriesList())[0]?.firstMs, rest[0]?.t);
  // Rolled-up quarters of that day are lost with their row; the open hours' are not.
  const quarters = await store.readQuarters(BTC, FROM_MS, NOW_MS);
  deepEqual(quarters, aggregate(rest.filter(({ t }) => t >= (hour + 2) * HOUR_MS), 15));
  await store.writeMinute(minute, [{ series: BTC, bucket: liveBucket(minute * MINUTE_MS) }]);
  await store.rollUp(NOW_MS);
  equal((await store.read(BTC, FROM_MS, NOW_MS)).length, rest.length + 1);
});

Deno.test("quarters are the aggregate of their minutes, rolled up or not", async () => {
  using store = await Store.open(OPTIONS);
  const from = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 26 * HOUR_MS;
  const minutes = liveBuckets(from, NOW_MS);
  await writeMinutes(store, from, NOW_MS);
  const expected = aggregate(minutes, 15);
  deepEqual(await store.readQuarters(BTC, from, NOW_MS), expected);
  await store.rollUp(NOW_MS);
  deepEqual(await store.readQuarters(BTC, from, NOW_MS), expected);
  const inside = from + 16 * MINUTE_MS;
  deepEqual(
    await store.readQuarters(BTC, inside, NOW_MS),
    expected.filter(({ t }) => t >= inside),
  );
});

Deno.test("quarters from before the minutes that are kept are read too", async () => {
  let nowMs = NOW_MS;
  using store = await Store.open({ ...OPTIONS, nowMs: () => nowMs });
  const from = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 26 * HOUR_MS;
  await writeMinutes(store, from, NOW_MS);
  await store.rollUp(NOW_MS);
  nowMs += 80 * HOUR_MS;
  const to = from + 3 * HOUR_MS;
  deepEqual(await store.readQuarters(BTC, from, to), aggregate(liveBuckets(from, to), 15));
});

Deno.test("of rolled-up quarters only those that are wanted and served are read", async () => {
  let nowMs = NOW_MS;
  using store = await Store.open({ ...OPTIONS, nowMs: () => nowMs });
  const from = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS - 50 * HOUR_MS;
  await writeMinutes(store, from, NOW_MS);
  const wants = (t: number) => t % (3 * HOUR_MS) === 45 * MINUTE_MS;
  const read = (fromMs: number, toMs: number) =>
    Array.fromAsync(store.rolledQuarters(ETH, fromMs, toMs, wants));
  deepEqual(await read(from, NOW_MS), []);
  await store.rollUp(NOW_MS);
  const all = (await store.readQuarters(ETH, from, NOW_MS)).filter(({ t }) => wants(t));
  equal(all.length, 16);
  deepEqual(await read(from, NOW_MS), all);
  const [first, second] = [all[0]?.t ?? NaN, all[1]?.t ?? NaN];
  deepEqual(await read(first + 1, all[3]?.t ?? NaN), all.slice(1, 3));
  // Thirty days later the first one is no longer served, but its row is still there.
  nowMs = second + 30 * 24 * HOUR_MS;
  deepEqual(await read(from, nowMs), all.slice(1));
});

Deno.test("recent gives every series' minutes once, oldest first, across the roll-up", async () => {
  using store = await Store.open(OPTIONS);
  const from = NOW_MS - 4 * HOUR_MS;
  await writeMinutes(store, from, NOW_MS);
  await store.rollUp(NOW_MS);
  const since = NOW_MS - 200 * MINUTE_MS;
  const recent = await Array.fromAsync(store.recent(since));
  deepEqual(recent.map(({ minute }) => minute * MINUTE_MS), times(since, NOW_MS));
  for (const { minute, rows } of recent) {
    const t = minute * MINUTE_MS;
    const expected: SeriesBucket[] = [
      { series: BTC, bucket: liveBucket(t) },
      { series: ETH, bucket: liveBucket(t, 1) },
    ];
    deepEqual(rows, expected);
  }
});

function times(fromMs: number, toMs: number): number[] {
  return liveBuckets(fromMs, toMs).map(({ t }) => t);
}

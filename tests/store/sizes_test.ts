import { deepEqual, equal, ok } from "../assert.ts";
import { MAX_HOUR_BYTES } from "../../lib/market/head/size_counts.ts";
import { type SeriesId, Store, type StoreOptions } from "../../lib/store/mod.ts";
import type { Kv } from "../../lib/store/writer.ts";
import { BTC, ETH, failingKv, HOUR_MS, NOW_MS } from "./support.ts";

const HOUR = Math.floor(NOW_MS / HOUR_MS);
/** Three trades, one of them in the lowest bin. */
const SOME = Uint8Array.of(3, 1, 0, 126);
const MORE = Uint8Array.of(9, 2, 0, 126);

function overKv(kv: Kv, more: Partial<StoreOptions> = {}): Store {
  return new Store(kv, { path: ":memory:", retentionHours: 72, nowMs: () => NOW_MS, ...more });
}

/** What is stored, as `hour venue symbol bytes`, by hour before now. */
async function stored(
  store: Store,
  { from = HOUR - 48, to = HOUR + 48, of = [BTC, ETH] } = {},
): Promise<string[]> {
  const found: string[] = [];
  for await (const { hour, rows } of store.readSizes(from, to, of)) {
    for (const { series, bytes } of rows) found.push(`${hour - HOUR} ${series.symbol} ${bytes}`);
  }
  return found;
}

Deno.test("trade sizes are read back by hour, one write replaces its series and keeps the others", async () => {
  using store = overKv(await Deno.openKv(":memory:"));
  await store.writeSizes(HOUR, [{ series: BTC, bytes: SOME }, { series: ETH, bytes: SOME }]);
  await store.writeSizes(HOUR - 1, [{ series: ETH, bytes: MORE }]);
  await store.writeSizes(HOUR, [{ series: BTC, bytes: MORE }]);
  const [first, second, third] = [
    `-1 ETHUSDT ${MORE}`,
    `0 BTCUSDT ${MORE}`,
    `0 ETHUSDT ${SOME}`,
  ];
  deepEqual(await stored(store), [first, second, third]);
  deepEqual(await stored(store, { from: HOUR - 1, to: HOUR }), [first]);
  deepEqual(await stored(store, { from: HOUR }), [second, third]);
  deepEqual(await stored(store, { of: [ETH] }), [first, third]);
  deepEqual(await stored(store, { of: [{ venue: "okx-perp", symbol: "BTCUSDT" }] }), []);
});

Deno.test("one write of eighty series is one row, and the longest ones of hundreds fit into theirs", async () => {
  let commits = 0;
  const kv = await Deno.openKv(":memory:");
  using store = overKv(failingKv(kv, () => void commits++));
  const named = (nth: number): SeriesId => ({ venue: "v", symbol: `S${nth}USDT` });
  const rows = Array.from({ length: 80 }, (_, nth) => ({ series: named(nth), bytes: SOME }));
  await store.writeSizes(HOUR, rows);
  commits = 0;
  await store.writeSizes(HOUR, rows);
  equal(commits, 1);
  const hour = Uint8Array.of(255, ...Array(129).fill([255, 255, 127]).flat());
  equal(hour.length, MAX_HOUR_BYTES);
  const of = Array.from({ length: 320 }, (_, nth) => named(nth));
  await store.writeSizes(HOUR, of.map((series) => ({ series, bytes: hour })));
  equal((await stored(store, { of })).filter((one) => one.endsWith(` ${hour}`)).length, 320);
});

Deno.test("a row that is damaged, foreign or newer is skipped and counted, and written anew", async () => {
  const key = ["l", HOUR, 0];
  const kv = await Deno.openKv(":memory:");
  using store = overKv(kv);
  await store.writeSizes(HOUR, [{ series: BTC, bytes: SOME }]);
  const { value: sound } = await kv.get<Uint8Array>(key);
  ok(sound);
  const changed = (at: number) => sound.with(at, (sound[at] ?? 0) ^ 2);
  const wrong = [changed(0), changed(1), changed(10), sound.subarray(0, 12), "row", { rows: 1 }];
  for (const [nth, value] of wrong.entries()) {
    await kv.set(key, value);
    deepEqual(await stored(store), []);
    equal(store.stats().rowsSkipped, nth + 1);
  }
  await store.writeSizes(HOUR, [{ series: ETH, bytes: MORE }]);
  deepEqual(await stored(store), [`0 ETHUSDT ${MORE}`]);
  // A sound row around bytes that are no hour.
  const before = store.stats().rowsSkipped;
  await store.writeSizes(HOUR, [{ series: BTC, bytes: Uint8Array.of(3, 1) }]);
  deepEqual(await stored(store), [`0 ETHUSDT ${MORE}`]);
  equal(store.stats().rowsSkipped, before + 1);
});

Deno.test("trade sizes go after 24 hours, not before, however long minutes are kept", async () => {
  for (const retentionHours of [1, 72]) {
    using store = overKv(await Deno.openKv(":memory:"), { retentionHours });
    for (const ago of [26, 25, 24, 23, 0]) {
      await store.writeSizes(HOUR - ago, [{ series: BTC, bytes: SOME }]);
    }
    const hours = async () => (await stored(store)).map((one) => Number(one.split(" ")[0]));
    deepEqual(await hours(), [-24, -23, 0], "what is past is not even written");
    equal((await store.rollUp(NOW_MS)).expired, 0);
    equal((await store.rollUp(NOW_MS + HOUR_MS)).expired, 1);
    deepEqual(await hours(), [-23, 0]);
    equal((await store.rollUp(NOW_MS + 40 * HOUR_MS)).expired, 2);
    deepEqual(await hours(), []);
  }
});

Deno.test("where no roll-up visits any more, the KV lets go of them a week later", async () => {
  const kv = await Deno.openKv(":memory:");
  const expiries: (number | undefined)[] = [];
  const watched = failingKv(kv, () => {});
  using store = overKv({
    ...watched,
    atomic() {
      const atomic = watched.atomic();
      const set = atomic.set.bind(atomic);
      atomic.set = (key, value, options) => {
        if (key[0] === "l") expiries.push(options?.expireIn);
        return set(key, value, options);
      };
      return atomic;
    },
  });
  await store.writeSizes(HOUR, [{ series: BTC, bytes: SOME }]);
  const endMs = (HOUR + 1) * HOUR_MS - NOW_MS;
  deepEqual(expiries, [endMs + (24 + 7 * 24) * HOUR_MS]);
});

Deno.test("what a later version may keep under keys of its own is left alone", async () => {
  const kv = await Deno.openKv(":memory:");
  using store = overKv(kv);
  const keys = [["later", 1], ["l", HOUR, 0, "x"], ["zz"]];
  for (const key of keys) await kv.set(key, "later");
  await store.writeSizes(HOUR, [{ series: BTC, bytes: SOME }]);
  await store.rollUp(NOW_MS);
  for (const key of keys) equal((await kv.get(key)).value, "later");
});

import { deepEqual, equal, ok } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import { createLog } from "../../lib/log.ts";
import type { Trade } from "../../lib/market/events.ts";
import { LARGE_FLOOR_USD } from "../../lib/market/head/size_counts.ts";
import { seriesOptions } from "../../lib/market/head/series_options.ts";
import type { Series } from "../../lib/market/head/series.ts";
import { type SizesOfHour, Store } from "../../lib/store/mod.ts";
import { handed } from "../../lib/tape/handover/handed.ts";
import { Tape } from "../../lib/tape/tape.ts";
import { TradeSizes } from "../../lib/tape/trade_sizes.ts";
import { failingKv } from "../store/support.ts";

const HOUR_MS = 3_600_000;
const CLUSTER_MS = 30;
const T0 = Date.UTC(2026, 10, 20, 10, 20);
const COLLECTORS = [binancePerp, bybitSpot];
/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";

interface Clock {
  nowMs: number;
}

/** A clock and a store, which outlive the tapes on them. */
async function bench() {
  const clock: Clock = { nowMs: T0 };
  const kv = await Deno.openKv(":memory:");
  const nowMs = () => clock.nowMs;
  const store = new Store(kv, { path: ":memory:", retentionHours: 1, nowMs });
  return { clock, kv, store, [Symbol.dispose]: () => store.close() };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** A process as it starts: with what is stored, and the time as the venues tell it. */
async function start({ clock, store }: Bench, isTold = true): Promise<Tape> {
  const log = createLog({ level: "error", write: () => {} });
  const endpoints = Object.fromEntries(COLLECTORS.map(({ envRest }) => [envRest, NOWHERE]));
  const tape = new Tape({
    ...{ collectors: COLLECTORS, symbols: { kind: "list", assets: [] } },
    ...{ endpoints, store, retentionHours: 1, log, alarm: () => {} },
  });
  tape.nowMs = () => clock.nowMs;
  // What a tape is told of the time is that it is not the local one.
  if (isTold) { for (const { clock } of tape.venues) clock.sample(0, 0, 0); }
  for (const collector of COLLECTORS) seriesOf(tape, collector.venue);
  await tape.reseed(AbortSignal.abort());
  return tape;
}

function seriesOf({ head }: Tape, venue = "binance-perp"): Series {
  const collector = COLLECTORS.find((one) => one.venue === venue) ?? binancePerp;
  const instrument = { symbol: "BTCUSDT", base: "BTC", quote: "USDT", multiplier: 1 };
  return head.open({ venue, ...instrument }, seriesOptions(collector));
}

/** A cluster of two prints each second, every hundredth of 400 000 USD, up to the bench's time. */
function trade({ clock }: Bench, tape: Tape, seconds: number): void {
  for (const { venue } of COLLECTORS) {
    for (let ago = seconds; ago > 0; ago--) {
      const timeMs = clock.nowMs - ago * 1_000;
      const nth = timeMs / 1_000;
      const print = { kind: "trade", symbol: "BTCUSDT", timeMs, price: 1, side: "buy" } as const;
      take(tape, venue, { ...print, size: nth % 100 === 0 ? 399_950 : 1, id: nth * 2 });
      take(tape, venue, { ...print, timeMs: timeMs + CLUSTER_MS, size: 50, id: nth * 2 + 1 });
    }
  }
}

function take(tape: Tape, venue: string, trade: Trade): void {
  const put = () => void seriesOf(tape, venue).addTrade(trade, trade.timeMs);
  if (!tape.cut.takes(trade, trade.timeMs, put)) put();
}

const thresholds = (tape: Tape) => [...tape.head.all()].map(({ large }) => large.thresholdUsd);

async function stored(store: Store): Promise<SizesOfHour[]> {
  const of = COLLECTORS.map(({ venue }) => ({ venue, symbol: "BTCUSDT" }));
  return await Array.fromAsync(store.readSizes(0, Infinity, of));
}

/** Clusters that are stored, of all sizes, in all hours; each is below 128 in one, or of two bytes. */
async function clusters(store: Store): Promise<number> {
  let sum = 0;
  for (const { rows } of await stored(store)) {
    for (const { bytes: [low = 0, high = 0] } of rows) {
      sum += low < 128 ? low : (low & 127) + (high & 127) * 128;
    }
  }
  return sum;
}

Deno.test("what is large is the same after a restart as before it", async () => {
  using place = await bench();
  const first = await start(place);
  trade(place, first, 1_200);
  await first.store();
  const before = thresholds(first);
  ok(before.every((usd) => usd > 380_000 && usd <= 400_000), before.join());
  equal(await clusters(place.store), 2_400);
  place.clock.nowMs += 60_000;
  const second = await start(place);
  deepEqual(thresholds(second), before);
  // Also of the next start, with the hours of both.
  place.clock.nowMs += 2 * HOUR_MS;
  trade(place, second, 1_200);
  await second.store();
  equal(await clusters(place.store), 4_800);
  deepEqual(thresholds(await start(place)), before);
});

Deno.test("a series that came a moment before a stop is stored beside what was stored of it", async () => {
  using place = await bench();
  for (let life = 1; life <= 3; life++) {
    const tape = await start(place);
    for (const { venue } of COLLECTORS) tape.head.close(venue, "BTCUSDT");
    place.clock.nowMs += 100_000;
    trade(place, tape, 100);
    await tape.store();
    equal(await clusters(place.store), 2 * 100 * life);
  }
});

Deno.test("hours that have passed meanwhile count no more", async () => {
  using place = await bench();
  const first = await start(place);
  trade(place, first, 1_200);
  await first.store();
  place.clock.nowMs += 23 * HOUR_MS;
  ok(thresholds(await start(place)).every((usd) => usd > 380_000));
  place.clock.nowMs += HOUR_MS;
  deepEqual(thresholds(await start(place)), [LARGE_FLOOR_USD, LARGE_FLOOR_USD]);
  // A clock that was a day ahead, and is right again.
  place.clock.nowMs -= 48 * HOUR_MS;
  deepEqual(thresholds(await start(place)), [LARGE_FLOOR_USD, LARGE_FLOOR_USD]);
});

Deno.test("a damaged hour is skipped and counted, and the others are read", async () => {
  using place = await bench();
  const first = await start(place);
  trade(place, first, 1_200);
  await first.store();
  place.clock.nowMs += HOUR_MS;
  trade(place, first, 60);
  await first.store();
  const hour = Math.floor(place.clock.nowMs / HOUR_MS);
  const key = ["l", hour, 0];
  const { value } = await place.kv.get<Uint8Array>(key);
  await place.kv.set(key, value?.with(9, 99));
  const { rowsSkipped } = place.store.stats();
  ok(thresholds(await start(place)).every((usd) => usd > 380_000));
  equal(place.store.stats().rowsSkipped, rowsSkipped + 1);
});

Deno.test("a takeover counts each cluster once, and both have the same threshold", async () => {
  using place = await bench();
  const { clock, store } = place;
  const old = await start(place);
  trade(place, old, 1_200);
  clock.nowMs += 5_000;
  const next = await start(place);
  // In the middle of a cluster.
  const cutMs = clock.nowMs + 5_000 + CLUSTER_MS / 2;
  clock.nowMs += 15_000;
  for (const tape of [old, next]) {
    handed(tape).holdFrom(cutMs);
    // What was before the next one came, it hears too: it had not been stored.
    trade(place, tape, 15);
  }
  ok(await handed(old).store());
  equal(await clusters(store), 2 * (1_200 + 5));
  await handed(next).continueFrom(cutMs);
  deepEqual(thresholds(next), thresholds(old));
  handed(next).begin(cutMs);
  await next.store();
  equal(await clusters(store), 2 * (1_200 + 15));
  // And where nobody follows, the old one has what waited.
  handed(old).cancel();
  await old.store();
  equal(await clusters(store), 2 * (1_200 + 15));
});

Deno.test("who is watched again gets back its hours, beside what was counted since", async () => {
  using place = await bench();
  const { clock, store } = place;
  const log = createLog({ level: "error", write: () => {} });
  const tape = await start(place);
  const sizes = new TradeSizes({ head: tape.head, store, nowMs: () => clock.nowMs, log });
  await sizes.restore();
  trade(place, tape, 1_200);
  await sizes.write();
  equal(await clusters(store), 2 * 1_199, "all but the running ones");
  tape.head.close("binance-perp", "BTCUSDT");
  clock.nowMs += 99_000;
  trade(place, tape, 98);
  const again = seriesOf(tape).large;
  equal(again.thresholdUsd, LARGE_FLOOR_USD);
  // What it lacks it must not write over.
  await sizes.write();
  equal(await clusters(store), 2 * 1_199 + 98);
  // Asked for twice at once, what is stored is added once.
  await Promise.all([sizes.restore(), sizes.restore()]);
  ok(again.thresholdUsd > 380_000);
  await sizes.finish(Infinity);
  equal(await clusters(store), 1_200 + 98 + 1_199 + 98);
});

Deno.test("without a venue's clock nothing is read, nor written over", async () => {
  using place = await bench();
  const first = await start(place);
  trade(place, first, 1_200);
  await first.store();
  const before = await stored(place.store);
  const lost = await start(place, false);
  deepEqual(thresholds(lost), [LARGE_FLOOR_USD, LARGE_FLOOR_USD]);
  trade(place, lost, 10);
  await lost.store();
  deepEqual(await stored(place.store), before);
});

Deno.test("upkeep writes now and then, and gives back to who is new in memory", async () => {
  using place = await bench();
  const tape = await start(place);
  trade(place, tape, 1_200);
  const real = globalThis.setTimeout;
  const faster = (run: () => void, delayMs = 0) => real(run, delayMs / 500);
  globalThis.setTimeout = faster as typeof setTimeout;
  const lifetime = new AbortController();
  const keeping = tape.keep(lifetime.signal);
  const until = async (done: () => Promise<boolean> | boolean) => {
    for (let tries = 0; !await done(); tries++) {
      ok(tries < 500);
      await new Promise<void>((resolve) => void real(() => resolve(), 10));
    }
  };
  try {
    await until(async () => await clusters(place.store) === 2 * 1_199);
    tape.head.close("binance-perp", "BTCUSDT");
    const { large } = seriesOf(tape);
    await until(() => large.thresholdUsd > 380_000);
  } finally {
    lifetime.abort();
    await keeping;
    globalThis.setTimeout = real;
  }
});

Deno.test("what could not be written is written the next time", async () => {
  using place = await bench();
  let full = false;
  const kv = failingKv(await Deno.openKv(":memory:"), () => {
    if (full) throw new TypeError("database or disk is full");
  });
  using store = new Store(kv, { path: ":memory:", retentionHours: 1, nowMs: () => T0 });
  const tape = await start({ ...place, store });
  trade(place, tape, 1_000);
  full = true;
  equal(await tape.store(), false);
  full = false;
  equal(await clusters(store), 0);
  place.clock.nowMs += HOUR_MS;
  trade(place, tape, 1);
  ok(await tape.store());
  equal(await clusters(store), 2 * 1_001);
});

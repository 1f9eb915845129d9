import { deepEqual, equal, ok } from "../../assert.ts";
import { binancePerp } from "../../../collectors/binance_perp.ts";
import { createLog } from "../../../lib/log.ts";
import { barStart, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import { Head } from "../../../lib/market/head/head.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { Store } from "../../../lib/store/mod.ts";
import { Minutes } from "../../../lib/tape/minutes.ts";
import { EarlierDays } from "../../../lib/tape/past/earlier_days.ts";
import { Tape } from "../../../lib/tape/tape.ts";
import { minute } from "../../market/fake_source.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 14, 0, 20);
const DAY_MS = 96 * QUARTER_MS;
const ID = { venue: "binance-perp", symbol: "BTCUSDT" };
const INSTRUMENT = { ...ID, base: "BTC", quote: "USDT", multiplier: 1 };
const NEVER = new AbortController().signal;

/** Two hours around this time on each of the days before; each minute trades its day's number. */
async function storeDays(store: Store, days: number, nowMs = NOW_MS, id = ID): Promise<void> {
  for (let day = 1; day <= days; day++) {
    const fromMs = barStart(nowMs, 60) - day * DAY_MS - 60 * MINUTE_MS;
    await store.writeSeries(
      id,
      Array.from({ length: 120 }, (_, i) => minute(fromMs + i * MINUTE_MS, day, 0)),
    );
  }
}

/** A service just after its start on what is stored. */
async function bench(days: number) {
  const clock = { nowMs: NOW_MS };
  const nowMs = () => clock.nowMs;
  const store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs });
  await storeDays(store, days);
  const head = new Head();
  const series = head.open(INSTRUMENT, seriesOptions(binancePerp));
  const minutes = new Minutes(head, store, nowMs);
  const earlier = new EarlierDays({ head, store, nowMs });
  return { clock, store, head, series, minutes, earlier };
}

/** Day by day, the unknown ones at the end left out. */
function told(volumes: Float64Array | null | undefined): number[] | null {
  if (!volumes) return null;
  const known = volumes.findLastIndex((volume) => !Number.isNaN(volume)) + 1;
  return [...volumes.subarray(0, known)];
}

Deno.test("the days that are stored are there once they are read, and not before", async () => {
  const { store, series, earlier } = await bench(9);
  using _store = store;
  equal(earlier.of(series), null);
  await earlier.fill(NEVER);
  const hourMs = barStart(NOW_MS, 60) - 60 * MINUTE_MS;
  const days = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  deepEqual(told(earlier.of(series)?.of(60, hourMs)), days.map((day) => 60 * day));
  deepEqual(told(earlier.of(series)?.of(30, hourMs + 30 * MINUTE_MS)), days.map((day) => 30 * day));
  deepEqual(told(earlier.of(series)?.of(15, hourMs + 45 * MINUTE_MS)), days.map((day) => 15 * day));
});

Deno.test("it is read once a quarter-hour, and a series that comes meanwhile when it comes", async () => {
  const { store, head, series, clock, earlier } = await bench(3);
  using _store = store;
  let reads = 0;
  const rolledQuarters = store.rolledQuarters.bind(store);
  store.rolledQuarters = (...asked) => {
    reads++;
    return rolledQuarters(...asked);
  };
  await earlier.fill(NEVER);
  await earlier.fill(NEVER);
  equal(reads, 1);
  const other = head.open({ ...INSTRUMENT, symbol: "ETHUSDT" }, seriesOptions(binancePerp));
  await earlier.fill(NEVER);
  equal(reads, 2);
  deepEqual(told(earlier.of(other)?.of(15, barStart(NOW_MS, 15) - QUARTER_MS)), []);
  clock.nowMs += QUARTER_MS;
  await earlier.fill(NEVER);
  equal(reads, 4);
  deepEqual(told(earlier.of(series)?.of(15, barStart(NOW_MS, 15))), [15, 30, 45]);
  // One that left memory begins anew.
  head.close(ID.venue, ID.symbol);
  equal(earlier.of(head.open(INSTRUMENT, seriesOptions(binancePerp))), null);
});

Deno.test("what a repair changes in older days is seen a quarter-hour later", async () => {
  const { store, series, minutes, clock, earlier } = await bench(3);
  using _store = store;
  const hourMs = barStart(NOW_MS, 60) - 60 * MINUTE_MS;
  const torn = minute(hourMs - 2 * DAY_MS, 2, 0, { coverageMs: 59_000 });
  await store.writeSeries(ID, [torn]);
  await earlier.fill(NEVER);
  const hours = () => told(earlier.of(series)?.of(60, hourMs));
  deepEqual(hours(), [60, NaN, 180]);
  await minutes.replaceTape(ID, [{ ...torn, volQuote: 1002, buyQuote: 1002, coverageMs: 60_000 }]);
  clock.nowMs += QUARTER_MS;
  await earlier.fill(NEVER);
  deepEqual(hours(), [60, 1120, 180]);
});

Deno.test("days that are no longer kept are not told, and the rest goes on", async () => {
  const { store, series, clock, earlier } = await bench(3);
  using _store = store;
  clock.nowMs += 27 * DAY_MS;
  await store.rollUp(clock.nowMs);
  await earlier.fill(NEVER);
  const hourMs = barStart(clock.nowMs, 60) - 60 * MINUTE_MS;
  const days = earlier.of(series)?.of(60, hourMs);
  // One, two and three days before then are 28, 29 and 30 days before now.
  deepEqual([...days?.subarray(26) ?? []], [NaN, 60, 120, NaN]);
});

Deno.test("a stop ends it between two series", async () => {
  const { store, head, series, earlier } = await bench(1);
  using _store = store;
  const other = head.open({ ...INSTRUMENT, symbol: "ETHUSDT" }, seriesOptions(binancePerp));
  const stop = new AbortController();
  const filled = earlier.fill(stop.signal);
  stop.abort();
  await filled;
  deepEqual([earlier.of(series) === null, earlier.of(other)], [false, null]);
});

Deno.test("a service that starts on stored days answers with them soon, by itself", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: Date.now });
  const nowMs = Date.now();
  await storeDays(store, 8, nowMs);
  const tape = new Tape({
    ...{ collectors: [], symbols: { kind: "list", assets: ["BTC"] }, endpoints: {} },
    ...{ store, retentionHours: 72, historyBeforeStart: false },
    log: createLog({ level: "error", write: () => {} }),
    alarm: () => {},
  });
  tape.head.open(INSTRUMENT, seriesOptions(binancePerp));
  const info = { ...INSTRUMENT, market: "perp", liquidations: "complete" } as const;
  equal(tape.source.earlierBars(info), null);
  const stop = new AbortController();
  const kept = tape.keep(stop.signal);
  for (let i = 0; i < 200 && tape.source.earlierBars(info) === null; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop.abort();
  await kept;
  const held = tape.source.earlierBars(info);
  ok(held);
  // In the last hour before the next full one a bar of the stored two hours has closed.
  const hours = held.of(60, barStart(held.closedMs, 60) - 60 * MINUTE_MS);
  equal(told(hours)?.length, 8);
});

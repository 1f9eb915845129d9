import { deepEqual, equal } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { flowOf } from "../../lib/market/flow.ts";
import { Head } from "../../lib/market/head/head.ts";
import { seriesOptions } from "../../lib/market/head/series_options.ts";
import { recentFrom } from "../../lib/market/past/past.ts";
import { utcDay } from "../../lib/market/windows.ts";
import { Store } from "../../lib/store/mod.ts";
import { createLog } from "../../lib/log.ts";
import { Flusher } from "../../lib/tape/flush.ts";
import { Minutes } from "../../lib/tape/minutes.ts";
import { Norms } from "../../lib/tape/past/norms.ts";
import { Quarters } from "../../lib/tape/past/quarters.ts";
import { TapeSource } from "../../lib/tape/tape_source.ts";
import { Universe } from "../../lib/tape/universe.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 14, 5, 30);
const OPEN_MS = Date.UTC(2026, 10, 20, 14, 5);
const HOUR_MS = 60 * MINUTE_MS;
const ID = { venue: "binance-perp", symbol: "BTCUSDT" };
const INSTRUMENT = { ...ID, base: "BTC", quote: "USDT", multiplier: 1 };

function whole(t: number, buys: number): Bucket {
  return { ...emptyBucket(t), buys, sells: 0, coverageMs: MINUTE_MS, source: "live" };
}

/** A source over a store in memory, with one series in its head. */
async function bench(keptMs = 72 * HOUR_MS, timeMs = NOW_MS) {
  const nowMs = () => timeMs;
  const store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs });
  const head = new Head();
  const series = head.open(INSTRUMENT, seriesOptions(binancePerp));
  const minutes = new Minutes(head, store, nowMs);
  const flusher = new Flusher(head, store, createLog({ level: "error", write: () => {} }));
  const quarters = new Quarters({ head, minutes, flusher, nowMs });
  const collectors = [binanceSpot, binancePerp];
  const universe = new Universe(collectors, { kind: "list", assets: ["BTC"] });
  const norms = new Norms({ minutes, keptMs, nowMs });
  const source = new TapeSource({
    ...{ collectors, head, store, minutes, quarters, norms, universe, keptMs, nowMs },
    ensure: () => Promise.resolve("watched"),
    trouble: () => null,
  });
  return { store, head, series, minutes, source };
}

Deno.test("minutes come from the store and from memory in one ordered row, holes as unknown", async () => {
  const { store, series, source } = await bench();
  using _store = store;
  const old = OPEN_MS - 300 * MINUTE_MS;
  await store.writeSeries(ID, [whole(old, 1)]);
  series.replace(whole(OPEN_MS - 2 * MINUTE_MS, 2));
  await source.loadFirstMinutes();
  const [info] = source.allSeries();
  if (!info) throw new Error("no series");
  const rows = await source.buckets(info, 0, NOW_MS + MINUTE_MS);
  equal(rows.length, 301, "from the first known minute to the open one");
  deepEqual([rows[0]?.t, rows[0]?.buys], [old, 1]);
  deepEqual([rows[298]?.buys, rows[298]?.source], [2, "live"]);
  deepEqual([rows[100]?.buys, rows[100]?.source, rows[100]?.coverageMs], [null, null, 0]);
  equal(rows.at(-1)?.t, OPEN_MS);
});

Deno.test("nothing is missing from before a series began, nor after now", async () => {
  const { store, series, source } = await bench();
  using _store = store;
  series.replace(whole(OPEN_MS - MINUTE_MS, 1));
  const [info] = source.allSeries();
  if (!info) throw new Error("no series");
  const rows = await source.buckets(info, OPEN_MS - 60 * MINUTE_MS, OPEN_MS + 60 * MINUTE_MS);
  deepEqual(rows.map(({ t }) => t), [OPEN_MS - MINUTE_MS, OPEN_MS]);
});

Deno.test("what is older than what is kept is not reported as a hole", async () => {
  const { store, source } = await bench(10 * MINUTE_MS);
  using _store = store;
  await store.writeSeries(ID, [whole(OPEN_MS - 400 * MINUTE_MS, 1)]);
  await source.loadFirstMinutes();
  const [info] = source.allSeries();
  if (!info) throw new Error("no series");
  const rows = await source.buckets(info, 0, NOW_MS);
  equal(rows[0]?.t, OPEN_MS - 20 * MINUTE_MS, "the quarter-hour in which what is kept begins");
});

Deno.test("sums since before what is kept are those of what is, at every minute of a quarter-hour", async () => {
  for (let minute = 0; minute < 15; minute++) {
    const nowMs = NOW_MS + minute * MINUTE_MS;
    const { store, source } = await bench(3 * HOUR_MS, nowMs);
    using _store = store;
    const rows = Array.from({ length: 360 }, (_, ago) => {
      const t = OPEN_MS + (minute - 360 + ago) * MINUTE_MS;
      return { ...whole(t, 1), buyQuote: ago, sellQuote: 1 };
    });
    await store.writeSeries(ID, rows);
    await source.loadFirstMinutes();
    const [info] = source.allSeries();
    if (!info) throw new Error("no series");
    const day = utcDay(nowMs);
    const past = await source.past(info, day.fromMs, recentFrom(nowMs));
    const buckets = await source.buckets(info, past.toMs, day.toMs);
    const plain = await source.buckets(info, day.fromMs, day.toMs);
    equal(past.fromMs, plain[0]?.t);
    deepEqual(flowOf([{ past, buckets }], day), flowOf([plain], day));
  }
});

Deno.test("a rebuilt minute keeps what did not come from its trades, in memory and in the store", async () => {
  const { store, series, minutes } = await bench();
  using _store = store;
  for (const t of [OPEN_MS - 5 * MINUTE_MS, OPEN_MS - 300 * MINUTE_MS]) {
    const torn = { ...whole(t, 1), coverageMs: 10, liqLongQuote: 500, liqLongs: 1, oiBase: 7 };
    if (t < minutes.windowFromMs()) await store.writeSeries(ID, [torn]);
    else series.replace(torn);
    await minutes.replaceTape(ID, [{ ...whole(t, 9), source: "repaired" }]);
    const [bucket] = await minutes.read(ID, t, t + MINUTE_MS);
    deepEqual(
      [bucket?.buys, bucket?.coverageMs, bucket?.source, bucket?.liqLongQuote, bucket?.oiBase],
      [9, MINUTE_MS, "repaired", 500, 7],
    );
  }
});

Deno.test("a stored minute heard in part and calm is unknown in its liquidations once it is rebuilt", async () => {
  const { store, minutes } = await bench();
  using _store = store;
  const t = OPEN_MS - 300 * MINUTE_MS;
  const calm = { liqLongQuote: 0, liqShortQuote: 0, liqLongs: 0, liqShorts: 0 };
  await store.writeSeries(ID, [
    { ...whole(t, 1), ...calm, coverageMs: 10 },
    { ...whole(t + MINUTE_MS, 1), ...calm },
  ]);
  await minutes.replaceTape(
    ID,
    [t, t + MINUTE_MS].map((at) => ({ ...whole(at, 9), source: "repaired" })),
  );
  const rows = await minutes.read(ID, t, t + 2 * MINUTE_MS);
  deepEqual(rows.map(({ liqLongQuote, liqShorts }) => [liqLongQuote, liqShorts]), [
    [null, null],
    [0, 0],
  ]);
});

Deno.test("history of open interest fills minutes that have none, and changes no trades", async () => {
  const { store, minutes } = await bench();
  using _store = store;
  const t = OPEN_MS - 300 * MINUTE_MS;
  await store.writeSeries(ID, [whole(t, 3), { ...whole(t + MINUTE_MS, 4), oiBase: 5 }]);
  await minutes.setState(ID, [{ t, oiBase: 11 }, { t: t + MINUTE_MS, oiBase: 12 }]);
  const rows = await minutes.read(ID, t, t + 2 * MINUTE_MS);
  deepEqual(rows.map(({ buys, oiBase }) => [buys, oiBase]), [[3, 11], [4, 5]]);
});

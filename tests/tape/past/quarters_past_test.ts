import { deepEqual, equal } from "../../assert.ts";
import { binancePerp } from "../../../collectors/binance_perp.ts";
import { binanceSpot } from "../../../collectors/binance_spot.ts";
import { createLog } from "../../../lib/log.ts";
import { type Bucket, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import type { Collector } from "../../../lib/market/collector.ts";
import { Head } from "../../../lib/market/head/head.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { fineMinutes } from "../../../lib/market/past/fine.ts";
import { type Past, pastFrom, recentFrom } from "../../../lib/market/past/past.ts";
import { priceBars } from "../../../lib/market/study/price_bars.ts";
import { minuteVolumes } from "../../../lib/market/study/volume.ts";
import { TIMEFRAMES } from "../../../lib/market/windows.ts";
import { Store } from "../../../lib/store/mod.ts";
import { Flusher } from "../../../lib/tape/flush.ts";
import { Minutes } from "../../../lib/tape/minutes.ts";
import { Quarters } from "../../../lib/tape/past/quarters.ts";
import { heldQuarter } from "../../market/quarters.ts";
import { minute } from "../../market/fake_source.ts";
import { sameNumbers } from "../../market/past/random_tape.ts";

const HOUR_MS = 4 * QUARTER_MS;
/** Half a minute after the edge of an hour. */
const NOW_MS = Date.UTC(2026, 10, 20, 14, 0, 30);
const FROM_MS = Date.UTC(2026, 10, 18, 14, 0);

function live(t: number): Bucket {
  const c = 100 + t / MINUTE_MS % 13;
  return minute(t, 1 + t / MINUTE_MS % 7, 2, {
    ...{ o: c, h: c + 1, l: c - 1, c, oiBase: t / MINUTE_MS % 11 },
    ...{ liqLongQuote: t / MINUTE_MS % 5, liqShortQuote: 0, liqLongs: 1, liqShorts: 0 },
  });
}

/** A service on two stored days, the newest two hours in memory. */
async function bench(collector: Collector) {
  const id = { venue: collector.venue, symbol: "BTCUSDT" };
  const nowMs = () => NOW_MS;
  const store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs });
  const head = new Head();
  const instrument = { ...id, base: "BTC", quote: "USDT", multiplier: 1 };
  const series = head.open(instrument, seriesOptions(collector));
  const minutes = new Minutes(head, store, nowMs);
  const flusher = new Flusher(head, store, createLog({ level: "error", write: () => {} }));
  const quarters = new Quarters({ head, minutes, flusher, nowMs });
  const rows: Bucket[] = [];
  for (let t = FROM_MS; t < NOW_MS - 30_000; t += MINUTE_MS) rows.push(live(t));
  await store.writeSeries(id, rows);
  for (const row of rows.slice(-120)) series.restore(row);
  let reads = 0;
  const readOnce = minutes.readOnce.bind(minutes);
  minutes.readOnce = (...asked) => {
    reads++;
    return readOnce(...asked);
  };
  const toMs = recentFrom(NOW_MS);
  /** What is held and what its minutes make must tell the same. */
  const check = async (past: Past, what: string) => {
    const truth = pastFrom(await readOnce(id, FROM_MS, toMs), { fromMs: FROM_MS, toMs }, true);
    deepEqual([past.fromMs, past.toMs], [FROM_MS, toMs]);
    sameNumbers(told(past), told(truth), what);
  };
  return { id, store, head, minutes, quarters, toMs, check, readsSoFar: () => reads };
}

/** Everything that questions read out of a past. */
function told(past: Past) {
  const held = { past, buckets: [] };
  const { toMs } = past;
  const day = { fromMs: toMs - 24 * HOUR_MS, toMs };
  const quarters = Array.from({ length: 96 }, (_, i) => day.fromMs + i * QUARTER_MS);
  return {
    bars: TIMEFRAMES.map((timeframe) => {
      const minutesBack = { 1: 180, 5: 1200, 15: 2700, 30: 2700, 60: 2700 }[timeframe];
      return priceBars(held, timeframe, toMs, toMs - minutesBack * MINUTE_MS);
    }),
    volumes: minuteVolumes(held, day).quotes,
    quarters: quarters.map((t) => heldQuarter(past.ring.day, t)),
    fine: fineMinutes(held, toMs - 3 * HOUR_MS),
  };
}

Deno.test("two days of a perpetual are those of its minutes, and are read once", async () => {
  const { id, store, quarters, toMs, check, readsSoFar } = await bench(binancePerp);
  using _store = store;
  await quarters.fill(new AbortController().signal);
  const filled = readsSoFar();
  await check(await quarters.past(id, FROM_MS, toMs, true), "filled");
  equal(readsSoFar(), filled, "the question read nothing");
});

Deno.test("a rebuilt minute has its own quarter read again, and no other", async () => {
  const { id, store, minutes, quarters, toMs, check, readsSoFar } = await bench(binancePerp);
  using _store = store;
  await quarters.fill(new AbortController().signal);
  for (const ago of [200, 1000, 2400]) {
    const t = NOW_MS - 30_000 - ago * MINUTE_MS;
    await minutes.replaceTape(id, [{ ...live(t), c: 500, h: 501, source: "repaired" }]);
    const before = readsSoFar();
    await check(await quarters.past(id, FROM_MS, toMs, true), `rebuilt ${ago} minutes ago`);
    equal(readsSoFar() - before, 1);
  }
});

Deno.test("twenty who ask at once read a day once", async () => {
  const { id, store, quarters, toMs, check, readsSoFar } = await bench(binancePerp);
  using _store = store;
  const asked = Array.from({ length: 20 }, () => quarters.past(id, FROM_MS, toMs, true));
  for (const past of await Promise.all(asked)) await check(past, "together");
  equal(readsSoFar(), 8, "six hours at a time");
});

Deno.test("a spot market's price is kept from when it is asked for", async () => {
  const { id, store, quarters, toMs, check } = await bench(binanceSpot);
  using _store = store;
  await quarters.fill(new AbortController().signal);
  equal((await quarters.past(id, FROM_MS, toMs, false)).ring.isPriced, false);
  await check(await quarters.past(id, FROM_MS, toMs, true), "followed");
});

Deno.test("a series that is not in memory is read for the question", async () => {
  const { id, store, head, quarters, toMs, check } = await bench(binancePerp);
  using _store = store;
  head.close(id.venue, id.symbol);
  await check(await quarters.past(id, FROM_MS, toMs, true), "closed");
});

Deno.test("a read that fails is told, and the next question reads again", async () => {
  const { id, store, minutes, quarters, toMs, check } = await bench(binancePerp);
  using _store = store;
  const { readOnce } = minutes;
  minutes.readOnce = () => Promise.reject(new Error("the disk is gone"));
  const failed = await quarters.past(id, FROM_MS, toMs, true).catch((error) => error.message);
  equal(failed, "the disk is gone");
  minutes.readOnce = readOnce;
  await check(await quarters.past(id, FROM_MS, toMs, true), "again");
});

import { deepEqual, equal, ok } from "../../assert.ts";
import { binancePerp } from "../../../collectors/binance_perp.ts";
import { createLog } from "../../../lib/log.ts";
import { type Bucket, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import { Head } from "../../../lib/market/head/head.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { DAY_QUARTERS } from "../../../lib/market/past/day_ring.ts";
import { Store } from "../../../lib/store/mod.ts";
import { Flusher } from "../../../lib/tape/flush.ts";
import { Minutes } from "../../../lib/tape/minutes.ts";
import { Quarters } from "../../../lib/tape/past/quarters.ts";
import { minute } from "../../market/fake_source.ts";
import { heldQuarters, quarterFrom, quartersFrom } from "../../market/quarters.ts";

/** The edge of a quarter; the clock of the tests is half a minute after it. */
const END_MS = Date.UTC(2026, 10, 20, 14, 0);
const ID = { venue: "binance-perp", symbol: "BTCUSDT" };
const INSTRUMENT = { ...ID, base: "BTC", quote: "USDT", multiplier: 1 };
const DAY_MS = 96 * QUARTER_MS;

function live(t: number): Bucket {
  return minute(t, 1 + t / MINUTE_MS % 7, 2, {
    ...{ o: 100, h: 101, l: 99, c: 100 + t / MINUTE_MS % 5, buys: 1, sells: 1 },
    ...{ liqLongQuote: 3, liqShortQuote: 0, liqLongs: 1, liqShorts: 0 },
    ...{ oiBase: t / MINUTE_MS % 11, fundingRate: 0.0001, fundingIntervalHours: 8 },
  });
}

/** A service an hour after its start on a stored day: old minutes in the store, new ones in memory. */
async function bench(hours = 25) {
  const clock = { nowMs: END_MS + 30_000 };
  const nowMs = () => clock.nowMs;
  const store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs });
  const head = new Head();
  const series = head.open(INSTRUMENT, seriesOptions(binancePerp));
  const minutes = new Minutes(head, store, nowMs);
  const flusher = new Flusher(head, store, createLog({ level: "error", write: () => {} }));
  const quarters = new Quarters({ head, minutes, flusher, nowMs });
  const rows = Array.from(
    { length: hours * 60 },
    (_, i) => live(END_MS - (hours * 60 - i) * MINUTE_MS),
  );
  await store.writeSeries(ID, rows);
  for (const row of rows.slice(-120)) series.restore(row);
  /** What an outsider works out from the minutes. */
  const truth = async (fromMs: number, toMs: number) =>
    quartersFrom(await minutes.readOnce(ID, fromMs, toMs));
  /** The closed quarters of a span as memory tells them. */
  const rowsOf = async (fromMs: number, toMs: number) =>
    heldQuarters(await quarters.past(ID, fromMs, toMs, false));
  return { clock, store, head, series, minutes, flusher, quarters, truth, rowsOf };
}

Deno.test("a day of quarters is that of its minutes, from the store and from memory", async () => {
  const { store, rowsOf, truth } = await bench();
  using _store = store;
  const expected = await truth(END_MS - DAY_MS, END_MS);
  equal(expected.length, 96);
  deepEqual(await rowsOf(END_MS - DAY_MS, END_MS), expected);
  deepEqual(await rowsOf(END_MS - DAY_MS, END_MS), expected, "asked again");
});

Deno.test("once a day is in memory the store is not read again", async () => {
  const { store, minutes, quarters, rowsOf, clock, series } = await bench();
  using _store = store;
  await quarters.fill(new AbortController().signal);
  let reads = 0;
  const readOnce = minutes.readOnce.bind(minutes);
  minutes.readOnce = (...asked) => {
    reads++;
    return readOnce(...asked);
  };
  await rowsOf(END_MS - DAY_MS, END_MS);
  // The next quarters close, one after the other; the background sees each.
  for (let i = 0; i < 60; i++) {
    series.restore(live(END_MS + i * MINUTE_MS));
    clock.nowMs += MINUTE_MS;
    await quarters.fill(new AbortController().signal);
  }
  const toMs = END_MS + 4 * QUARTER_MS;
  const rows = await rowsOf(toMs - DAY_MS, toMs);
  equal(reads, 0);
  deepEqual(rows.at(-1), quarterFrom(toMs - QUARTER_MS, fifteen(toMs - QUARTER_MS)));
});

function fifteen(t: number): Bucket[] {
  return Array.from({ length: 15 }, (_, i) => live(t + i * MINUTE_MS));
}

Deno.test("the forming quarter is not told, nor what is still to come", async () => {
  const { store, rowsOf } = await bench();
  using _store = store;
  const rows = await rowsOf(END_MS - QUARTER_MS, END_MS + 8 * QUARTER_MS);
  deepEqual(rows.map(({ t }) => t), [END_MS - QUARTER_MS]);
});

Deno.test("a rebuilt minute, old or new, is seen at once, and so is a late value", async () => {
  const { store, minutes, rowsOf, truth } = await bench();
  using _store = store;
  const read = () => rowsOf(END_MS - DAY_MS, END_MS);
  await read();
  for (const ago of [1, 100, 600, 1400]) {
    const t = END_MS - ago * MINUTE_MS;
    await minutes.replaceTape(ID, [{ ...live(t), buyQuote: 5000 + ago, source: "repaired" }]);
    const rows = await read();
    deepEqual(rows, await truth(END_MS - DAY_MS, END_MS));
    const row = rows.find((one) => one.t <= t && t < one.t + QUARTER_MS);
    ok((row?.delta ?? 0) > 4000);
    equal(row?.repaired, 1);
  }
});

Deno.test("open interest that comes from a venue's history is seen at once", async () => {
  const { store, minutes, rowsOf } = await bench();
  using _store = store;
  const t = END_MS - DAY_MS;
  await store.writeSeries(ID, fifteen(t).map((row) => ({ ...row, oiBase: null })));
  equal((await rowsOf(t, END_MS))[0]?.oiBase, null);
  await minutes.setState(ID, [{ t: t + MINUTE_MS, oiBase: 77 }]);
  equal((await rowsOf(t, END_MS))[0]?.oiBase, 77);
});

Deno.test("a hole proven after the quarter closed is seen before and after it is written", async () => {
  const { store, series, flusher, rowsOf, truth } = await bench();
  using _store = store;
  const t = END_MS - QUARTER_MS;
  const read = async () => (await rowsOf(t, END_MS))[0];
  equal((await read())?.coverageMs, QUARTER_MS);
  series.coverage.open(t + 500, t + 700);
  equal((await read())?.coverageMs, QUARTER_MS - 200);
  await flusher.flush();
  equal((await read())?.coverageMs, QUARTER_MS - 200);
  series.coverage.open(t + 800, t + 900);
  await flusher.flush();
  deepEqual(await read(), (await truth(t, END_MS))[0], "changed and written between two questions");
});

Deno.test("a minute rebuilt while the day is read is not hidden by what was read before", async () => {
  const { store, minutes, rowsOf, truth } = await bench();
  using _store = store;
  const t = END_MS - 600 * MINUTE_MS;
  await Promise.all([
    rowsOf(END_MS - DAY_MS, END_MS),
    minutes.replaceTape(ID, [{ ...live(t), buyQuote: 9e6, source: "repaired" }]),
    rowsOf(END_MS - DAY_MS, END_MS),
  ]);
  deepEqual(
    await rowsOf(END_MS - DAY_MS, END_MS),
    await truth(END_MS - DAY_MS, END_MS),
  );
});

Deno.test("of what is older than a day only the coverage is kept, and it takes nobody's place", async () => {
  const { store, quarters, rowsOf, truth } = await bench(50);
  using _store = store;
  const fromMs = END_MS - 2 * DAY_MS;
  ok(2 * 96 > DAY_QUARTERS);
  const expected = await truth(fromMs, END_MS);
  const coverage = async () => {
    const { ring } = await quarters.past(ID, fromMs, END_MS, false);
    return expected.map(({ t }) => ring.bits("whole", t));
  };
  deepEqual(await coverage(), expected.map(({ wholeMinutes }) => wholeMinutes));
  deepEqual(await rowsOf(END_MS - DAY_MS, END_MS), expected.slice(96));
  deepEqual(await coverage(), expected.map(({ wholeMinutes }) => wholeMinutes));
});

Deno.test("a series that left memory is read from the store, and begins anew", async () => {
  const { store, head, rowsOf } = await bench();
  using _store = store;
  const t = END_MS - DAY_MS;
  const [before] = await rowsOf(t, t + QUARTER_MS);
  head.close(ID.venue, ID.symbol);
  await store.writeSeries(ID, fifteen(t).map((row) => ({ ...row, c: 7 })));
  deepEqual(await rowsOf(t, t + QUARTER_MS), [{ ...before, close: 7 }]);
  head.open(INSTRUMENT, seriesOptions(binancePerp));
  deepEqual(await rowsOf(t, t + QUARTER_MS), [{ ...before, close: 7 }]);
});

Deno.test("a clock that was far ahead leaves nothing behind", async () => {
  const { store, quarters, rowsOf, clock, truth } = await bench();
  using _store = store;
  clock.nowMs += 365 * 96 * QUARTER_MS;
  await quarters.fill(new AbortController().signal);
  clock.nowMs -= 365 * 96 * QUARTER_MS;
  deepEqual(
    await rowsOf(END_MS - DAY_MS, END_MS),
    await truth(END_MS - DAY_MS, END_MS),
  );
});

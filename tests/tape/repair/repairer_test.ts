/** The repairer against a venue whose every answer is known; no test waits. */
import { deepEqual, equal, match, ok } from "../../assert.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { MINUTE, Setting, T0 } from "./scripted_venue.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** The stream was live for so many minutes from T0 on. */
function live(setting: Setting, symbol: string, minutes: number): void {
  setting.series(symbol).coverage.cover(T0, T0 + minutes * MINUTE_MS);
}

Deno.test("a hole in the ids is filled from the last id of the whole minute before it", async () => {
  using setting = await Setting.make({ sequential: true, symbols: ["A"] });
  setting.trade("A", 190, (id) => id < 70 || id > 90);
  live(setting, "A", 3);
  setting.nowMs = T0 + 3 * MINUTE_MS + 10_000;
  setting.series("A").ids.resume(190, setting.nowMs);
  await setting.work();
  const rows = [0, 1, 2].map((nth) => setting.series("A").bucket(MINUTE + nth));
  deepEqual(rows.map((row) => row?.source), ["live", "repaired", "live"]);
  deepEqual(rows.map((row) => row?.coverageMs), [60_000, 60_000, 60_000]);
  deepEqual(rows.map((row) => (row?.buys ?? 0) + (row?.sells ?? 0)), [60, 60, 60]);
  deepEqual([rows[1]?.firstId, rows[1]?.lastId], [61, 120]);
  match(setting.asked.find((one) => one.startsWith("trades")) ?? "", /"fromId":61/);
});

Deno.test("where the venue's REST is behind its stream nothing is put in place, and later all is", async () => {
  using setting = await Setting.make({ sequential: true, symbols: ["A"] });
  setting.trade("A", 130, (id) => id < 70 || id > 90);
  live(setting, "A", 2);
  setting.nowMs = T0 + 2 * MINUTE_MS + 10_000;
  setting.restToMs = T0 + MINUTE_MS + 40_000;
  await setting.work();
  ok((setting.series("A").bucket(MINUTE + 1)?.coverageMs ?? 0) < MINUTE_MS);
  equal(setting.series("A").bucket(MINUTE + 1)?.source, "live");
  setting.restToMs = Infinity;
  setting.nowMs += 5_000;
  await setting.work();
  equal(setting.series("A").bucket(MINUTE + 1)?.source, "repaired");
  equal(setting.series("A").bucket(MINUTE + 1)?.lastId, 120);
});

Deno.test("a long gap comes from candles, and the minutes at its edges from trades", async () => {
  using setting = await Setting.make({ sequential: true, symbols: ["A"] });
  setting.trade("A", 40 * 60, (id) => id <= 150 || id > 30 * 60 + 20);
  live(setting, "A", 2);
  const series = setting.series("A");
  series.coverage.cover(T0 + 2 * MINUTE_MS, T0 + 2 * MINUTE_MS + 30_000);
  series.coverage.cover(T0 + 30 * MINUTE_MS + 20_000, T0 + 40 * MINUTE_MS);
  setting.nowMs = T0 + 40 * MINUTE_MS + 10_000;
  await setting.work();
  const sources = [1, 2, 3, 29, 30, 31].map((nth) => series.sourceAt(MINUTE + nth));
  deepEqual(sources, ["live", "repaired", "candle", "candle", "repaired", "live"]);
  for (let nth = 0; nth < 40; nth++) ok(series.isWholeAt(MINUTE + nth), `minute ${nth}`);
  const base = series.bucket(MINUTE + 10)?.volBase;
  equal(base, Array.from({ length: 60 }, (_, i) => 601 + i).reduce((sum, id) => sum + id, 0));
});

Deno.test("one series that fails holds up no other", async () => {
  using setting = await Setting.make({ sequential: true, symbols: ["A", "B"] });
  for (const symbol of ["A", "B"]) setting.trade(symbol, 130, (id) => id < 70 || id > 90);
  for (const symbol of ["A", "B"]) live(setting, symbol, 2);
  setting.nowMs = T0 + 2 * MINUTE_MS + 10_000;
  setting.before = (asked) => {
    if (asked.includes('"symbol":"A"')) throw new Error("no such symbol");
  };
  await setting.work();
  await setting.work();
  equal(setting.series("B").isWholeAt(MINUTE + 1), true);
  equal(setting.series("A").isWholeAt(MINUTE + 1), false);
});

Deno.test("trades that nobody heard of a silent market are found, and its stream called dead", async () => {
  for (const sequential of [true, false]) {
    using setting = await Setting.make({ sequential, symbols: ["A"] });
    setting.trade("A", 50, (id) => id <= 20);
    live(setting, "A", 1);
    setting.nowMs = T0 + 50_000;
    setting.suspect = "A";
    await setting.work();
    deepEqual(setting.deaf, ["A"]);
    setting.nowMs = T0 + MINUTE_MS + 10_000;
    await setting.work();
    const row = setting.series("A").bucket(MINUTE);
    deepEqual([(row?.buys ?? 0) + (row?.sells ?? 0), row?.coverageMs], [50, 60_000]);
  }
});

Deno.test("what was traded while nothing was subscribed does not make the new stream a dead one", async () => {
  for (const sequential of [true, false]) {
    using setting = await Setting.make({ sequential, symbols: ["A"] });
    setting.trade("A", 50, (id) => id <= 20);
    live(setting, "A", 1);
    setting.nowMs = T0 + 50_000;
    setting.suspect = "A";
    setting.sureFromMs = T0 + 49_000;
    await setting.work(1);
    deepEqual(setting.deaf, []);
  }
});

Deno.test("a market that is only quiet is not called dead", async () => {
  for (const sequential of [true, false]) {
    using setting = await Setting.make({ sequential, symbols: ["A"] });
    setting.trade("A", 20, () => true);
    setting.nowMs = T0 + 50_000;
    setting.suspect = "A";
    await setting.work(1);
    deepEqual(setting.deaf, []);
  }
});

Deno.test("a minute that left the hot window unrepaired is found in the store within the hour", async () => {
  using setting = await Setting.make({
    ...{ sequential: true, symbols: ["A"], horizonMs: 6 * HOUR_MS },
  });
  setting.trade("A", 130, (id) => id < 70 || id > 90);
  live(setting, "A", 2);
  const series = setting.series("A");
  setting.before = () => {
    throw new Error("the venue is out");
  };
  setting.nowMs = T0 + 2 * MINUTE_MS + 10_000;
  await setting.work();
  const rows = [MINUTE, MINUTE + 1].flatMap((minute) => series.bucket(minute) ?? []);
  await setting.store.writeSeries({ venue: "test", symbol: "A" }, rows);
  // Hours later; memory has turned over.
  setting.nowMs = T0 + 4 * HOUR_MS;
  setting.before = () => {};
  for (let nth = 0; nth < 5; nth++) await setting.work();
  const [, row] = await setting.store.read({ venue: "test", symbol: "A" }, T0, T0 + 2 * MINUTE_MS);
  deepEqual([row?.source, row?.coverageMs], ["candle", 60_000]);
});

Deno.test("from before the begin nothing is fetched, of what came after it all that lacks", async () => {
  for (const sequential of [true, false]) {
    using setting = await Setting.make({
      ...{ sequential, symbols: ["A"], reach: 110, horizonMs: 72 * HOUR_MS },
      beginMs: T0 + 2 * MINUTE_MS + 20_000,
    });
    setting.trade("A", 300, (id) => id > 140 && (id < 200 || id > 230));
    const { coverage } = setting.series("A");
    coverage.cover(T0 + 2 * MINUTE_MS + 25_000, T0 + 3 * MINUTE_MS + 20_000);
    coverage.cover(T0 + 3 * MINUTE_MS + 50_000, T0 + 5 * MINUTE_MS);
    setting.nowMs = T0 + 5 * MINUTE_MS + 10_000;
    setting.series("A").ids.resume(300, setting.nowMs);
    await setting.work();
    const rows = [0, 1, 2, 3, 4].map((nth) => setting.series("A").bucket(MINUTE + nth));
    deepEqual(rows.slice(0, 2).map((row) => row?.source ?? null), [null, null]);
    ok((rows[2]?.coverageMs ?? 0) < MINUTE_MS);
    equal(rows[2]?.source, "live");
    deepEqual(rows.slice(3).map((row) => row?.coverageMs), [MINUTE_MS, MINUTE_MS]);
    deepEqual(rows.slice(3).map((row) => (row?.buys ?? 0) + (row?.sells ?? 0)), [60, 60]);
    deepEqual(await setting.store.read({ venue: "test", symbol: "A" }, 0, T0), []);
    const early = setting.asked.filter((one) => {
      const fromMs = Number(/"fromMs":(\d+)/.exec(one)?.[1] ?? Infinity);
      return !one.startsWith("time") && fromMs < T0 + 2 * MINUTE_MS;
    });
    deepEqual(early, []);
    equal(setting.repairer.waiting, 0);
  }
});

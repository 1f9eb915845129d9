/** Venues whose trades have no order: nothing but the venue's candle shows what was lost. */
import { deepEqual, equal, ok } from "../../assert.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { MINUTE, Setting, T0 } from "./scripted_venue.ts";

const AFTER_MS = 10_000;

async function aMinute(
  reach: number,
  heard: (id: number) => boolean,
  coveredMs = MINUTE_MS,
): Promise<Setting> {
  const setting = await Setting.make({ sequential: false, symbols: ["A"], reach });
  setting.trade("A", 60, heard);
  setting.series("A").coverage.cover(T0, T0 + coveredMs);
  setting.nowMs = T0 + MINUTE_MS + AFTER_MS;
  return setting;
}

Deno.test("a lost print is found by the candle and had from the newest trades", async () => {
  using setting = await aMinute(50, (id) => id !== 40);
  equal(setting.series("A").isWholeAt(MINUTE), true, "nothing shows it before");
  await setting.work();
  const row = setting.series("A").bucket(MINUTE);
  deepEqual([(row?.buys ?? 0) + (row?.sells ?? 0), row?.coverageMs], [60, 60_000]);
});

Deno.test("what the newest trades do not reach is said, by the share that lacks", async () => {
  using setting = await aMinute(10, (id) => id > 20);
  await setting.work();
  const row = setting.series("A").bucket(MINUTE);
  const [all, lost] = [60 * 61 / 2, 20 * 21 / 2];
  equal(row?.coverageMs, Math.floor(60_000 * (all - lost) / all));
  equal(row?.source, "live");
});

Deno.test("a minute that lacks is looked at again, then counted as lost, once", async () => {
  using setting = await aMinute(10, (id) => id > 20);
  for (let nth = 0; nth < 20; nth++) {
    await setting.work();
    setting.nowMs += 30_000;
  }
  equal(setting.repairer.lost, 1);
  ok(setting.asked.length < 40, `${setting.asked.length} requests`);
});

Deno.test("a minute of which the stream was cut but nothing lost is whole", async () => {
  using setting = await aMinute(0, () => true, 20_000);
  equal(setting.series("A").isWholeAt(MINUTE), false);
  await setting.work();
  equal(setting.series("A").isWholeAt(MINUTE), true);
  equal(setting.repairer.repaired, 1);
});

Deno.test("a minute with more than the venue counts is not called whole", async () => {
  using setting = await aMinute(10, () => true);
  const twice = setting.tape.get("A")?.[30];
  if (twice) setting.series("A").addTrade({ ...twice, id: 9_999 }, setting.nowMs);
  await setting.work();
  setting.nowMs += 20_000;
  await setting.work();
  equal(setting.series("A").bucket(MINUTE)?.coverageMs, 59_999);
});

Deno.test("a minute that nobody saw gets price and total from the candle, and no sides", async () => {
  using setting = await aMinute(10, () => false, 0);
  await setting.work();
  const row = setting.series("A").bucket(MINUTE);
  deepEqual([row?.source, row?.coverageMs, row?.volBase, row?.buyBase], ["candle", 0, 1830, null]);
});

Deno.test("a sound minute costs one request, and none afterwards", async () => {
  using setting = await aMinute(50, () => true);
  await setting.work();
  setting.nowMs += 20_000;
  await setting.work();
  equal(setting.asked.filter((one) => one.includes(`"toMs":${T0 + MINUTE_MS}`)).length, 1);
  equal(setting.series("A").bucket(MINUTE)?.source, "live");
});

Deno.test("after a break the newest trades fill it as far as they reach", async () => {
  using setting = await aMinute(30, (id) => id <= 20 || id > 40, 20_000);
  setting.series("A").coverage.cover(T0 + 40_000, T0 + 60_000);
  await setting.work(1);
  const row = setting.series("A").bucket(MINUTE);
  // Ids 31 … 40 are told; the oldest told trade itself is not proof of its own millisecond.
  deepEqual([(row?.buys ?? 0) + (row?.sells ?? 0), row?.coverageMs], [50, 49_499]);
});

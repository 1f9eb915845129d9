import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Store } from "../../../lib/store/mod.ts";
import { encodeBucket } from "../../../lib/store/rows/codec.ts";
import { BTC, ETH, HOUR_MS, liveBucket, liveBuckets, NOW_MS, writeMinutes } from "../support.ts";
import { anyKnownBucket, openMemory, restore, textOf } from "./support.ts";

const DAY_MS = 24 * HOUR_MS;
const QUARTER_MS = 15 * MINUTE_MS;

/** Names that a venue could think of, JSON's and Unicode's odd letters among them. */
const name = fc.oneof(
  fc.constantFrom("BTCUSDT", "币安人生USDT", 'Q"\\\n', "🐸", "é", " ", "K"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => text.slice(0, 64))
    .filter((text) => text.length > 0 && text.isWellFormed()),
);

const series = fc.record({ venue: name, symbol: name });

/** Minutes since the oldest one served, and whole quarter-hours of the days before. */
const held = fc.record({
  series,
  minutes: fc.uniqueArray(fc.nat(72 * 60 - 1), { minLength: 1, maxLength: 12 }),
  quarters: fc.uniqueArray(fc.nat(26 * 96), { maxLength: 6 }),
});

/** Neither the text of a number nor `deepEqual` tells 0 from −0. */
function bytesOfAll(buckets: readonly Bucket[] = []): number[][] {
  return buckets.map((bucket) => [bucket.t, ...encodeBucket(bucket)]);
}

Deno.test("export, import into an empty store, export: the same lines, whatever is stored", async () => {
  const firstMinuteMs = NOW_MS - 72 * HOUR_MS;
  const firstQuarterMs = Math.ceil((NOW_MS - 30 * DAY_MS) / QUARTER_MS) * QUARTER_MS;
  const stored = fc.uniqueArray(held, {
    selector: ({ series: { venue, symbol } }) => JSON.stringify([venue, symbol]),
    minLength: 1,
    maxLength: 3,
  });
  const filled = stored.chain((all) =>
    fc.tuple(...all.map(({ series, minutes, quarters }) =>
      fc.record({
        series: fc.constant(series),
        minutes: fc.tuple(...minutes.map((m) => anyKnownBucket(firstMinuteMs + m * MINUTE_MS))),
        quarters: fc.tuple(
          ...quarters.map((q) => anyKnownBucket(firstQuarterMs + q * QUARTER_MS)),
        ),
      })
    ))
  );
  const value = fc.jsonValue({ maxDepth: 2 });
  const records = fc.array(
    fc.record({
      key: fc.array(name, { minLength: 1, maxLength: 3 }),
      value: value.map((json) => JSON.parse(JSON.stringify(json))),
      untilMs: fc.constantFrom(null, NOW_MS + 1, NOW_MS + 30 * DAY_MS),
    }),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(filled, records, async (all, records) => {
      using first = await openMemory();
      for (const { series, minutes, quarters } of all) {
        await first.writeSeries(series, minutes);
        await first.archive.putQuarters(series, quarters);
      }
      for (const record of records) await first.records.put(record);
      const text = await textOf(first);
      using second = await openMemory();
      await restore(second, text);
      equal(await textOf(second), text);
      for (const { series } of all) {
        const [one, two] = [first, second].map((store) => store.read(series, 0, NOW_MS));
        deepEqual(bytesOfAll(await two), bytesOfAll(await one));
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

Deno.test("every field of a bucket comes back, −0 and the ends of the doubles too", async () => {
  const t = NOW_MS - 5 * HOUR_MS;
  const odd = { o: -0, h: 1.7976931348623157e308, l: 5e-324, c: 0.1 + 0.2, firstId: 2 ** 53 };
  const bucket = { ...liveBucket(t), ...odd, buyBase: null, source: "candle" as const };
  using first = await openMemory();
  await first.writeSeries(BTC, [bucket]);
  using second = await openMemory();
  await restore(second, await textOf(first));
  const back = await second.read(BTC, t, t + 1);
  deepEqual(back, [bucket]);
  deepEqual(bytesOfAll(back), bytesOfAll([bucket]));
});

Deno.test("what is no number is told as unknown", async () => {
  const t = NOW_MS - 5 * HOUR_MS;
  using store = await openMemory();
  await store.writeSeries(BTC, [{ ...emptyBucket(t), o: NaN, h: Infinity, coverageMs: NaN }]);
  const line = (await textOf(store)).split("\n")[1] ?? "";
  const { o, h, coverageMs } = JSON.parse(line);
  deepEqual({ o, h, coverageMs }, { o: null, h: null, coverageMs: 0 });
});

Deno.test("minutes not yet rolled up, rolled-up ones and quarter-hours all come back", async () => {
  using first = await openMemory();
  await writeMinutes(first, NOW_MS - 5 * HOUR_MS, NOW_MS);
  await first.rollUp(NOW_MS);
  const days = liveBuckets(NOW_MS - 10 * DAY_MS, NOW_MS - 10 * DAY_MS + HOUR_MS);
  await first.writeSeries(ETH, days);
  const text = await textOf(first);
  using second = await openMemory();
  const { written, old } = await restore(second, text);
  equal(await textOf(second), text);
  equal(written.minutes, 2 * 5 * 60);
  equal(old, 0);
  for (const id of [BTC, ETH]) {
    const [from, to] = [NOW_MS - 20 * DAY_MS, NOW_MS];
    deepEqual(await second.read(id, from, to), await first.read(id, from, to));
    deepEqual(await second.readQuarters(id, from, to), await first.readQuarters(id, from, to));
  }
  ok((await second.readQuarters(ETH, NOW_MS - 11 * DAY_MS, NOW_MS)).length > 20);
});

Deno.test("records keep the time when they are over, and those not wanted stay out", async () => {
  let nowMs = NOW_MS;
  using first = await openMemory();
  await first.records.set(["alert", "tg:1", "a1"], { text: "btc price > 1" });
  await first.records.set(["history", "x"], 1, HOUR_MS);
  await first.records.set(["secret", "token"], "123456:ABC");
  const text = await textOf(first);
  ok(!text.includes("123456:ABC") && !text.includes("secret"));
  using second = await Store.open({
    ...{ path: ":memory:", retentionHours: 72 },
    nowMs: () => nowMs,
  });
  await restore(second, text);
  deepEqual(await second.records.get(["alert", "tg:1", "a1"]), { text: "btc price > 1" });
  equal(await second.records.get(["history", "x"]), 1);
  nowMs += HOUR_MS;
  equal(await second.records.get(["history", "x"]), undefined);
});

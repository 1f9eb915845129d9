/** When a closed minute is judged: as soon as its end is proven, and no sooner. */
import { deepEqual, equal, ok } from "../../assert.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { Engine } from "../../../lib/alerts/run/engine.ts";
import { createLog } from "../../../lib/log.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { SeriesInfo } from "../../../lib/market/source.ts";
import { FakeRecords } from "../fake_records.ts";
import { MovingSource, wildMinutes } from "../moving_source.ts";
import { ruleOf } from "../ruling.ts";

const START_MS = Date.UTC(2026, 10, 18, 6);
const BEGIN_MS = START_MS + 60 * MINUTE_MS;

/** Coverage is there at the minute's end; the newest print of each venue is the test's. */
class PrintedSource extends MovingSource {
  override creditMs = 0;
  readonly printedMs = new Map<string, number>();

  override latest(info: SeriesInfo) {
    return { ...super.latest(info), tradeMs: this.printedMs.get(info.venue) ?? null };
  }
}

async function judging(text: string) {
  const source = new PrintedSource(
    ["binance-perp", "bybit-perp"].map((venue, seed) => ({
      venue,
      base: "BTC",
      buckets: wildMinutes({ seed, fromMs: START_MS, minutes: 90 }),
    })),
    BEGIN_MS + 30_000,
  );
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const engine = new Engine({
    ...{ source, book, watched: () => ["BTC"], account: () => null, blind: () => {} },
    fired: () => {},
    log: createLog({ level: "error" }),
  });
  const rule = ruleOf(text);
  await book.add("tg:1", rule, source.now);
  await engine.tick();
  const key = engine.minutes.find("BTC", rule.metric, rule.windowMinutes ?? 1);
  ok(key);
  const first = key.recent.length;
  /** Lets the clock run as the service does, and returns when the minute was judged. */
  const judgedMs = async (endMs: number): Promise<number> => {
    while (source.now < endMs + 10_000) {
      const found = engine.minutes.find("BTC", rule.metric, rule.windowMinutes ?? 1);
      if ((found?.recent.length ?? 0) > first) return source.now - endMs;
      source.now += Math.max(20, engine.restMs());
      await engine.tick();
    }
    return Infinity;
  };
  return { source, engine, judgedMs };
}

const END_MS = BEGIN_MS + MINUTE_MS;

Deno.test("a later print of every market that is read proves a minute at once", async () => {
  const { source, judgedMs } = await judging("btc cvd 1m > 1");
  source.printedMs.set("binance-perp", END_MS + 5).set("bybit-perp", END_MS + 9);
  ok(await judgedMs(END_MS) <= 50);
});

Deno.test("without a later print a covered minute is not believed for a second", async () => {
  const { source, judgedMs } = await judging("btc cvd 1m > 1");
  source.printedMs.set("binance-perp", END_MS + 5).set("bybit-perp", END_MS - 1);
  const lagMs = await judgedMs(END_MS);
  ok(lagMs >= 1_000 && lagMs <= 1_150, `${lagMs} ms`);
});

Deno.test("a rule on the leading market does not wait for the others", async () => {
  const { source, judgedMs } = await judging("btc change 1m > 1%");
  source.printedMs.set("binance-perp", END_MS + 5).set("bybit-perp", END_MS - 1);
  ok(await judgedMs(END_MS) <= 50);
});

Deno.test("forced orders may come late: their minute is closed after that", async () => {
  const { source, judgedMs } = await judging("btc liq 1m > 1b");
  source.printedMs.set("binance-perp", END_MS + 5).set("bybit-perp", END_MS + 5);
  const lagMs = await judgedMs(END_MS);
  ok(lagMs >= 1_500 && lagMs <= 1_650, `${lagMs} ms`);
});

Deno.test("between minutes the engine rests half a second, and less while one closes", async () => {
  const { source, engine } = await judging("btc cvd 1m > 1");
  const rests: number[] = [];
  while (source.now < END_MS + 3_000) {
    rests.push(engine.restMs());
    source.now += Math.max(20, engine.restMs());
    await engine.tick();
  }
  equal(Math.max(...rests), 500);
  deepEqual(rests.filter((ms) => ms > 100 && ms < 500).length <= 2, true);
  ok(rests.filter((ms) => ms === 100).length >= 5);
});

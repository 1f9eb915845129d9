/** Live evaluation, stored evaluation and a plain recomputation find the same events. */
import { deepEqual, ok } from "../../assert.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { Engine } from "../../../lib/alerts/run/engine.ts";
import type { Fired } from "../../../lib/alerts/run/fired.ts";
import { firingsIn, readStored } from "../../../lib/alerts/run/replay.ts";
import { createLog } from "../../../lib/log.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { FakeRecords } from "../fake_records.ts";
import { MovingSource, wildMinutes } from "../moving_source.ts";
import { plainFirings } from "../plain.ts";
import { ruleOf } from "../ruling.ts";

const START_MS = Date.UTC(2026, 10, 18);
/** Enough before for a baseline of volumes. */
const BEFORE = 1620;
const LIVE = 420;
const BEGIN_MS = START_MS + BEFORE * MINUTE_MS;

function market(gapEvery?: number) {
  const minutes = BEFORE + LIVE + 2;
  const gaps = gapEvery === undefined ? {} : { gapEvery };
  return [
    { venue: "binance-spot", spot: true, seed: 11 },
    { venue: "binance-perp", spot: false, seed: 12, ...gaps },
    { venue: "bybit-perp", spot: false, seed: 13 },
  ].map(({ venue, ...more }) => ({
    venue,
    base: "BTC",
    buckets: wildMinutes({ fromMs: START_MS, minutes, ...more }),
  }));
}

interface Run {
  readonly fired: readonly {
    readonly text: string;
    readonly timeMs: number;
    readonly value: number;
  }[];
  readonly told: readonly string[];
}

/** Lets the clock run over the live minutes, a tick every `stepMs`. */
async function live(texts: readonly string[], source: MovingSource, stepMs: number): Promise<Run> {
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const fired: Fired[] = [];
  const told: string[] = [];
  const engine = new Engine({
    source,
    book,
    watched: () => ["BTC"],
    account: () => null,
    fired: (bunch) => fired.push(...bunch),
    blind: (armed, lacking) => told.push(`${armed.id} ${lacking}`),
    log: createLog({ level: "error" }),
  });
  const ids = new Map<string, string>();
  for (const text of texts) {
    const armed = await book.add("tg:1", ruleOf(text), source.now);
    ids.set(armed?.id ?? "", text);
  }
  // Minutes that stay torn are waited for.
  const endMs = BEGIN_MS + LIVE * MINUTE_MS + 95_000;
  for (; source.now < endMs; source.now += stepMs) await engine.tick();
  return {
    fired: fired.filter(({ atMs }) => atMs <= BEGIN_MS + LIVE * MINUTE_MS).map((
      { armed, atMs, value },
    ) => ({
      ...{ text: ids.get(armed.id) ?? "", timeMs: atMs, value },
    })),
    told,
  };
}

// To cover a new metric: one line here, and its plain formula in ../plain.ts.
const RULES = [
  ...["change 5m > 1%", "change 15m < -1%", "change 1m crosses 0.3% back 0", "move 5m > 1.2%"],
  ...["rsi 5m > 65", "rsi 1m < 30", "rsi 15m crosses 50 back 0"],
  ...["spread > 0.08%", "volume 5m > 1.5m", "rvol 5m > 1.8", "rvol 1m > 3", "rvol 15m > 1.2"],
  ...["volume-z 5m > 1.5", "delta 5m > 200k", "delta 15m < -150k", "cvd 15m > 150k"],
  ...["cvd 5m flips", "divergence 30m", "divergence 15m is bearish", "large 5m > 200k"],
  ...["large-buy 1m > 100k", "large-sell 15m > 200k", "imbalance 5m > 0.2", "imbalance 1m < -0.5"],
  ...["oi 15m > 0.6%", "oi 5m < -0.5%", "quadrant 15m is new-longs", "quadrant 5m"],
  ...["funding > 0.02%", "funding flips", "liq 5m > 400k", "liq 1m > 200k", "liq-long 15m > 500k"],
  ...[
    "liq-short 30m > 300k",
    "cascade",
    "cascade long",
    "gap 15m > 0",
    "liq 60m crosses 1.5m back 0",
  ],
].map((text) => `btc ${text} cooldown 5m cap 1000`);

Deno.test("every rule fires exactly at the minutes that a plain recomputation finds", async (t) => {
  const markets = market();
  const { fired } = await live(RULES, new MovingSource(markets, BEGIN_MS + 500), 1_000);
  let most = 0;
  for (const text of RULES) {
    await t.step(text, () => {
      const wanted = plainFirings(ruleOf(text), markets, BEGIN_MS, LIVE);
      const found = fired.filter((one) => one.text === text).map(({ timeMs }) => timeMs);
      deepEqual(minutesOf(found), minutesOf(wanted));
      most = Math.max(most, wanted.length);
    });
  }
  const silent = RULES.filter((text) => !fired.some((one) => one.text === text));
  // A rule that never fires proves little: of all these only the gap has nothing to tell.
  deepEqual(silent, ["btc gap 15m > 0 cooldown 5m cap 1000"]);
  ok(most >= 10);
});

Deno.test("with torn minutes, too, and what cannot be judged is left out", async (t) => {
  const markets = market(37);
  const rules = RULES.filter((text) => !text.includes("silent"));
  const { fired } = await live(rules, new MovingSource(markets, BEGIN_MS + 500), 2_000);
  for (const text of rules) {
    await t.step(text, () => {
      const wanted = plainFirings(ruleOf(text), markets, BEGIN_MS, LIVE);
      const found = fired.filter((one) => one.text === text).map(({ timeMs }) => timeMs);
      deepEqual(minutesOf(found), minutesOf(wanted));
    });
  }
});

Deno.test("the dry run over stored minutes finds what was found live", async (t) => {
  const markets = market(53);
  const { fired } = await live(RULES, new MovingSource(markets, BEGIN_MS + 500), 2_000);
  const endMs = BEGIN_MS + LIVE * MINUTE_MS;
  const stored = new MovingSource(markets, endMs + 10_000);
  for (const text of RULES) {
    await t.step(text, async () => {
      const rule = ruleOf(text);
      // The first reading is the minute before: it arms, live as stored.
      const span = { fromMs: BEGIN_MS - firstBar(rule.windowMinutes, text), toMs: endMs };
      const read = await readStored(stored, "BTC", rule, span, () => Promise.resolve());
      const would = await firingsIn(rule, [read], () => Promise.resolve());
      const found = would.map(({ timeMs }) => timeMs);
      deepEqual(
        minutesOf(found),
        minutesOf(
          fired.filter((one) => one.text === text).map(({ timeMs }) => timeMs),
        ),
      );
    });
  }
});

/** What is read before the first minute: that minute, or the bar that ended last. */
function firstBar(windowMinutes: number | null, text: string): number {
  const aligned = /rsi|rvol|volume-z|delta/.test(text);
  const width = (aligned ? windowMinutes ?? 1 : 1) * MINUTE_MS;
  return BEGIN_MS - Math.floor(BEGIN_MS / width) * width + MINUTE_MS;
}

function minutesOf(times: readonly number[]): number[] {
  return times.map((timeMs) => (timeMs - BEGIN_MS) / MINUTE_MS);
}

Deno.test("sums fire in the minute in which they are enough, not after it", async () => {
  const markets = market();
  const source = new MovingSource(markets, BEGIN_MS + 500);
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const lags: number[] = [];
  const engine = new Engine({
    ...{ source, book, watched: () => ["BTC"], account: () => null, blind: () => {} },
    fired: (bunch) => lags.push(...bunch.map(({ atMs }) => source.now - atMs)),
    log: createLog({ level: "error" }),
  });
  await book.add("tg:1", ruleOf("btc liq 1m > 200k cooldown 0 cap 1000"), source.now);
  for (; source.now < BEGIN_MS + LIVE * MINUTE_MS; source.now += 1000) await engine.tick();
  ok(lags.length >= 5, `${lags.length}`);
  ok(lags.every((lagMs) => lagMs < 0), "each one before its minute was over");
});

Deno.test("what closes is judged within a second of being whole", async () => {
  const markets = market();
  const source = new MovingSource(markets, BEGIN_MS + 500);
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const lags: number[] = [];
  const engine = new Engine({
    ...{ source, book, watched: () => ["BTC"], account: () => null, blind: () => {} },
    fired: (bunch) => lags.push(...bunch.map(({ atMs }) => source.now - atMs - source.creditMs)),
    log: createLog({ level: "error" }),
  });
  await book.add("tg:1", ruleOf("btc cvd 5m flips cooldown 0 cap 1000"), source.now);
  for (; source.now < BEGIN_MS + LIVE * MINUTE_MS; source.now += 1000) await engine.tick();
  ok(lags.length >= 10);
  ok(Math.max(...lags) <= 1_000, `${Math.max(...lags)} ms`);
});

Deno.test("a rule that cannot be evaluated says so once, and again after it could be", async () => {
  const markets = market().map((one) => ({
    ...one,
    // The perpetual is away for 20 minutes, twice.
    buckets: one.venue !== "bybit-perp" ? one.buckets : one.buckets.map((bucket) => {
      const minute = (bucket.t - BEGIN_MS) / MINUTE_MS;
      const away = (minute >= 10 && minute < 30) || (minute >= 60 && minute < 80);
      return away ? { ...bucket, coverageMs: 0 } : bucket;
    }),
  }));
  const source = new MovingSource(markets, BEGIN_MS + 500);
  const { told } = await live(["btc cvd 5m > 1b", "btc price > 1b"], source, 5_000);
  deepEqual(told.map((text) => text.split(" ").slice(0, 3).join(" ")), [
    "a1 BTC: bybit-perp",
    "a1 BTC: bybit-perp",
  ]);
});

Deno.test("rules about one metric of an asset share its reading, of all watched ones too", async () => {
  const source = new MovingSource([
    ...market(),
    ...market().map((one) => ({ ...one, base: "ETH" })),
  ], BEGIN_MS + 500);
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const fired: Fired[] = [];
  const engine = new Engine({
    ...{ source, book, watched: () => ["BTC", "ETH"], account: () => null, blind: () => {} },
    fired: (bunch) => fired.push(...bunch),
    log: createLog({ level: "error" }),
  });
  await book.add("tg:1", ruleOf("watch move 5m > 1% cooldown 60m cap 3"), source.now);
  for (let i = 0; i < 20; i++) await book.add("tg:1", ruleOf(`btc move 5m > ${i}%`), source.now);
  for (; source.now < BEGIN_MS + 120 * MINUTE_MS; source.now += 2000) await engine.tick();
  const watch = fired.filter(({ armed }) => armed.id === "a1");
  deepEqual([...new Set(watch.map(({ asset }) => asset))].sort(), ["BTC", "ETH"]);
  ok(watch.length <= 3, "the cap is the rule's, not the asset's");
  for (const asset of ["BTC", "ETH"]) ok(engine.minutes.find(asset, "move", 5), asset);
});

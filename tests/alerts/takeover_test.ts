/** Two processes on one store: what the older one told is not told again, and nothing is lost. */
import { deepEqual, equal, ok } from "../assert.ts";
import fc from "fast-check";
import type { Alerts } from "../../lib/alerts/alerts.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { random } from "./moving_source.ts";
import { arm, OWNER, running, START_MS, until, World } from "./world.ts";

Deno.test("a successor that starts late goes on where the older one stood", async () => {
  const world = new World();
  const { source } = world;
  const older = world.process("older");
  await older.load();
  await arm(older, "btc price > 100 cooldown 0");
  await arm(older, "btc price > 110 cooldown 30m");
  await arm(older, "btc price > 120 cooldown 0 cap 1");
  await arm(older, "btc price > 130 cooldown 0");
  await older.desk.change(OWNER, "a4", { kind: "mute", minutes: 60 });
  const print = (to: Alerts, price: number) =>
    to.onTrade("BTC", "binance-perp", price, ++source.now);
  // The successor hears the tape from its start on, long before the work is its own.
  const newer = world.process("newer");
  await running(older, async () => {
    for (const price of [90, 125, 90, 105]) for (const one of [older, newer]) print(one, price);
    await until(() => world.told().length === 4);
  });
  deepEqual(world.told().toSorted(), ["a1#1", "a1#2", "a2#1", "a3#1"]);
  ok(world.posts.some(({ html }) => html.includes("the last of 1 today")));
  await newer.load();
  await running(newer, async () => {
    // The older one may still be hearing prints: it stores nothing and says nothing.
    print(older, 90);
    print(older, 131);
    // Above 100 as before: told. Cooling, capped and muted as they were.
    for (const price of [105, 111, 125, 135]) print(newer, price);
    print(newer, 89);
    print(newer, 101);
    await until(() => world.told().includes("a1#3"));
  });
  deepEqual(world.told().slice(4), ["a1#3"]);
  equal(newer.desk.find(OWNER, "a4")?.state, "muted");
  equal(newer.desk.find(OWNER, "a4")?.hits, 1);
  equal(newer.desk.find(OWNER, "a3")?.firedToday, 1);
});

/** Prices that stay for some prints, as they do: who takes over hears the newest one again. */
function plateaus(seed: number): number[] {
  const next = random(seed);
  return Array.from({ length: 40 }, () => 90 + Math.round(next() * 20)).flatMap((price) =>
    Array.from({ length: 3 }, () => price)
  );
}

/** How often a rule fires over the prices, told plainly. */
function plainCount(prices: readonly number[], threshold: number): number {
  let [count, armed]: [number, boolean | null] = [0, null];
  for (const price of prices) {
    if (armed === null) armed = price <= threshold;
    else if (armed && price > threshold) {
      count++;
      armed = false;
    } else if (!armed && price <= threshold * 0.97) armed = true;
  }
  return count;
}

/** Processes that follow each other over the prices; returns what is told and what should be. */
async function handedOn(seed: number, takeovers: readonly number[], orderly: boolean) {
  const world = new World();
  const prices = plateaus(seed);
  const levels = [95, 100, 105];
  let alerts = world.process("0");
  await alerts.load();
  for (const level of levels) {
    await arm(alerts, `btc price > ${level} back 3% cooldown 0 cap 1000`);
  }
  let over = new AbortController();
  const tasks = [alerts.run(over.signal)];
  const told = () => new Set(world.told());
  const wanted = levels.flatMap((level, rule) =>
    Array.from({ length: plainCount(prices, level) }, (_, hit) => `a${rule + 1}#${hit + 1}`)
  );
  try {
    for (const [nth, price] of prices.entries()) {
      if (takeovers.includes(nth)) {
        const next = world.process(`${nth}`);
        // Stopped, it finishes what it has begun; else it is in the middle of anything.
        if (orderly) {
          over.abort();
          await Promise.all(tasks);
        }
        await next.load();
        over.abort();
        alerts = next;
        over = new AbortController();
        tasks.push(alerts.run(over.signal));
      }
      alerts.onTrade("BTC", "binance-perp", price, ++world.source.now);
      if (nth % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const enough = () => !orderly || told().size >= wanted.length;
    for (let i = 0; i < 1000; i++) {
      if (enough() && alerts.outbox.waiting === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } finally {
    over.abort();
    await Promise.all(tasks);
  }
  // Told twice only where a call was under way at the takeover, and then it says so.
  const twice = world.told().filter((name, at, all) => all.indexOf(name) < at);
  const marked = world.posts.filter(({ html }) => html.includes("(repeat)"))
    .flatMap(({ html }) => [...html.matchAll(/a\d+#\d+/g)].map(([name]) => name));
  ok(twice.every((name) => marked.includes(name)), twice.join());
  return { told: [...told()].sort(), wanted: wanted.toSorted() };
}

const takeovers = fc.array(fc.nat(110), { minLength: 1, maxLength: 3 });
const RUNS = { numRuns: 12, seed: 7, endOnFailure: true };

Deno.test("from process to process each firing is told, and none as two", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), takeovers, async (seed, at) => {
      const { told, wanted } = await handedOn(seed, at, true);
      deepEqual(told, wanted);
    }),
    RUNS,
  );
});

Deno.test("a process that is overtaken in the middle of its work tells nothing twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), takeovers, async (seed, at) => {
      const { told, wanted } = await handedOn(seed, at, false);
      // Each takeover may cost what was judged and not yet stored.
      ok(told.length <= wanted.length && told.length >= wanted.length - 3 * at.length);
    }),
    RUNS,
  );
});

Deno.test("minutes that closed while nobody evaluated are judged by the next one, once", async () => {
  const fired = async (stops: readonly (readonly [from: number, to: number])[]) => {
    const world = new World();
    const { source } = world;
    let alerts = world.process("0");
    await alerts.load();
    await arm(alerts, "btc change 1m flips cooldown 0 cap 1000");
    await arm(alerts, "btc move 5m > 0.6% cooldown 0 cap 1000");
    for (let minute = 0; minute < 50; minute += 1 / 12) {
      const stopped = stops.some(([from, to]) => minute >= from && minute < to);
      const back = stops.some(([, to]) => minute >= to && minute < to + 1 / 12);
      source.now = START_MS + 20_000 + minute * MINUTE_MS;
      if (back) {
        await alerts.herald.idle();
        alerts = world.process(`${minute}`);
        await alerts.load();
      }
      if (stopped) continue;
      await running(alerts, async () => await alerts.engine.tick());
    }
    const asker = { ...OWNER };
    const rows = await alerts.desk.history(asker, 500);
    return rows.map(({ ruleId, atMs, value }) => `${ruleId} ${value} ${atMs <= source.now}`);
  };
  const whole = await fired([]);
  ok(whole.length >= 10, `${whole.length}`);
  deepEqual(await fired([[10, 14], [21, 21.5], [30, 38.4]]), whole);
});

import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { type Armed, newlyArmed } from "../../../lib/alerts/run/armed.ts";
import { PriceWatch } from "../../../lib/alerts/run/prices.ts";
import { random } from "../moving_source.ts";
import { ruleOf } from "../ruling.ts";

const START_MS = Date.UTC(2026, 10, 20, 10);

interface Print {
  readonly price: number;
  readonly timeMs: number;
}

/** The prints at which a rule fires, told again from the first to the last. */
function plainFirings(armed: Armed, prints: readonly Print[]): number[] {
  const { comparison, threshold, backPart, cooldownMinutes } = armed.rule;
  const margin = threshold * backPart;
  const fired: number[] = [];
  let [ready, side]: [boolean | null, number] = [null, 0];
  for (const { price, timeMs } of prints) {
    const so = comparison === ">"
      ? price > threshold
      : comparison === "<"
      ? price < threshold
      : side !== 0 && Math.sign(price - threshold) === -side;
    const last = fired.at(-1);
    const cool = last === undefined || timeMs - last >= cooldownMinutes * 60_000;
    if (ready && so && !cool) continue;
    if (ready && so) {
      fired.push(timeMs);
      ready = comparison === "crosses" && backPart === 0;
    } else if (ready === null) ready = comparison === "crosses" || !so;
    else if (!ready) {
      ready = comparison === ">"
        ? price <= threshold - margin
        : comparison === "<"
        ? price >= threshold + margin
        : Math.abs(price - threshold) >= margin;
    }
    side = Math.sign(price - threshold) || side;
  }
  return fired;
}

function walk(seed: number, count: number): Print[] {
  const next = random(seed);
  let price = 100;
  return Array.from({ length: count }, (_, i) => {
    price = Math.max(20, price * (1 + (next() - 0.5) * 0.01));
    // Levels are met exactly, too.
    return { price: next() < 0.2 ? Math.round(price) : price, timeMs: START_MS + i * 137 };
  });
}

const comparisons = [">", "<", "crosses"];

Deno.test("price rules fire at exactly the prints that a plain recomputation finds", () => {
  const seeds = fc.nat(1e6);
  const levels = fc.array(
    fc.record({
      comparison: fc.constantFrom(...comparisons),
      threshold: fc.integer({ min: 90, max: 110 }),
      back: fc.constantFrom("0", "1%", "10%"),
      cooldown: fc.constantFrom("0", "1m"),
    }),
    { minLength: 1, maxLength: 30 },
  );
  let total = 0;
  fc.assert(
    fc.property(seeds, levels, (seed, wanted) => {
      const rules = wanted.map(({ comparison, threshold, back, cooldown }, i) => {
        const text =
          `btc price ${comparison} ${threshold} back ${back} cooldown ${cooldown} cap 1000`;
        return newlyArmed(`a${i}`, "tg:1", ruleOf(text), START_MS);
      });
      const fired = new Map<Armed, number[]>(rules.map((armed) => [armed, []]));
      const watch = new PriceWatch((armed, _, __, timeMs) => fired.get(armed)?.push(timeMs));
      watch.setRules(new Map([["BTC", rules]]));
      watch.follow("BTC", "binance-perp");
      const prints = walk(seed, 1500);
      for (const { price, timeMs } of prints) watch.onTrade("BTC", "binance-perp", price, timeMs);
      for (const armed of rules) {
        deepEqual(fired.get(armed), plainFirings(armed, prints), armed.rule.comparison);
        total += fired.get(armed)?.length ?? 0;
      }
    }),
    { numRuns: 60 },
  );
  ok(total > 200, `${total} firings compared`);
});

Deno.test("prints of other markets, of other assets and late ones change nothing", () => {
  const told: number[] = [];
  const watch = new PriceWatch((_, __, price) => told.push(price));
  const rule = newlyArmed("a1", "tg:1", ruleOf("btc price > 100 cooldown 0"), START_MS);
  watch.setRules(new Map([["BTC", [rule]]]));
  watch.onTrade("BTC", "binance-perp", 90, START_MS);
  watch.follow("BTC", "binance-perp");
  watch.onTrade("BTC", "binance-perp", 90, START_MS);
  watch.onTrade("BTC", "bybit-perp", 120, START_MS + 1);
  watch.onTrade("ETH", "binance-perp", 120, START_MS + 1);
  watch.onTrade("BTC", "binance-perp", 120, START_MS - 1);
  deepEqual(told, []);
  watch.onTrade("BTC", "binance-perp", 121, START_MS + 1);
  deepEqual(told, [121]);
});

Deno.test("a rule that cools fires when its time comes, without another print", () => {
  const told: number[] = [];
  const watch = new PriceWatch((_, __, ___, timeMs) => told.push(timeMs - START_MS));
  const rule = newlyArmed("a1", "tg:1", ruleOf("btc price > 100 cooldown 1m"), START_MS);
  watch.setRules(new Map([["BTC", [rule]]]));
  watch.follow("BTC", "v");
  for (const [after, price] of [[0, 90], [1, 101], [2, 90], [3, 101]] as const) {
    watch.onTrade("BTC", "v", price, START_MS + after);
  }
  deepEqual(told, [1]);
  watch.tick(START_MS + 59_999);
  watch.tick(START_MS + 60_001);
  deepEqual(told, [1, 60_001]);
});

Deno.test("a print between all levels is not looked at, however many rules there are", () => {
  const watch = new PriceWatch(() => {});
  const rules = Array.from(
    { length: 500 },
    (_, i) => newlyArmed(`a${i}`, "tg:1", ruleOf(`btc price > ${200 + i} back 1%`), START_MS),
  );
  watch.setRules(new Map([["BTC", rules]]));
  watch.follow("BTC", "v");
  for (let i = 0; i < 10_000; i++) watch.onTrade("BTC", "v", 100 + (i % 50), START_MS + i);
  equal(watch.looks, 1);
});

import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { LargeTrades } from "../../../lib/market/head/large_trades.ts";
import { type HourOfSizes, LARGE_FLOOR_USD } from "../../../lib/market/head/size_counts.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 59, 50);

/** Prints of some sizes, a few of them large, enough for a percentile above the floor. */
function day(large: LargeTrades, timeMs = T0 - 10 * 60_000): void {
  for (let nth = 0; nth < 1_000; nth++) {
    large.add(timeMs + nth * 100, "buy", nth % 100 === 0 ? 400_000 : 50);
  }
}

const prints = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 1, 20, 49, 50, 51, 52, 400, 9_000),
    side: fc.constantFrom("buy" as const, "sell" as const),
    quote: fc.integer({ min: 1, max: 500_000 }),
  }),
  { minLength: 1, maxLength: 60 },
).map((rows) => {
  let timeMs = T0;
  return rows.map(({ afterMs, side, quote }) => ({ timeMs: timeMs += afterMs, side, quote }));
});

Deno.test("two processes that count by one instant have each cluster once, and the same are large", () => {
  const property = fc.property(prints, fc.nat(100), fc.boolean(), (given, part, stopped) => {
    const index = Math.floor(given.length * part / 100);
    const cutMs = given[index]?.timeMs ?? T0;
    const [whole, old, next] = [new LargeTrades(), new LargeTrades(), new LargeTrades()];
    for (const one of [whole, old]) day(one);
    const stored = new Map<number, Uint8Array>();
    const store = (changes: readonly HourOfSizes[]) => {
      for (const [hour, bytes] of changes) stored.set(hour, bytes);
    };
    store(old.takeChanges());
    // The new one was there for some seconds, and had read what was stored then.
    next.restore([...stored]);
    let [alone, together] = [0, 0];
    for (const { timeMs, side, quote } of given) {
      alone += whole.add(timeMs, side, quote);
      if (timeMs >= cutMs) continue;
      together += old.add(timeMs, side, quote);
      next.add(timeMs, side, quote);
    }
    old.finish(cutMs);
    store(old.takeChanges());
    // Where nobody follows after all, the old one goes on as if nothing had been.
    const last = stopped ? old : next;
    if (!stopped) next.continueFrom(cutMs, [...stored]);
    for (const { timeMs, side, quote } of given) {
      if (timeMs >= cutMs) together += last.add(timeMs, side, quote);
    }
    equal(together, alone);
    equal(last.thresholdUsd, whole.thresholdUsd);
    for (const one of [last, whole]) one.finish(Infinity);
    store(last.takeChanges());
    deepEqual([...stored], whole.takeChanges().map(([hour, bytes]) => [hour, bytes]));
  });
  fc.assert(property, { seed: 20261120, numRuns: 500 });
});

Deno.test("a percentile that is restored holds from the first print on", () => {
  const before = new LargeTrades();
  day(before);
  before.finish(Infinity);
  const after = new LargeTrades();
  equal(after.thresholdUsd, LARGE_FLOOR_USD);
  after.restore(before.takeChanges());
  ok(after.thresholdUsd > 380_000 && after.thresholdUsd <= 400_000);
  equal(after.add(T0, "sell", 100_000), 0);
});

import { equal, ok } from "../assert.ts";
import fc from "fast-check";
import { WeightWindow } from "../../lib/net/weight_window.ts";

Deno.test("whoever waits as long as told never spends more than the limit in any window", () => {
  const step = fc.record({
    idleMs: fc.nat({ max: 30_000 }),
    weight: fc.integer({ min: 1, max: 70 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const window = new WeightWindow(60_000);
    const spent: { atMs: number; weight: number }[] = [];
    let nowMs = 0;
    for (const { idleMs, weight } of steps) {
      nowMs += idleMs;
      nowMs += window.waitMs(weight, 70, nowMs);
      equal(window.waitMs(weight, 70, nowMs), 0, "the wait told is long enough");
      window.add(weight, nowMs);
      spent.push({ atMs: nowMs, weight });
    }
    for (const { atMs } of spent) {
      const inWindow = spent.filter((one) => one.atMs >= atMs && one.atMs < atMs + 60_000);
      ok(inWindow.reduce((sum, one) => sum + one.weight, 0) <= 70);
    }
  }));
});

Deno.test("what was spent is forgotten after the window, in a bounded number of parts", () => {
  const window = new WeightWindow(6_400);
  for (let atMs = 0; atMs < 100_000; atMs++) window.add(1, atMs);
  const used = window.used(100_000);
  ok(used >= 6_400 && used <= 6_500, `${used} in 6400 ms`);
  equal(window.used(107_000), 0);
});

Deno.test("the venue's count adds what others spent, once", () => {
  const window = new WeightWindow(1_000);
  window.add(10, 0);
  window.correct(8, 100);
  equal(window.used(100), 10, "our request under way is not in the venue's count yet");
  window.correct(50, 200);
  window.correct(50, 300);
  equal(window.used(300), 50);
  equal(window.used(1_100), 40);
  equal(window.used(1_200), 0);
});

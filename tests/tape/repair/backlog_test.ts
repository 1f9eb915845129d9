import { deepEqual, equal } from "../../assert.ts";
import fc from "fast-check";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Backlog } from "../../../lib/tape/repair/backlog.ts";

Deno.test("a span that was dealt with is taken out of what it overlaps, and nothing else is", () => {
  const edge = fc.integer({ min: 0, max: 50 });
  const spans = fc.uniqueArray(edge, { maxLength: 12 }).map((edges) => {
    const sorted = edges.toSorted((a, b) => b - a);
    return sorted.flatMap((toMs, index) => {
      const fromMs = sorted[index + 1];
      return index % 2 === 0 && fromMs !== undefined ? [{ fromMs, toMs }] : [];
    });
  });
  fc.assert(fc.property(spans, edge, edge, (old, a, b) => {
    const backlog = new Backlog();
    backlog.old = old;
    const gone = { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
    backlog.remove(gone);
    const holds = (list: typeof old, ms: number) =>
      list.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
    for (let ms = 0; ms < 50; ms++) {
      const isGone = ms >= gone.fromMs && ms < gone.toMs;
      equal(holds([...backlog.old], ms), holds(old, ms) && !isGone);
    }
    const order = backlog.old.map(({ toMs }) => toMs);
    deepEqual(order, order.toSorted((x, y) => y - x));
  }));
});

Deno.test("a failing series waits longer each time, at most a minute, and starts anew on success", () => {
  const backlog = new Backlog();
  const waits: number[] = [];
  let nowMs = 0;
  for (let failure = 0; failure < 7; failure++) {
    backlog.failed(nowMs);
    const fromMs = nowMs;
    while (!backlog.isDue(nowMs)) nowMs += 1_000;
    waits.push((nowMs - fromMs) / 1_000);
  }
  deepEqual(waits, [4, 8, 16, 32, 60, 60, 60]);
  backlog.succeeded();
  backlog.failed(nowMs);
  equal(backlog.isDue(nowMs + 4_000), true);
});

Deno.test("a minute that was compared is sure until another print comes", () => {
  const backlog = new Backlog();
  backlog.ensure(0, 17);
  equal(backlog.isSure(0, 17), true);
  equal(backlog.isSure(0, 18), false);
});

Deno.test("a minute is looked at a few times, with growing pauses, and given up once", () => {
  const backlog = new Backlog();
  let nowMs = 0;
  let looks = 1;
  while (backlog.lookAgain(0, nowMs)) {
    looks++;
    equal(backlog.isResting(0, nowMs + 1_000), true);
    while (backlog.isResting(0, nowMs)) nowMs += 1_000;
  }
  equal(looks, 5);
  equal(backlog.giveUp(0), true);
  equal(backlog.giveUp(0), false);
});

Deno.test("what is older than what is kept is forgotten", () => {
  const backlog = new Backlog();
  backlog.giveUp(0);
  backlog.ensure(MINUTE_MS, 1);
  backlog.giveUp(5 * MINUTE_MS);
  backlog.prune(5 * MINUTE_MS, 5 * MINUTE_MS);
  equal(backlog.isLost(0), false);
  equal(backlog.isSure(MINUTE_MS, 1), false);
  equal(backlog.isLost(5 * MINUTE_MS), true);
});

Deno.test("what was compared is remembered in the hot window, what was lost and looked at beyond", () => {
  const backlog = new Backlog();
  for (const t of [MINUTE_MS, 9 * MINUTE_MS]) backlog.ensure(t, 1);
  backlog.giveUp(2 * MINUTE_MS);
  backlog.lookAgain(3 * MINUTE_MS, 0);
  backlog.prune(0, 9 * MINUTE_MS);
  equal(backlog.isSure(MINUTE_MS, 1), false);
  equal(backlog.isSure(9 * MINUTE_MS, 1), true);
  equal(backlog.isLost(2 * MINUTE_MS), true);
  equal(backlog.looks(3 * MINUTE_MS), 1);
});

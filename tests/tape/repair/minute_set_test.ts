import { equal } from "../../assert.ts";
import fc from "fast-check";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { MinuteSet } from "../../../lib/tape/repair/minute_set.ts";

const T0 = Date.UTC(2026, 10, 20);

Deno.test("it holds what a Set would hold", () => {
  const change = fc.record({ minute: fc.integer({ min: 0, max: 200 }), add: fc.boolean() });
  fc.assert(fc.property(fc.array(change), (changes) => {
    const [ours, plain] = [new MinuteSet(), new Set<number>()];
    for (const { minute, add } of changes) {
      const t = T0 + minute * MINUTE_MS;
      if (add) ours.add(t);
      else ours.delete(t);
      if (add) plain.add(t);
      else plain.delete(t);
    }
    for (let minute = 0; minute <= 200; minute++) {
      const t = T0 + minute * MINUTE_MS;
      equal(ours.has(t), plain.has(t));
    }
  }));
});

Deno.test("pruning forgets what is old and keeps what is not", () => {
  const set = new MinuteSet();
  for (let minute = 0; minute < 300; minute++) set.add(T0 + minute * MINUTE_MS);
  set.prune(T0 + 200 * MINUTE_MS);
  for (let minute = 0; minute < 200; minute++) equal(set.has(T0 + minute * MINUTE_MS), false);
  for (let minute = 200; minute < 300; minute++) equal(set.has(T0 + minute * MINUTE_MS), true);
});

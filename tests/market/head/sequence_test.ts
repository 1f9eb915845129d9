import { deepEqual, equal } from "../../assert.ts";
import fc from "fast-check";
import { Sequence } from "../../../lib/market/head/sequence.ts";

Deno.test("ids in order are next, the same id again is a repeat", () => {
  const sequence = new Sequence();
  equal(sequence.see(10, 1000).verdict, "next");
  equal(sequence.see(11, 1001).verdict, "next");
  equal(sequence.see(11, 1001).verdict, "repeat");
  equal(sequence.see(10, 1000).verdict, "repeat");
  equal(sequence.lastId, 11);
});

Deno.test("a jump is told with the span that was skipped and its times", () => {
  const sequence = new Sequence();
  sequence.see(10, 1000);
  const { verdict, gap } = sequence.see(14, 1500);
  equal(verdict, "jumped");
  deepEqual([gap?.fromId, gap?.toId, gap?.fromMs, gap?.toMs], [11, 13, 1000, 1500]);
});

Deno.test("a late id fills its hole, and only the last one closes the span", () => {
  const sequence = new Sequence();
  sequence.see(10, 1000);
  sequence.see(14, 1500);
  deepEqual(sequence.see(12, 1200), { verdict: "filled", gap: null });
  equal(sequence.see(12, 1200).verdict, "repeat");
  equal(sequence.see(11, 1100).gap, null);
  const last = sequence.see(13, 1300);
  equal(last.verdict, "filled");
  deepEqual([last.gap?.fromMs, last.gap?.toMs], [1000, 1500]);
  equal(sequence.gaps.length, 0);
});

Deno.test("a sequence resumed after a stored id shows what was missed meanwhile", () => {
  const sequence = new Sequence();
  sequence.resume(100, 5000);
  equal(sequence.see(100, 5000).verdict, "repeat");
  equal(sequence.see(103, 9000).gap?.fromId, 101);
});

Deno.test("whatever the order of arrival, each id is taken once and the holes are the rest", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 120 }),
    (arrivals) => {
      const sequence = new Sequence();
      const first = arrivals[0] ?? 0;
      const taken = new Set<number>();
      for (const id of arrivals) {
        const fresh = sequence.see(id, 1000 + id).verdict !== "repeat";
        // What lies before the first id is unknown to the sequence and never its to take.
        equal(fresh, id >= first && !taken.has(id));
        if (fresh) taken.add(id);
      }
      const missing = new Set<number>();
      for (const { fromId, toId } of sequence.gaps) {
        for (let id = fromId; id <= toId; id++) missing.add(id);
      }
      const last = Math.max(...taken);
      for (let id = first; id <= last; id++) equal(missing.has(id), !taken.has(id));
    },
  ));
});

Deno.test("a hole that is torn in pieces closes with its last id, and is told once", () => {
  const sequence = new Sequence();
  sequence.see(10, 1000);
  const opened = sequence.see(15, 1500).gap;
  equal(sequence.see(13, 1300).gap, null);
  equal(sequence.see(11, 1100).gap, null);
  equal(sequence.see(14, 1400).gap, null);
  equal(sequence.see(12, 1200).gap?.jump, opened?.jump);
});

Deno.test("one id from nowhere is garbage and moves nothing", () => {
  const sequence = new Sequence();
  sequence.see(10, 1000);
  equal(sequence.see(9e15, 1100).verdict, "repeat");
  equal(sequence.see(11, 1200).verdict, "next");
  equal(sequence.see(13, 1300).gap?.fromId, 12);
});

Deno.test("a venue that counts anew is followed after a few trades, and the break is a hole", () => {
  const sequence = new Sequence();
  sequence.see(5_000_000, 1000);
  const verdicts = [1, 2, 3, 4, 5, 6].map((id) => sequence.see(id, 60_000 + id).verdict);
  deepEqual(verdicts, ["repeat", "repeat", "repeat", "repeat", "jumped", "next"]);
  equal(sequence.gaps.length, 0);
});

import { equal } from "../../assert.ts";
import { RecentIds } from "../../../lib/market/head/recent_ids.ts";
import { Random } from "../../sim/market/random.ts";

Deno.test("an id is new once", () => {
  const ids = new RecentIds();
  equal(ids.add(0), true);
  equal(ids.add(0), false);
  equal(ids.add(2 ** 52), true);
  equal(ids.add(2 ** 52), false);
});

Deno.test("the last 1536 ids are always remembered, however many came before", () => {
  const ids = new RecentIds();
  // Dense counters, the worst case of a weak hash, and digests spread over 52 bits.
  for (const spread of [1, 2_971_215_073]) {
    for (let i = 0; i < 20_000; i++) {
      equal(ids.add(i * spread + spread), true, `new ${i}`);
      const back = Math.max(0, i - 1535);
      if (i % 97 === 0) equal(ids.add(back * spread + spread), false, `repeat of ${back} at ${i}`);
    }
  }
});

Deno.test("what is remembered is what a plain list of the last 1536 would hold", () => {
  const random = new Random(7);
  for (const range of [200, 1600, 4000]) {
    const ids = new RecentIds();
    const last: number[] = [];
    for (let i = 0; i < 8000; i++) {
      const id = Math.floor(random.next() * range);
      const known = last.includes(id);
      equal(ids.has(id), known, `${id} of ${range} at ${i}`);
      equal(ids.add(id), !known);
      if (!known && last.push(id) > 1536) last.shift();
    }
  }
});

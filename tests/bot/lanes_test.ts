import { deepEqual, equal } from "../assert.ts";
import { Lanes } from "../../lib/bot/lanes.ts";

Deno.test("a lane keeps its order and does not hold up the others", async () => {
  const lanes = new Lanes();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  lanes.add(1, async () => {
    await gate.promise;
    seen.push("1a");
  });
  lanes.add(1, () => Promise.resolve(void seen.push("1b")));
  lanes.add(2, () => {
    seen.push("2");
    gate.resolve();
    return Promise.resolve();
  });
  await lanes.idle();
  deepEqual(seen, ["2", "1a", "1b"]);
});

Deno.test("a lane takes eight tasks and all lanes 256", async () => {
  const lanes = new Lanes();
  const gate = Promise.withResolvers<void>();
  const wait = () => gate.promise;
  const taken = Array.from({ length: 10 }, () => lanes.add(0, wait));
  equal(taken.filter(Boolean).length, 8);
  let more = 0;
  for (let key = 1; key < 400; key++) if (lanes.add(key, wait)) more++;
  equal(more, 248);
  gate.resolve();
  await lanes.idle();
  equal(lanes.add(0, wait), true);
  await lanes.idle();
});

Deno.test("instead of what was not taken something else is done, once until the lane is empty", async () => {
  const lanes = new Lanes();
  const seen: string[] = [];
  const does = (what: string) => () => Promise.resolve(void seen.push(what));
  for (const round of ["a", "b"]) {
    const gate = Promise.withResolvers<void>();
    lanes.add(1, () => gate.promise);
    const taken = Array.from(
      { length: 10 },
      (_, i) => lanes.add(1, does(`${round}${i}`), does(`not ${round}${i}`)),
    );
    equal(taken.filter(Boolean).length, 7);
    gate.resolve();
    await lanes.idle();
  }
  const of = (round: string) => Array.from({ length: 7 }, (_, i) => `${round}${i}`);
  deepEqual(seen, [...of("a"), "not a7", ...of("b"), "not b7"]);
});

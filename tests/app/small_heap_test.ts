import { equal, ok } from "../assert.ts";
import { keepHeapSmall } from "../../lib/app/small_heap.ts";

Deno.test("garbage is collected again and again until the end", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let collected = 0;
  {
    const collect = () => ++collected === 3 ? resolve() : undefined;
    using _heap = keepHeapSmall({ collect, giveBack: () => {} }, 1);
    await promise;
  }
  ok(collected >= 3);
  // The sanitizer of resources sees a timer that goes on.
});

Deno.test("after every sixth collection memory is given back", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done: string[] = [];
  {
    const collect = () => done.push("c");
    const giveBack = () => done.push("g") > 13 ? resolve() : undefined;
    using _heap = keepHeapSmall({ collect, giveBack }, 1);
    await promise;
  }
  equal(done.join(""), "ccccccgccccccg");
});

Deno.test("where V8 does not offer it nothing is done", () => {
  using heap = keepHeapSmall({ collect: undefined, giveBack: () => ok(false) }, 1);
  equal(typeof heap[Symbol.dispose], "function");
});

import { equal, ok } from "../assert.ts";
import { keepHeapSmall } from "../../lib/app/small_heap.ts";

Deno.test("garbage is collected again and again until the end", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let collected = 0;
  {
    using _heap = keepHeapSmall(() => ++collected === 3 ? resolve() : undefined, 1);
    await promise;
  }
  ok(collected >= 3);
  // The sanitizer of resources sees a timer that goes on.
});

Deno.test("where V8 does not offer it nothing is done", () => {
  using heap = keepHeapSmall(undefined, 1);
  equal(typeof heap[Symbol.dispose], "function");
});

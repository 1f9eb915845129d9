import { equal, ok } from "../assert.ts";
import { keepHeapSmall } from "../../lib/app/small_heap.ts";

/**
 * What is done until so much was: garbage is collected (c), and memory given back (g). The heap
 * has these sizes in MB, told at each look and after each collection, then the first again.
 */
async function doneUntil(steps: number, ...[usual = 0, ...sizesMb]: number[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done: string[] = [];
  const heapBytes = () => (sizesMb.shift() ?? usual) * 1e6;
  const collect = () => done.push("c");
  const giveBack = () => done.push("g") >= steps ? resolve() : undefined;
  {
    using _heap = keepHeapSmall({ collect, heapBytes, giveBack }, 1);
    await promise;
  }
  // The sanitizer of resources sees a timer that goes on.
  return done.join("");
}

const FIVE_LOOKS = [10, 10, 10, 10, 10];

Deno.test("memory is given back all the time, after every fifth time what is garbage", async () => {
  equal(await doneUntil(12, 10), "ggggcgggggcg");
});

Deno.test("a heap that has grown by much is collected, though not while it grows fast", async () => {
  const slowly = await doneUntil(10, 10, ...FIVE_LOOKS, 10, 10.9, 11.8, 12.6);
  equal(slowly, "ggggcgggcg");
  const fast = await doneUntil(12, 10, ...FIVE_LOOKS, 10, 15, 20, 20.5);
  equal(fast, "ggggcgggcggg");
});

Deno.test("where V8 does not offer it nothing is done", () => {
  const never = () => Number(ok(false));
  using heap = keepHeapSmall({ collect: undefined, heapBytes: never, giveBack: never }, 1);
  equal(typeof heap[Symbol.dispose], "function");
});

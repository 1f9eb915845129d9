import { deepEqual, ok, rejects } from "../assert.ts";
import fc from "fast-check";
import { VenueHttpError } from "../../lib/net/http_error.ts";
import { type Priority, RequestQueue } from "../../lib/net/request_queue.ts";
import { FakeTiming } from "./fake_timing.ts";

const LIMITS = { weight: 100, windowMs: 10_000 };

/** Lets promises run; nothing real is waited for. */
async function microtasks(): Promise<void> {
  for (let times = 0; times < 5; times++) await Promise.resolve();
}

/** Time passes in steps of 100 ms, so that each request is seen when it starts. */
async function pass(timing: FakeTiming, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    timing.advance(100);
    await microtasks();
  }
}

Deno.test("no mix of requests ever spends more than 70 % in any window, and all get through", async () => {
  const request = fc.record({
    idleSteps: fc.nat({ max: 30 }),
    weight: fc.integer({ min: 1, max: 40 }),
    priority: fc.constantFrom<Priority>("live", "repair"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 25 }), async (requests) => {
      const timing = new FakeTiming();
      const queue = new RequestQueue(LIMITS, timing);
      const spent: { atMs: number; weight: number }[] = [];
      for (const { idleSteps, weight, priority } of requests) {
        await pass(timing, idleSteps);
        void queue.enter(weight, priority).then(() => {
          spent.push({ atMs: timing.now(), weight });
          queue.leave();
        });
        await microtasks();
      }
      for (let windows = 0; windows < 50 && spent.length < requests.length; windows++) {
        await pass(timing, 100);
      }
      ok(spent.length === requests.length, "every request had its turn");
      for (const { atMs } of spent) {
        const inWindow = spent.filter((one) => one.atMs >= atMs && one.atMs < atMs + 10_000);
        ok(inWindow.reduce((sum, one) => sum + one.weight, 0) <= 70);
      }
      ok(queue.peakShare <= 0.7);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a repair never starts while a live request waits", async () => {
  const timing = new FakeTiming();
  const queue = new RequestQueue(LIMITS, timing);
  const went: string[] = [];
  const ask = (name: string, weight: number, priority: Priority) =>
    void queue.enter(weight, priority).then(() => {
      went.push(name);
      queue.leave();
    });
  ask("first", 60, "live");
  ask("repair", 5, "repair");
  ask("live 1", 30, "live");
  ask("live 2", 30, "live");
  await microtasks();
  timing.advance(9_999);
  await microtasks();
  ok(went.join() === "first");
  timing.advance(20_000);
  await microtasks();
  timing.advance(20_000);
  await microtasks();
  ok(went.join() === "first,live 1,live 2,repair", went.join());
});

Deno.test("a pause beyond a caller's patience is told to it at once, others wait it out", async () => {
  const timing = new FakeTiming();
  const queue = new RequestQueue(LIMITS, timing);
  queue.pause(60_000, new VenueHttpError("Banned", 418, true, "wait"));
  await rejects(queue.enter(1, "live", undefined, 20_000), { status: 418, retryAfterMs: 60_000 });
  const went: string[] = [];
  void queue.enter(1, "live", undefined, 90_000).then(() => went.push("patient"));
  await microtasks();
  deepEqual(went, []);
  await pass(timing, 601);
  deepEqual(went, ["patient"]);
});

import { deepEqual, ok } from "../assert.ts";
import { VenueHttpError } from "../../lib/net/http_error.ts";
import { every, pause } from "../../lib/tape/every.ts";

Deno.test("a job runs again and again, one at a time, until aborted", async () => {
  const lifetime = new AbortController();
  let [running, runs] = [0, 0];
  await every({ everyMs: 1, retryMs: 1, signal: lifetime.signal }, async () => {
    running++;
    ok(running === 1);
    await pause(1, lifetime.signal);
    running--;
    if (++runs === 3) lifetime.abort();
  }, () => {});
  deepEqual([running, runs], [0, 3]);
});

Deno.test("a failure is handed on, and the job is tried again", async () => {
  const lifetime = new AbortController();
  const failures: unknown[] = [];
  let runs = 0;
  await every({ everyMs: 1, retryMs: 1, signal: lifetime.signal }, () => {
    if (++runs === 3) lifetime.abort();
    return runs < 3 ? Promise.reject(new Error(`run ${runs}`)) : Promise.resolve();
  }, (error) => failures.push(String(error)));
  deepEqual(failures, ["Error: run 1", "Error: run 2"]);
});

Deno.test("a venue that refuses the region is not asked again each minute", async () => {
  const lifetime = new AbortController();
  const delays: unknown[] = [];
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((run: () => void, delayMs: number) => {
    delays.push(delayMs);
    return real(run, 0);
  }) as typeof setTimeout;
  try {
    let runs = 0;
    await every({ everyMs: 1, retryMs: 5_000, signal: lifetime.signal }, () => {
      if (++runs === 3) lifetime.abort();
      // The second answer is of our own queue, which knows how much of the pause is left.
      return Promise.reject(new VenueHttpError("no", 451, false, null, runs === 1 ? null : 90_000));
    }, () => {});
  } finally {
    globalThis.setTimeout = real;
  }
  deepEqual(delays, [600_000, 90_000]);
});

Deno.test("a pause ends at once when aborted, and leaves no timer", async () => {
  const lifetime = new AbortController();
  const startedMs = performance.now();
  const paused = pause(60_000, lifetime.signal);
  lifetime.abort();
  await paused;
  await pause(60_000, lifetime.signal);
  ok(performance.now() - startedMs < 1_000);
});

import { deepEqual, ok } from "../assert.ts";
import fc from "fast-check";
import { backoffMs } from "../../lib/net/backoff.ts";

Deno.test("the wait doubles to a minute", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 500].map((failures) => backoffMs(failures, 0));
  deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("every wait lies between 1 s and 60 s and is spread over half of its ceiling", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const waitMs = backoffMs(failures, random);
      ok(waitMs >= 1_000 && waitMs <= 60_000);
      ok(waitMs >= backoffMs(failures, 0) && waitMs <= 2 * backoffMs(failures, 0));
    }),
  );
});

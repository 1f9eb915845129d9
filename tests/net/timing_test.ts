import { equal, rejects } from "../assert.ts";
import { sleepOn, timingOf } from "../../lib/net/timing.ts";

Deno.test("a sleep ends with its time, or with what aborts it, before it or during it", async () => {
  const timing = timingOf({});
  const controller = new AbortController();
  equal(await sleepOn(timing, 1, controller.signal), undefined);
  const asleep = sleepOn(timing, 60_000, controller.signal);
  controller.abort(new RangeError("stop"));
  await rejects(asleep, RangeError);
  await rejects(sleepOn(timing, 60_000, controller.signal), RangeError);
});

import { equal, ok } from "../assert.ts";
import fc from "fast-check";
import { VenueClock } from "../../lib/net/clock.ts";

const HOURS_MS = 3_600_000;

Deno.test("a local clock that is hours wrong does not matter once the venue was asked", () => {
  let localMs = 1_000_000;
  const venueMs = () => localMs + 5 * HOURS_MS;
  const clock = new VenueClock(() => localMs);
  equal(clock.offsetMs, null);
  equal(clock.source, "none");
  equal(clock.nowMs(), localMs);
  const sentMs = localMs;
  localMs += 40;
  const serverMs = venueMs();
  localMs += 40;
  clock.sample(sentMs, localMs, serverMs);
  equal(clock.source, "rest");
  equal(clock.nowMs(), venueMs());
});

Deno.test("the quickest of the last eight answers is believed", () => {
  const clock = new VenueClock(() => 0);
  clock.sample(0, 1_000, 100); // 400 ms off, and nothing better yet
  equal(clock.offsetMs, -400);
  clock.sample(0, 10, 5);
  equal(clock.offsetMs, 0);
  for (let times = 0; times < 7; times++) clock.sample(0, 1_000, 100);
  equal(clock.offsetMs, 0);
  clock.sample(0, 1_000, 100);
  equal(clock.offsetMs, -400, "the quick one has become too old");
});

Deno.test("the offset is right within half the round trip, whatever the way", () => {
  const ms = fc.nat({ max: 5_000 });
  fc.assert(fc.property(ms, ms, fc.integer({ min: -1e9, max: 1e9 }), (there, back, offset) => {
    const clock = new VenueClock(() => 0);
    clock.sample(100, 100 + there + back, 100 + there + offset);
    ok(Math.abs((clock.offsetMs ?? NaN) - offset) <= (there + back) / 2);
  }));
});

Deno.test("after the local clock was set, the next answer alone counts", () => {
  const clock = new VenueClock(() => 0);
  clock.sample(0, 2, 1);
  clock.sample(HOURS_MS, HOURS_MS + 900, 450);
  equal(clock.offsetMs, -HOURS_MS);
});

Deno.test("until the venue was asked, the median of event times stands in", () => {
  const clock = new VenueClock(() => 0);
  clock.observe(-HOURS_MS, 0); // an old trade that came with the subscription
  for (let at = 1; at <= 30; at++) clock.observe(at * 10 + 7_000 - 20, at * 10);
  clock.observe(NaN, 400);
  equal(clock.source, "stream");
  equal(clock.offsetMs, 6_980);
  clock.sample(0, 10, 7_005);
  equal(clock.offsetMs, 7_000);
});

Deno.test("one burst of late events does not move the median", () => {
  const clock = new VenueClock(() => 0);
  for (let at = 0; at < 31; at++) clock.observe(at * 200, at * 200);
  for (let times = 0; times < 10_000; times++) clock.observe(0, 60_000 + times / 1000);
  equal(clock.offsetMs, 0);
});

Deno.test("events from the future refute the offset: the local clock was set back", () => {
  const clock = new VenueClock(() => 0);
  clock.sample(0, 10, 5);
  for (let at = 0; at < 31; at++) clock.observe(at * 200 - 30, at * 200);
  equal(clock.source, "rest");
  for (let at = 31; at < 62; at++) clock.observe(at * 200 - 30, at * 200 - HOURS_MS);
  equal(clock.source, "stream");
  equal(clock.offsetMs, HOURS_MS - 30);
});

Deno.test("nonsense is no sample", () => {
  const clock = new VenueClock(() => 0);
  clock.sample(10, 5, 7);
  clock.sample(0, 5, NaN);
  equal(clock.offsetMs, null);
});

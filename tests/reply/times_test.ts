import { equal } from "../assert.ts";
import { age, clock, clockAndDay, duration } from "../../lib/reply/times.ts";

const NOW = Date.UTC(2026, 10, 20, 14, 5, 30);

Deno.test("ages grow from seconds to days", () => {
  equal(age(0), "0 s old");
  equal(age(2900), "2 s old");
  equal(age(119_000), "119 s old");
  equal(age(120_000), "2 min old");
  equal(age(7_200_000), "2 h old");
  equal(age(3 * 86_400_000), "3 d old");
  equal(age(-5), "0 s old");
  equal(age(null), "—");
});

Deno.test("the clock is UTC and names the day where it is another", () => {
  equal(clock(NOW), "14:05");
  equal(clock(null), "—");
  equal(clock(NaN), "—");
  equal(clockAndDay(NOW, NOW), "14:05");
  equal(clockAndDay(NOW - 86_400_000, NOW), "19 Nov 14:05");
});

Deno.test("durations have at most two units", () => {
  equal(duration(45_000), "45s");
  equal(duration(600_000), "10m");
  equal(duration(7_800_000), "2h10m");
  equal(duration(7_200_000), "2h");
  equal(duration(3 * 86_400_000 + 4 * 3_600_000), "3d4h");
  equal(duration(-1), "—");
  equal(duration(null), "—");
});

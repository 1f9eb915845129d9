import { deepEqual, equal } from "node:assert/strict";
import {
  isQuiet,
  localTime,
  readClock,
  readQuietHours,
  sounds,
} from "../../../lib/alerts/deliver/quiet.ts";
import { UTC, zoneNamed } from "../../../lib/reply/zone.ts";

const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 20, hour, minute);

for (
  const [typed, hours] of [
    ["23:00-7:00", { fromMinute: 1380, toMinute: 420 }],
    ["9-17", { fromMinute: 540, toMinute: 1020 }],
    ["23:30–06:15", { fromMinute: 1410, toMinute: 375 }],
    ["7-7", null],
    ["24-7", null],
    ["7:60-8", null],
    ["", null],
    ["7-8-9", null],
  ] as const
) Deno.test(`«${typed}» as quiet hours`, () => deepEqual(readQuietHours(typed), hours));

Deno.test("quiet hours go over midnight, their first minute in and their last out", () => {
  const night = readQuietHours("23-7");
  deepEqual([22, 23, 2, 6].map((hour) => isQuiet(night, at(hour, 59), UTC)), [
    false,
    true,
    true,
    true,
  ]);
  deepEqual([isQuiet(night, at(23), UTC), isQuiet(night, at(7), UTC)], [true, false]);
  const noon = readQuietHours("12-13");
  deepEqual([11, 12, 13].map((hour) => isQuiet(noon, at(hour, 30), UTC)), [false, true, false]);
  equal(isQuiet(null, at(3), UTC), false);
});

Deno.test("they are the person's own hours, whatever the season", () => {
  const berlin = zoneNamed("Europe/Berlin") ?? UTC;
  const night = readQuietHours("23-7");
  equal(isQuiet(night, at(6, 30), berlin), false);
  equal(isQuiet(night, Date.UTC(2026, 6, 1, 4, 30), berlin), true);
  deepEqual(localTime(Date.UTC(2026, 6, 1, 22, 5), berlin).minute, 5);
});

Deno.test("critical ones sound at night too, normal ones by day, silent ones never", () => {
  deepEqual(
    [sounds(["critical"], true), sounds(["normal"], true), sounds(["normal"], false)],
    [true, false, true],
  );
  equal(sounds(["silent", "silent"], false), false);
  equal(sounds(["silent", "critical"], true), true);
});

Deno.test("a clock time is read in the ways that people type it", () => {
  deepEqual(["8", "08:00", "23:59", "24:00", "8am", ""].map(readClock), [
    480,
    480,
    1439,
    null,
    null,
    null,
  ]);
});

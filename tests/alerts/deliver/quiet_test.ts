import { deepEqual, equal } from "../../assert.ts";
import { isQuiet, localTime, sounds } from "../../../lib/alerts/deliver/quiet.ts";
import { UTC, zoneNamed } from "../../../lib/reply/zone.ts";

const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 20, hour, minute);

Deno.test("quiet hours go over midnight, their first minute in and their last out", () => {
  const night = { fromMinute: 1380, toMinute: 420 };
  deepEqual([22, 23, 2, 6].map((hour) => isQuiet(night, at(hour, 59), UTC)), [
    false,
    true,
    true,
    true,
  ]);
  deepEqual([isQuiet(night, at(23), UTC), isQuiet(night, at(7), UTC)], [true, false]);
  const noon = { fromMinute: 720, toMinute: 780 };
  deepEqual([11, 12, 13].map((hour) => isQuiet(noon, at(hour, 30), UTC)), [false, true, false]);
  equal(isQuiet(null, at(3), UTC), false);
});

Deno.test("they are the person's own hours, whatever the season", () => {
  const berlin = zoneNamed("Europe/Berlin") ?? UTC;
  const night = { fromMinute: 1380, toMinute: 420 };
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

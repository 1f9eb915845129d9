import { equal, ok } from "../assert.ts";
import { UTC, ZONE_KEY, zoneNamed, zoneOf } from "../../lib/reply/zone.ts";
import { clock, clockAndDay, clockSeconds } from "../../lib/reply/times.ts";
import { ASKER, fakeDesk } from "../commands/setting.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 23, 5, 33);

Deno.test("a zone is known by its name in any case", () => {
  equal(zoneNamed("europe/berlin")?.name, "Europe/Berlin");
  equal(zoneNamed("America/New_York")?.label, "New York");
  equal(zoneNamed("utc"), UTC);
  for (const typed of ["", "Mars/Olympus", "+02:00", "../etc", "x".repeat(80)]) {
    equal(zoneNamed(typed), null);
  }
});

Deno.test("offsets follow the zone's summer time", () => {
  const berlin = zoneNamed("Europe/Berlin");
  equal(berlin?.offset(Date.UTC(2026, 0, 1)), 3_600_000);
  equal(berlin?.offset(Date.UTC(2026, 6, 1)), 7_200_000);
  equal(zoneNamed("Asia/Kolkata")?.offset(NOW_MS + 1), 5.5 * 3_600_000);
  equal(zoneNamed("America/New_York")?.offset(NOW_MS), -5 * 3_600_000);
});

Deno.test("clocks read in a zone, and so do their days", () => {
  const tokyo = zoneNamed("Asia/Tokyo");
  ok(tokyo);
  equal(clock(NOW_MS, tokyo), "08:05");
  equal(clockSeconds(NOW_MS, tokyo), "08:05:33");
  equal(clockSeconds(NOW_MS), "23:05:33");
  // The day of the zone began at 15:00 UTC.
  equal(clockAndDay(NOW_MS - 8 * 3_600_000, NOW_MS, tokyo), "00:05");
  equal(clockAndDay(NOW_MS - 9 * 3_600_000, NOW_MS, tokyo), "20 Nov 23:05");
  equal(clock(null, tokyo), "—");
});

Deno.test("an asker's zone is what the desk keeps, UTC where that is nothing known", async () => {
  const desk = fakeDesk();
  equal(await zoneOf({ asker: ASKER, desk }), UTC);
  await desk.remember(ASKER.id, ZONE_KEY, "Asia/Tokyo");
  equal((await zoneOf({ asker: ASKER, desk })).name, "Asia/Tokyo");
  for (const odd of ["Nowhere", 5, null]) {
    await desk.remember(ASKER.id, ZONE_KEY, odd);
    equal(await zoneOf({ asker: ASKER, desk }), UTC);
  }
});

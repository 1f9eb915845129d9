import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { ZONE_KEY } from "../../lib/reply/zone.ts";
import { fakeSource, minutes } from "../market/fake_source.ts";
import { ASKER, fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

async function ask(text: string, desk = fakeDesk()) {
  const series = [{
    venue: "a-spot",
    buckets: minutes(Date.UTC(2026, 10, 20), 846, () => [2000, 1000]),
  }];
  const reply = await answer(text, setting({ commands, desk, source: fakeSource({ series }) }));
  assertSound(reply);
  return reply;
}

Deno.test("/zone alone tells the zone, and offers others", async () => {
  const { text, buttons = [] } = await ask("/zone");
  equal(text, "Times are UTC: it is 14:05 UTC, UTC +0 h now");
  ok(buttons.flat().some((button) => button.ask === "/zone Asia/Tokyo"));
});

Deno.test("/zone takes a name, a place and a place of two words, and keeps it", async () => {
  for (
    const [typed, name] of [
      ["Europe/Berlin", "Europe/Berlin"],
      ["berlin", "Europe/Berlin"],
      ["new york", "America/New_York"],
      ["america/new_york", "America/New_York"],
      ["utc", "UTC"],
    ]
  ) {
    const desk = fakeDesk();
    const { data } = await ask(`/zone ${typed}`, desk);
    equal(await desk.recall(ASKER.id, ZONE_KEY), name);
    ok(JSON.stringify(data).includes(`"zone":"${name}"`));
  }
});

Deno.test("the chosen zone is that of /cvd and /price", async () => {
  const desk = fakeDesk();
  equal(
    (await ask("/zone Tokyo", desk)).text,
    "Times are Asia/Tokyo: it is 23:05 Tokyo, UTC +9 h now",
  );
  const { text } = await ask("/cvd", desk);
  ok(text.startsWith("BTC CVD 15m · 23:05 Tokyo\n"), text);
  ok(text.includes("\n23:00…"), text);
  ok((await ask("/price", desk)).text.includes("23:05 Tokyo"));
});

Deno.test("an unknown place names the nearest, and nothing is kept", async () => {
  const desk = fakeDesk();
  const { text, data } = await ask("/zone Berlim<b>", desk);
  ok(text.includes("No time zone Berlim<b>. Nearest: Europe/Berlin"), text);
  ok(JSON.stringify(data).includes('"kind":"zone"'));
  equal(await desk.recall(ASKER.id, ZONE_KEY), null);
  await ask(`/zone ${"x".repeat(900)}`);
});

Deno.test("half hours are told, and a place goes by its name of today", async () => {
  for (const typed of ["Asia/Kolkata", "kolkata"]) {
    const { data } = await ask(`/zone ${typed}`);
    deepEqual(data, { zone: "Asia/Kolkata", offsetHours: 5.5 });
  }
});

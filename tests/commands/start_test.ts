import { setting } from "./setting.ts";
import { ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeSource } from "../market/fake_source.ts";
import { assertSound } from "./sound.ts";

Deno.test("/start says what is heard and why a venue is not", async () => {
  const venues = [
    { venue: "a-spot", market: "spot", live: true, reason: null },
    { venue: "b-perp", market: "perp", live: false, reason: "403 <blocked>" },
  ] as const;
  const source = fakeSource({ venues, series: [{ venue: "a-spot" }] });
  const reply = await answer("/start", setting({ commands, source }));
  assertSound(reply);
  ok(reply.text.includes("Watching 1 symbols, 1 of 2 venues live · 14:05 UTC"), reply.text);
  ok(reply.html.includes("b-perp: 403 &lt;blocked&gt;"), reply.html);
});

import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Desk } from "../../lib/reply/command.ts";
import { fakeSource } from "../market/fake_source.ts";
import { fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const source = fakeSource({
  series: [{ venue: "a-spot" }, { venue: "a-spot", base: "ETH" }],
  listed: ["BTC", "ETH", "PEPE", "WIF", "1INCH"],
});

/** A desk whose first assets come from SYMBOLS. */
function configuredDesk(configured: readonly string[]): Desk {
  const desk = fakeDesk(configured);
  return {
    ...desk,
    unwatch: (asset) =>
      configured.includes(asset) ? Promise.resolve("configured") : desk.unwatch(asset),
  };
}

async function watch(text: string, desk: Desk) {
  const reply = await answer(text, setting({ commands, source, desk }));
  assertSound(reply);
  return reply;
}

Deno.test("/watch lists what is collected and where it comes from", async () => {
  const desk = configuredDesk(["BTC", "ETH"]);
  await watch("/watch add pepe", desk);
  const { text, data, buttons } = await watch("/watch", desk);
  equal(text, GOLDEN);
  ok(JSON.stringify(data).includes('"configured":["BTC","ETH"],"added":["PEPE"]'));
  deepEqual(buttons?.flat().map((button) => button.ask), ["/watch remove PEPE", "/watch"]);
});

const GOLDEN = `Watching 3 · 14:05 UTC
From SYMBOLS: BTC ETH
Added here: PEPE
No data yet: PEPE
1/1 venues live`;

Deno.test("an asset is added and removed in any spelling", async () => {
  const spellings = [
    ["/watch add pepe", "/watch remove pepe"],
    ["/watch +pepe", "/watch -pepe"],
    ["/watch + PEPEUSDT", "/watch − pepe"],
    ["/watch ADD $pepe", "/watch rm 1000pepe"],
    ["/watch +1inch", "/watch -1INCH"],
  ];
  for (const [add = "", remove = ""] of spellings) {
    const desk = fakeDesk(["BTC"]);
    ok((await watch(add, desk)).text.includes("is collected from now on"), add);
    equal(desk.watched().length, 2);
    ok((await watch(remove, desk)).text.includes("is not collected any more"), remove);
    deepEqual(desk.watched(), ["BTC"]);
  }
});

Deno.test("what comes from SYMBOLS cannot be removed, and says so", async () => {
  const desk = configuredDesk(["BTC"]);
  const { text } = await watch("/watch -btc", desk);
  ok(text.startsWith("BTC comes from SYMBOLS and can only be taken out there"), text);
  deepEqual(desk.watched(), ["BTC"]);
});

Deno.test("adding twice and removing what is not there change nothing", async () => {
  const desk = fakeDesk(["BTC"]);
  await watch("/watch +pepe", desk);
  ok((await watch("/watch +pepe", desk)).text.startsWith("PEPE is collected already"));
  ok((await watch("/watch -wif", desk)).text.startsWith("WIF was not collected"));
  deepEqual(desk.watched(), ["BTC", "PEPE"]);
  ok((await watch("/watch", desk)).text.includes("Added here: PEPE\n"));
});

Deno.test("an asset that the venues have just delisted is told so", async () => {
  const desk: Desk = { ...fakeDesk(), watch: () => Promise.resolve("unlisted") };
  ok((await watch("/watch +wif", desk)).text.startsWith("No enabled venue lists WIF"));
  ok(!(await watch("/watch", desk)).text.includes("Added here"));
});

Deno.test("an unknown symbol gives the nearest, with the same verb to press", async () => {
  const { text, buttons } = await watch("/watch add pepee", fakeDesk());
  ok(text.startsWith("No symbol pepee on the enabled venues. Nearest: PEPE"), text);
  equal(buttons?.[0]?.[0]?.ask, "/watch add PEPE");
});

Deno.test("what cannot be read changes nothing", async () => {
  const desk = fakeDesk(["BTC"]);
  for (
    const text of ["/watch add", "/watch +", "/watch pepe", "/watch add pepe wif", "/watch +a b"]
  ) {
    const reply = await watch(text, desk);
    ok(reply.text.includes("One symbol at a time"), text);
  }
  deepEqual(desk.watched(), ["BTC"]);
  ok((await watch("/watch <b>x", desk)).html.includes("&lt;b&gt;x"));
});

Deno.test("an empty list says how to begin", async () => {
  const { text } = await watch("/watch", fakeDesk());
  ok(text.includes("Nothing yet. Example: /watch add pepe"), text);
});

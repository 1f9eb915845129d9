import { setting } from "../commands/setting.ts";
import { deepEqual, equal, ok, rejects } from "../assert.ts";
import fc from "fast-check";
import { answer } from "../../lib/reply/answer.ts";
import type { Command } from "../../lib/reply/command.ts";
import { assertSound } from "../commands/sound.ts";
import { fakeSource } from "../market/fake_source.ts";

function parrot(name: string): Command {
  return {
    name,
    usage: "",
    description: name,
    run: ({ words }) => ({ html: `<b>${name}</b>`, data: { words } }),
  };
}

const commands = ["price", "cvd", "help"].map(parrot);
const source = fakeSource({ series: [{ venue: "a-spot" }], listed: ["ETH"] });
const ask = (text: string) => answer(text, setting({ commands, source }));

Deno.test("a command is found in any case, with a bot's name, with or without slash", async () => {
  for (const text of ["/cvd BTC 15m", "/CVD@some_bot  BTC\n15m", "cvd BTC 15m", " /cvd BTC 15m "]) {
    const { command, data } = await ask(text);
    equal(command, "cvd", text);
    deepEqual(data, { words: ["BTC", "15m"] }, text);
  }
});

Deno.test("a bare symbol asks its price", async () => {
  for (const text of ["btc", "ETHUSDT", "eth/usdt", "misspelt"]) {
    const { command, data } = await ask(text);
    equal(command, "price", text);
    deepEqual(data, { words: [text] }, text);
  }
  equal((await ask("eth please")).command, "price");
  equal((await ask("")).command, "help");
});

Deno.test("an unknown command names the nearest", async () => {
  const reply = await ask("/cdv BTC");
  assertSound(reply);
  equal(reply.command, null);
  ok(reply.text.startsWith("No command /cdv. Nearest: /cvd"), reply.text);
  equal(reply.buttons?.[0]?.[0]?.ask, "/cvd");
});

Deno.test("the text is the reply without tags", async () => {
  equal((await ask("/cvd")).text, "cvd");
});

Deno.test("what a command throws rises", async () => {
  const broken: Command = {
    ...parrot("broken"),
    run: () => Promise.reject(new RangeError("Cannot do it")),
  };
  await rejects(() => answer("/broken", setting({ commands: [broken], source })), RangeError);
});

Deno.test("any text has a sound reply", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 300 }).map((tail) => `/${tail}`),
    fc.constantFrom(
      "/",
      "//",
      "@",
      "/cvd@",
      "/__proto__",
      "/constructor x",
      "\u0000",
      "<b>",
      "& &",
    ),
  );
  await fc.assert(fc.asyncProperty(text, async (typed) => assertSound(await ask(typed))));
});

Deno.test("a flood of text is cut, not chewed", async () => {
  const { data } = await ask(`/cvd ${"x ".repeat(1_000_000)}`);
  ok(typeof data === "object" && data !== null && "words" in data);
  ok(Array.isArray(data.words) && data.words.length < 32);
});

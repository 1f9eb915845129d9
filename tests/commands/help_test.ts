import { setting } from "./setting.ts";
import { ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { fakeSource } from "../market/fake_source.ts";
import { assertSound } from "./sound.ts";

async function help(text: string) {
  const reply = await answer(text, setting({ commands, source: fakeSource() }));
  assertSound(reply);
  return reply.text;
}

Deno.test("/help lists every command with its usage", async () => {
  const text = await help("/help");
  for (const { name, usage, description } of commands) {
    ok(text.includes(`/${name} ${usage}`.trim()), name);
    ok(text.includes(description), name);
  }
});

Deno.test("/help tells one command in full, however it is written", async () => {
  for (const typed of ["cvd", "/cvd", "CVD", "/cvd@some_bot"]) {
    ok((await help(`/help ${typed}`)).includes("Delta = taker buy − taker sell"), typed);
  }
});

Deno.test("/help of an unknown command names the nearest", async () => {
  ok((await help("/help cdv")).includes("No command cdv. Nearest: cvd"));
});

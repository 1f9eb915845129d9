/** Asks a command of a made-up source, and checks what every reply must keep. */
import { commands } from "../../commands/mod.ts";
import { type Answer, answer } from "../../lib/reply/answer.ts";
import { fakeSource, type FakeSourceOptions } from "../market/fake_source.ts";
import { setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

export async function ask(text: string, options: FakeSourceOptions = {}): Promise<Answer> {
  const reply = await answer(text, setting({ commands, source: fakeSource(options) }));
  assertSound(reply);
  return reply;
}

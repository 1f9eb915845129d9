// This module is pure.
/** The one way from a typed text to a reply, for Telegram, HTTP and the console. */
import { nearestNames } from "../market/instrument.ts";
import { assetNamed } from "./arguments.ts";
import type { Ask, Command, Reply } from "./command.ts";
import { clean, echo, plain } from "./html.ts";

/** What commands are run with: all of `Ask` but the words. */
export type Setting = Omit<Ask, "words">;

export interface Answer extends Reply {
  /** The reply without tags. */
  readonly text: string;
  /** Name of the command that answered, for metrics; `null` where none did. */
  readonly command: string | null;
}

const TEXT_LIMIT = 1000;
const WORDS_LIMIT = 32;

/**
 * Answers `/cvd BTC 15m`, `/cvd@some_bot BTC`, `cvd btc` and a bare symbol, which asks
 * its price. A text that asks nothing we know is answered with the nearest commands;
 * what a command throws rises.
 */
export async function answer(text: string, setting: Setting): Promise<Answer> {
  const words = wordsOf(text);
  const { command, rest } = find(words, setting);
  const reply = command
    ? await command.run({ ...setting, words: rest })
    : unknown(words[0] ?? "", setting.commands);
  return { ...reply, text: plain(reply.html), command: command?.name ?? null };
}

/** The command that a text asks; `null` where none would answer. */
export function commandOf(text: string, known: Known): Command | null {
  return find(wordsOf(text), known).command ?? null;
}

type Known = Pick<Setting, "commands" | "source">;

function wordsOf(text: string): string[] {
  return text.slice(0, TEXT_LIMIT).split(/\s+/).filter((word) => word !== "")
    .slice(0, WORDS_LIMIT);
}

interface Found {
  readonly command: Command | undefined;
  readonly rest: readonly string[];
}

function find(words: readonly string[], { commands, source }: Known): Found {
  const [first = "", ...rest] = words;
  const name = /^\/?([a-z0-9_]+)(?:@\w+)?$/i.exec(first)?.[1]?.toLowerCase();
  const named = (wanted: string) => commands.find((command) => command.name === wanted);
  const command = name === undefined ? undefined : named(name);
  if (command || first.startsWith("/")) return { command, rest };
  if (first === "") return { command: named("help"), rest };
  const names = new Set([...source.assets(), ...source.listed()]);
  // A lone word is most likely a symbol, even a misspelt one: /price knows the nearest.
  const symbol = assetNamed(first, names) !== null || words.length === 1;
  return symbol ? { command: named("price"), rest: words } : { command: undefined, rest };
}

function unknown(typed: string, commands: readonly Command[]): Reply {
  const name = clean(typed).replace(/^\//, "").replace(/@.*$/, "").toLowerCase().slice(0, 32);
  const nearest = nearestNames(name, commands.map((command) => command.name));
  const slashed = nearest.map((near) => `/${near}`);
  return {
    html: `No command <b>${echo(typed)}</b>. Nearest: ${slashed.join(" ")} — all of them: /help`,
    data: { problem: { kind: "command", typed: clean(typed), nearest } },
    buttons: [slashed.map((ask) => ({ label: ask, ask }))],
  };
}

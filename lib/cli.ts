/** The command line: what was asked for, or what is wrong with it. */
import { parseArgs } from "node:util";

export const HELP = `tapewatch: a crypto market desk in one process

  tapewatch [serve]            collect, and answer on Telegram and HTTP
  tapewatch replay FILE…       feed recorded frames through the same path, then serve
      --speed N                N recorded seconds a second; as fast as possible without
      --venue NAME             where a recording does not say it
  tapewatch ask "/cvd BTC 15m" one command, asked of the running service or the stored data
  tapewatch check              test the configuration and the venues, in plain words
  tapewatch healthcheck        whether the running service answers: exit code 0, or 1
  tapewatch systemd-unit       print a hardened unit for systemd
  tapewatch version            print the version
  tapewatch --help             print this

Settings come from the environment or a .env file; the README lists them.`;

/** The subcommands that take no arguments. */
const PLAIN = ["serve", "check", "healthcheck", "systemd-unit"] as const;
type Plain = typeof PLAIN[number];

export type Invocation =
  | { readonly verb: Plain | "version" | "help" }
  | { readonly verb: "ask"; readonly text: string }
  | {
    readonly verb: "replay";
    readonly files: readonly string[];
    /** `null`: as fast as possible. */
    readonly speed: number | null;
    readonly venue: string | null;
  };

/** Reads the arguments; a fault is a text for the user. */
export function readArguments(args: readonly string[]): Invocation | { readonly fault: string } {
  const options = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
    speed: { type: "string" },
    venue: { type: "string" },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  const { values: { help, version, speed, venue }, positionals: [verb = "serve", ...rest] } =
    parsed;
  if (help || verb === "help") return { verb: "help" };
  if (version || verb === "version") return { verb: "version" };
  if (verb === "replay") return readReplay(rest, speed, venue);
  const stray = speed ?? venue;
  if (stray !== undefined) return { fault: "--speed and --venue belong to replay" };
  if (verb === "ask") {
    const text = rest.join(" ").trim();
    return text === ""
      ? { fault: 'Cannot ask nothing: give a command, as in tapewatch ask "/cvd BTC 15m"' }
      : { verb, text };
  }
  const plain = PLAIN.find((known) => known === verb);
  if (plain === undefined) return { fault: `Cannot do "${verb}": there is no such subcommand` };
  if (rest.length > 0) {
    return { fault: `Cannot ${verb} "${rest.join(" ")}": it takes no arguments` };
  }
  return { verb: plain };
}

function readReplay(
  files: readonly string[],
  speed: string | undefined,
  venue: string | undefined,
): Invocation | { readonly fault: string } {
  if (files.length === 0) return { fault: "Cannot replay nothing: name at least one recording" };
  if (speed !== undefined && !(Number(speed) > 0 && Number.isFinite(Number(speed)))) {
    return { fault: `Cannot replay at --speed ${speed}: give a number above 0` };
  }
  return {
    verb: "replay",
    files,
    speed: speed === undefined ? null : Number(speed),
    venue: venue ?? null,
  };
}

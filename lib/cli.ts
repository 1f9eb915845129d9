/** The command line: what was asked for, or what is wrong with it. */

export const HELP = `tapewatch: a crypto market desk in one process

  tapewatch [serve]            collect, and answer on Telegram and HTTP
      --takeover               beside a running one: follow it without a pause, and let it end
  tapewatch replay FILE…       feed recorded frames through the same path, then serve
      --speed N                N recorded seconds a second; as fast as possible without
      --venue NAME             where a recording does not say it
  tapewatch ask "/cvd BTC 15m" one command, asked of the running service or the stored data
  tapewatch export [FILE]      back up buckets, rules and settings, also while it runs; without
                               FILE under a name with the date, for - to standard output
  tapewatch import FILE        put a backup into DATA_DIR while nothing runs there: all of it, or
                               nothing where a line is wrong. A minute that covers more of its
                               time stays, of equals the stored one; a record of the backup
                               replaces that of the same key; what is too old is left out
  tapewatch check              test the configuration and the venues, in plain words
  tapewatch healthcheck        whether the running service answers: exit code 0, or 1
  tapewatch systemd-unit       print a hardened unit for systemd
  tapewatch version            print the version
  tapewatch --help             print this

Settings come from the environment or a .env file; the README lists them.`;

/** The subcommands that take no arguments. */
const PLAIN = ["check", "healthcheck", "systemd-unit"] as const;
type Plain = typeof PLAIN[number];

export type Invocation =
  | { readonly verb: Plain | "version" | "help" }
  | { readonly verb: "serve"; readonly takeover: boolean }
  | { readonly verb: "ask"; readonly text: string }
  /** `null`: a name with the date. */
  | { readonly verb: "export"; readonly file: string | null }
  | { readonly verb: "import"; readonly file: string }
  | {
    readonly verb: "replay";
    readonly files: readonly string[];
    /** `null`: as fast as possible. */
    readonly speed: number | null;
    readonly venue: string | null;
  };

/** Reads the arguments; a fault is a text for the user. */
export function readArguments(args: readonly string[]): Invocation | { readonly fault: string } {
  const words = readWords(args);
  if ("fault" in words) return words;
  const { flags, values, positionals } = words;
  const [speed, venue] = [values.get("speed"), values.get("venue")];
  const takeover = flags.has("takeover");
  const [verb = "serve", ...rest] = positionals;
  if (flags.has("help") || verb === "help") return { verb: "help" };
  if (flags.has("version") || verb === "version") return { verb: "version" };
  if (takeover && verb !== "serve") return { fault: "--takeover belongs to serve" };
  if (verb === "replay") return readReplay(rest, speed, venue);
  const stray = speed ?? venue;
  if (stray !== undefined) return { fault: "--speed and --venue belong to replay" };
  if (verb === "ask") {
    const text = rest.join(" ").trim();
    return text === ""
      ? { fault: 'Cannot ask nothing: give a command, as in tapewatch ask "/cvd BTC 15m"' }
      : { verb, text };
  }
  if (verb === "export" || verb === "import") return readBackup(verb, rest);
  const plain = PLAIN.find((known) => known === verb);
  if (plain === undefined && verb !== "serve") {
    return { fault: `Cannot do "${verb}": there is no such subcommand` };
  }
  if (rest.length > 0) {
    return { fault: `Cannot ${verb} "${rest.join(" ")}": it takes no arguments` };
  }
  return plain === undefined ? { verb: "serve", takeover } : { verb: plain };
}

/** To add an option, name it here; `-h` is the only short one. */
const FLAGS: readonly string[] = ["help", "version", "takeover"];
const VALUED: readonly string[] = ["speed", "venue"];

interface Words {
  readonly flags: ReadonlySet<string>;
  /** The last one of each counts. */
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/** As usual: `--name VALUE` or `--name=VALUE`, in any place; behind `--` all are positionals. */
function readWords(args: readonly string[]): Words | { readonly fault: string } {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    if (word === "--") {
      positionals.push(...args.slice(i + 1));
      break;
    }
    // A lone dash is standard output.
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const [, name = "", joined] = /^--([^=]+)(?:=(.*))?$/s.exec(word === "-h" ? "--help" : word) ??
      [];
    if (FLAGS.includes(name)) {
      if (joined !== undefined) return { fault: `Cannot read ${word}: --${name} takes no value` };
      flags.add(name);
    } else if (VALUED.includes(name)) {
      const value = joined ?? args[++i];
      if (value === undefined || joined === undefined && value.startsWith("-")) {
        return { fault: `Cannot read --${name}: give it a value, as in --${name}=VALUE` };
      }
      values.set(name, value);
    } else {
      return { fault: `Cannot read ${word}: there is no such option` };
    }
  }
  return { flags, values, positionals };
}

function readBackup(
  verb: "export" | "import",
  [file, ...more]: readonly string[],
): Invocation | { readonly fault: string } {
  if (more.length > 0) return { fault: `Cannot ${verb} more than one file: leave out ${more[0]}` };
  if (verb === "export") return { verb, file: file ?? null };
  if (file === undefined) return { fault: "Cannot import nothing: name a backup" };
  if (file === "-") {
    return { fault: "Cannot import standard input: a backup is read twice; name a file" };
  }
  return { verb, file };
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

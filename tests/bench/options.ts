/** The command line of the bench. */

export interface Options {
  /** Names of the measurements to take; `null` takes all of the usual ones. */
  readonly only: readonly string[] | null;
  /** How often each side of a comparison runs; the median counts. */
  readonly rounds: number;
  /** How long the service runs before its memory is read, and a step of the sweep lasts. */
  readonly seconds: number;
  /** Trades a second of the simulated exchange, over all its markets. */
  readonly rate: number;
  readonly soakHours: number;
  /** A soak ends with this many events, if its hours do not end before. */
  readonly soakEvents: number;
}

export const USAGE = `deno task bench [options]: measures, prints one JSON document, asserts nothing

  --only NAME[,NAME]  only these measurements
  --rounds N          rounds of each comparison (5)
  --seconds N         how long the service runs before its memory is read (60)
  --rate N            trades a second of the simulated exchange (150)
  --sweep             many symbols and rates, in place of the usual measurements
  --soak HOURS        one long run with a line a minute, in place of the usual measurements
  --events N          a soak ends with so many events at the latest (1000000)`;

const NUMBERS: Readonly<
  Record<string, "rounds" | "seconds" | "rate" | "soakHours" | "soakEvents">
> = {
  "--rounds": "rounds",
  "--seconds": "seconds",
  "--rate": "rate",
  "--soak": "soakHours",
  "--events": "soakEvents",
};

/** @throws {TypeError} where an argument is unknown, or its value is missing */
export function readOptions(args: readonly string[]): Options {
  const numbers = { rounds: 5, seconds: 60, rate: 150, soakHours: 0, soakEvents: 1_000_000 };
  let only: string[] | null = null;
  for (let at = 0; at < args.length; at++) {
    const name = args[at] ?? "";
    const field = NUMBERS[name];
    if (name === "--sweep") only = ["sweep"];
    else if (name === "--only") only = (args[++at] ?? "").split(",");
    else if (field !== undefined) {
      const value = Number(args[++at] ?? "none");
      if (!(value > 0)) throw new TypeError(`Cannot read ${name} ${args[at]}\n\n${USAGE}`);
      numbers[field] = value;
      if (name === "--soak") only = ["soak"];
    } else throw new TypeError(`Cannot read ${name}\n\n${USAGE}`);
  }
  return { only, ...numbers };
}

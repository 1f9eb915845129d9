/**
 * The bench: measures what the design promises numbers for, and prints one JSON document;
 * progress goes to standard error. It asserts nothing: a machine that others use too makes
 * any absolute number wrong, and a reader can judge a ratio. Exit code 1 says that something
 * could not be measured.
 *
 *     deno task bench
 *     deno task bench --only ingest,loopback --rounds 9
 */
import type { Json } from "../../lib/reply/command.ts";
import { alerts } from "./alerts.ts";
import { commands } from "./commands.ts";
import { ingest } from "./ingest.ts";
import { loopback } from "./loopback.ts";
import { describeMachine } from "./machine.ts";
import { memory } from "./memory.ts";
import type { Measurement } from "./measurement.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { soak } from "./soak.ts";
import { store } from "./store.ts";
import { sweep } from "./sweep.ts";

// To add a measurement: write `tests/bench/<name>.ts`, which exports one Measurement, and
// list it here.
const MEASUREMENTS: readonly Measurement[] = [
  ingest,
  loopback,
  commands,
  store,
  memory,
  alerts,
  sweep,
  soak,
];

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) return say(USAGE);
  const asked = readArguments(args);
  if ("fault" in asked) {
    say(asked.fault);
    return 2;
  }
  const { options, measurements } = asked;
  const results: Record<string, Json> = {};
  let failed = 0;
  for (const measurement of measurements) {
    say(`— ${measurement.name}`);
    try {
      results[measurement.name] = await measurement.run(options, say);
    } catch (error) {
      // The others' numbers took minutes and are still worth printing.
      say(error instanceof Error ? error.stack ?? error.message : String(error));
      results[measurement.name] = { error: String(error) };
      failed++;
    }
  }
  const document = { measured: new Date().toISOString(), machine: describeMachine(), ...results };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`));
  return failed === 0 ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    const options = readOptions(args);
    return { options, measurements: chosen(options) };
  } catch (error) {
    if (error instanceof TypeError) return { fault: error.message };
    throw error;
  }
}

/** @throws {TypeError} where a name is none of ours */
function chosen({ only }: Options): readonly Measurement[] {
  if (only === null) return MEASUREMENTS.filter(({ onDemand }) => onDemand !== true);
  return only.map((wanted) => {
    const found = MEASUREMENTS.find(({ name }) => name === wanted);
    const known = MEASUREMENTS.map(({ name }) => name).join(", ");
    if (!found) throw new TypeError(`Cannot measure ${wanted}: there are ${known}`);
    return found;
  });
}

function say(line: string): number {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

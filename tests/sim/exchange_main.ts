/**
 * The exchange in a process of its own. Prints one line of JSON, the environment for the
 * service, and runs until it is killed.
 *
 *     deno run -P=demo tests/sim/exchange_main.ts --port 0 --seed 1 --symbols 8 --rate 100
 */
import { type ExchangeOptions, startExchange } from "./exchange.ts";

/** To add an option: one row here. */
const OPTIONS: Readonly<Record<string, keyof ExchangeOptions>> = {
  "--port": "port",
  "--seed": "seed",
  "--symbols": "symbols",
  "--rate": "tradesPerSecond",
  "--history": "historyMinutes",
  "--cascades": "cascadesPerHour",
  "--skew": "skewMs",
  "--max-age": "maxAgeMs",
  "--ban": "banMs",
};

/** @throws {TypeError} where an option is unknown or not followed by a number */
function readOptions(args: readonly string[]): ExchangeOptions {
  const entries: [string, number][] = [];
  for (let at = 0; at < args.length; at += 2) {
    const name = OPTIONS[args[at] ?? ""];
    const value = Number(args[at + 1] ?? "none");
    if (name === undefined || !Number.isFinite(value)) {
      const known = Object.keys(OPTIONS).join(", ");
      throw new TypeError(`Cannot read ${args[at]} ${args[at + 1]}: options are ${known}`);
    }
    entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

if (import.meta.main) {
  const exchange = await startExchange(readOptions(Deno.args));
  const line = JSON.stringify({ port: exchange.port, env: exchange.env }) + "\n";
  await Deno.stdout.write(new TextEncoder().encode(line));
}

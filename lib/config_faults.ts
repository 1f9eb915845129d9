/** What is wrong with the environment, in the words in which it is said. */
import type * as z from "zod/mini";
import { shownValue } from "./config_secrets.ts";
import { hostPort, isLoopback } from "./config_values.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Together they mean no more than one of them: the second without the first does nothing. */
const PAIRS = [
  ["TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET"],
  ["BINANCE_API_KEY", "BINANCE_API_SECRET"],
  ["BYBIT_API_KEY", "BYBIT_API_SECRET"],
] as const;

/** All faults in one message, for the console. */
export function faultMessage(faults: readonly string[]): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return `The configuration has ${count}, nothing was started:\n` +
    faults.map((fault) => `  ${fault}`).join("\n");
}

/** What one variable alone cannot know. */
export function faultsBetween(env: Env): string[] {
  const faults: string[] = [];
  for (const [first, second] of PAIRS) {
    if ((env[first] === undefined) === (env[second] === undefined)) continue;
    const [there, missing] = env[first] === undefined ? [second, first] : [first, second];
    faults.push(`${missing} is not set, but ${there} is: set both or neither`);
  }
  if (env.KV_URL !== undefined && env.DENO_KV_ACCESS_TOKEN === undefined) {
    faults.push("DENO_KV_ACCESS_TOKEN is not set, but KV_URL is: set the token of that service");
  }
  const address = hostPort(env.HTTP_ADDR ?? "");
  if (address && !isLoopback(address.hostname) && env.API_TOKEN === undefined) {
    faults.push(
      `API_TOKEN is not set, but HTTP_ADDR=${env.HTTP_ADDR} is open to other machines: ` +
        "set a token (`openssl rand -hex 24`) or listen on 127.0.0.1",
    );
  }
  return faults;
}

/** What a schema refuses; `only` names the variable where the schema is of one value. */
export function faultsOf(error: z.core.$ZodError, env: Env, only?: string): string[] {
  return error.issues.map((issue) => {
    const name = only ?? String(issue.path[0]);
    return `${name}=${shownValue(name, env[name] ?? "")} ${issue.message}`;
  });
}

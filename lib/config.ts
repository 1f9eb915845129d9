/**
 * The environment, read once and checked as a whole: either a `Config`, or every fault
 * of every variable. The only door to `Deno.env`.
 *
 * To add a variable: one line in `variables`, one field in `Config`, one line in the
 * README's table; a secret also goes into `SECRETS` of config_secrets.ts.
 */
import * as z from "zod/mini";
import {
  accountKeys,
  type Disk,
  type KeyPair,
  openFiles,
  secretsOf,
  shownValue,
  withSecretFiles,
} from "./config_secrets.ts";
import {
  type HostPort,
  hostPort,
  isLoopback,
  list,
  matching,
  oneOf,
  type Symbols,
  symbols,
  text,
  url,
  userIds,
  wholeNumber,
} from "./config_values.ts";
import { BAD_LINE, parseDotenv } from "./dotenv.ts";

export type { Disk, HostPort, KeyPair, Symbols };
export type LogLevel = "debug" | "info" | "warn" | "error";
export type Profile = "full" | "minimal" | "ultra";

export interface Config {
  /** `null`: everything but the bot runs. */
  readonly telegramToken: string | null;
  /** The first is the owner; empty means nobody. */
  readonly allowedUsers: readonly number[];
  readonly telegramApiRoot: string;
  /** `null`: long polling. */
  readonly telegramWebhook: { readonly url: string; readonly secret: string } | null;
  readonly symbols: Symbols;
  readonly venues: readonly string[];
  readonly profile: Profile;
  readonly dataDir: string;
  /** `null`: the embedded file in `dataDir`. */
  readonly kvUrl: string | null;
  readonly retentionHours: number;
  readonly httpAddr: HostPort;
  readonly apiToken: string | null;
  /** Read-only keys by exchange: `binance`, `bybit`. */
  readonly accountKeys: Readonly<Record<string, KeyPair>>;
  /** Base URLs that replace a venue's own, by variable name, without a closing slash. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly logLevel: LogLevel;
  /** Every text that the log must never print. */
  readonly secrets: readonly string[];
  /** What is allowed but unwise, in plain words. */
  readonly warnings: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ["BINANCE_SPOT", "BINANCE_PERP", "BYBIT", "OKX", "DERIBIT", "DELTA"]
  .flatMap((venue) => [`${venue}_WS`, `${venue}_REST`]);

/** Together they mean no more than one of them: the second without the first does nothing. */
const PAIRS = [
  ["TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET"],
  ["BINANCE_API_KEY", "BINANCE_API_SECRET"],
  ["BYBIT_API_KEY", "BYBIT_API_SECRET"],
] as const;

/** Secrets travel in headers and query strings: visible ASCII, or nothing can send them. */
const secret = () => matching("visible ASCII characters without spaces", /^[\x21-\x7e]+$/);

function variables(knownVenues: readonly string[]) {
  return z.object({
    TELEGRAM_BOT_TOKEN: z.optional(
      matching("the token as BotFather gave it, 123456:ABC-DEF", /^\d+:[\w-]+$/),
    ),
    TELEGRAM_ALLOWED_USERS: z.prefault(
      text("numeric user ids, as in 12345,67890 (@userinfobot tells yours)", userIds),
      "",
    ),
    TELEGRAM_API_ROOT: z.prefault(url("https:", "http:"), "https://api.telegram.org"),
    TELEGRAM_WEBHOOK_URL: z.optional(url("https:")),
    TELEGRAM_WEBHOOK_SECRET: z.optional(matching("1 to 256 of A-Z a-z 0-9 _ -", /^[\w-]{1,256}$/)),
    SYMBOLS: z.prefault(
      text("assets, as in BTC,ETH, or top:N with N from 1 to 500", symbols),
      "top:20",
    ),
    VENUES: z.prefault(
      text(`names out of ${knownVenues.join(", ")}`, (input) => list(input, knownVenues)),
      "binance-spot,binance-perp,bybit-spot,bybit-perp",
    ),
    PROFILE: z.prefault(oneOf("full", "minimal", "ultra"), "full"),
    DATA_DIR: z.prefault(z.string(), "./data"),
    KV_URL: z.optional(url("https:", "http:")),
    RETENTION_HOURS: z.prefault(wholeNumber(1, 720), "72"),
    HTTP_ADDR: z.prefault(text("HOST:PORT, as in 127.0.0.1:8080", hostPort), "127.0.0.1:8080"),
    API_TOKEN: z.optional(secret()),
    BINANCE_API_KEY: z.optional(secret()),
    BINANCE_API_SECRET: z.optional(secret()),
    BYBIT_API_KEY: z.optional(secret()),
    BYBIT_API_SECRET: z.optional(secret()),
    DENO_KV_ACCESS_TOKEN: z.optional(secret()),
    LOG_LEVEL: z.prefault(oneOf("debug", "info", "warn", "error"), "info"),
  });
}

/** Their values, checked one by one: the names are many and all alike. */
function readEndpoints(env: Env, faults: string[]): Record<string, string> {
  const endpoints: Record<string, string> = {};
  for (const name of ENDPOINTS) {
    const value = env[name];
    if (value === undefined) continue;
    const read = (name.endsWith("_WS") ? url("wss:", "ws:") : url("https:", "http:"))
      .safeParse(value);
    if (read.success) endpoints[name] = read.data;
    else faults.push(...faultsOf(read.error, env, name));
  }
  return endpoints;
}

/**
 * Reads and checks the whole environment.
 *
 * @param env as from `loadEnv`; an empty value counts as none, other names are not looked at
 * @param knownVenues what `VENUES` may name
 * @returns the configuration, or every fault as `NAME=value wants …`, secrets masked
 */
export function readConfig(
  env: Env,
  knownVenues: readonly string[],
  disk: Disk = REAL_DISK,
): { readonly config: Config } | { readonly faults: readonly string[] } {
  const faults = Object.keys(env).filter((name) => name.startsWith(BAD_LINE))
    .map((name) => `${name.replace(":", " line ")}: ${env[name]}`);
  const given = withSecretFiles(env, disk, faults);
  const read = variables(knownVenues).safeParse(given);
  if (!read.success) faults.push(...faultsOf(read.error, given));
  const endpoints = readEndpoints(given, faults);
  faults.push(...faultsBetween(given));
  if (!read.success || faults.length > 0) return { faults };

  const { data } = read;
  const warnings = openFiles(given, disk);
  if (data.API_TOKEN !== undefined && data.API_TOKEN.length < 16) {
    warnings.push("API_TOKEN is shorter than 16 characters: make one with `openssl rand -hex 24`");
  }
  const { TELEGRAM_WEBHOOK_URL: webhookUrl, TELEGRAM_WEBHOOK_SECRET: webhookSecret } = data;
  const config: Config = {
    telegramToken: data.TELEGRAM_BOT_TOKEN ?? null,
    allowedUsers: data.TELEGRAM_ALLOWED_USERS,
    telegramApiRoot: data.TELEGRAM_API_ROOT,
    telegramWebhook: webhookUrl !== undefined && webhookSecret !== undefined
      ? { url: webhookUrl, secret: webhookSecret }
      : null,
    symbols: data.SYMBOLS,
    venues: data.VENUES,
    profile: data.PROFILE,
    dataDir: data.DATA_DIR,
    kvUrl: data.KV_URL ?? null,
    retentionHours: data.RETENTION_HOURS,
    httpAddr: data.HTTP_ADDR,
    apiToken: data.API_TOKEN ?? null,
    accountKeys: accountKeys(given),
    endpoints,
    logLevel: data.LOG_LEVEL,
    secrets: secretsOf(given),
    warnings,
  };
  return { config };
}

/** All faults in one message, for the console. */
export function faultMessage(faults: readonly string[]): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return `The configuration has ${count}, nothing was started:\n` +
    faults.map((fault) => `  ${fault}`).join("\n");
}

/** What one variable alone cannot know. */
function faultsBetween(env: Env): string[] {
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

function faultsOf(error: z.core.$ZodError, env: Env, only?: string): string[] {
  return error.issues.map((issue) => {
    const name = only ?? String(issue.path[0]);
    return `${name}=${shownValue(name, env[name] ?? "")} ${issue.message}`;
  });
}

const REAL_DISK: Disk = {
  read: (path) => Deno.readTextFileSync(path),
  mode(path) {
    try {
      return Deno.statSync(path).mode;
    } catch {
      return null;
    }
  },
};

/**
 * The process's environment over the `.env` file of the working directory, if there is
 * one. `Deno.openKv` reads its token from the process itself, so that one is put there.
 */
export function loadEnv(): Record<string, string> {
  const real = Deno.env.toObject();
  const env = { ...readDotenv(), ...real };
  const kvToken = env.DENO_KV_ACCESS_TOKEN;
  if (kvToken !== undefined && real.DENO_KV_ACCESS_TOKEN === undefined) {
    Deno.env.set("DENO_KV_ACCESS_TOKEN", kvToken);
  }
  return env;
}

function readDotenv(): Record<string, string> {
  try {
    return parseDotenv(Deno.readTextFileSync(".env"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    const reason = error instanceof Error ? error.message : String(error);
    return { [`${BAD_LINE}1`]: `cannot read the file: ${reason}` };
  }
}

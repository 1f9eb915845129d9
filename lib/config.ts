/**
 * The environment, read once and checked as a whole: either a `Config`, or every fault
 * of every variable. The only door to `Deno.env`.
 *
 * To add a variable: one line in `variables`, one field in `Config`, one line in the
 * README's table; a secret also goes into `SECRETS` of config_secrets.ts.
 */
import * as z from "zod/mini";
import { faultsBetween, faultsOf } from "./config_faults.ts";
import {
  accountKeys,
  type Disk,
  type KeyPair,
  openFiles,
  SECRETS,
  secretsOf,
  withSecretFiles,
} from "./config_secrets.ts";
import {
  type HostPort,
  hostPort,
  list,
  matching,
  oneOf,
  type Symbols,
  symbols,
  text,
  url,
  userIds,
  webhookUrl,
  wholeNumber,
} from "./config_values.ts";
import { BAD_LINE, parseDotenv } from "./dotenv.ts";

export { faultMessage } from "./config_faults.ts";
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
  /** Where systemd listens for signs of life, and how long it waits for one; `null` without. */
  readonly watchdog: { readonly socket: string; readonly timeoutMs: number | null } | null;
  /** Every text that the log must never print. */
  readonly secrets: readonly string[];
  /** What is allowed but unwise, in plain words. */
  readonly warnings: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ["BINANCE_SPOT", "BINANCE_PERP", "BYBIT", "OKX", "DERIBIT", "DELTA"]
  .flatMap((venue) => [`${venue}_WS`, `${venue}_REST`]);

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
    TELEGRAM_WEBHOOK_URL: z.optional(webhookUrl()),
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
    // Set by systemd, not by people.
    NOTIFY_SOCKET: z.optional(z.string()),
    WATCHDOG_USEC: z.optional(wholeNumber(1_000, 1e12)),
  });
}

/** Every name that is looked at, and so all that a build may see of the environment. */
export const ENV_NAMES: readonly string[] = [
  ...Object.keys(variables([]).shape),
  ...ENDPOINTS,
  ...SECRETS.map((name) => `${name}_FILE`),
];

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
  if (webhookSecret !== undefined && webhookSecret.length < 16) {
    warnings.push(
      "TELEGRAM_WEBHOOK_SECRET is shorter than 16 characters: make one with `openssl rand -hex 24`",
    );
  }
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
    watchdog: data.NOTIFY_SOCKET === undefined ? null : {
      socket: data.NOTIFY_SOCKET,
      timeoutMs: data.WATCHDOG_USEC === undefined ? null : data.WATCHDOG_USEC / 1000,
    },
    secrets: secretsOf(given),
    warnings,
  };
  return { config };
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
 * The process's variables of `ENV_NAMES` over the `.env` file of the working directory, if
 * there is one. `Deno.openKv` reads its token from the process itself, so it is put there.
 */
export function loadEnv(): Record<string, string> {
  const env = readDotenv();
  const fileToken = env.DENO_KV_ACCESS_TOKEN;
  for (const name of ENV_NAMES) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  if (fileToken !== undefined && env.DENO_KV_ACCESS_TOKEN === fileToken) {
    Deno.env.set("DENO_KV_ACCESS_TOKEN", fileToken);
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

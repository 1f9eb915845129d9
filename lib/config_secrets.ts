/** The variables that are secrets: where they may come from, and how they stay unseen. */

/** What the configuration wants to know of files; tests bring their own. */
export interface Disk {
  /** @throws where the file cannot be read */
  read(path: string): string;
  /** Permission bits, or `null` where there is no such file or no such thing. */
  mode(path: string): number | null;
}

export interface KeyPair {
  readonly key: string;
  readonly secret: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Masked in faults, redacted in the log, and readable from a file named by `…_FILE`. */
export const SECRETS = [
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_WEBHOOK_SECRET",
  "API_TOKEN",
  "BINANCE_API_KEY",
  "BINANCE_API_SECRET",
  "BYBIT_API_KEY",
  "BYBIT_API_SECRET",
  "DENO_KV_ACCESS_TOKEN",
] as const;

/**
 * The variables without empty ones, trimmed; a secret `NAME` comes from the file that
 * `NAME_FILE` names. Adds what is wrong with those files to `faults`.
 */
export function withSecretFiles(env: Env, disk: Disk, faults: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const trimmed = value?.trim() ?? "";
    if (trimmed !== "") given[name] = trimmed;
  }
  for (const name of SECRETS) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) {
      faults.push(`${name}_FILE=${path}: ${name} is set too, unset one of them`);
      continue;
    }
    try {
      const content = disk.read(path).trim();
      if (content === "") faults.push(`${name}_FILE=${path}: the file is empty`);
      else given[name] = content;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      faults.push(`${name}_FILE=${path}: cannot read the file: ${reason}`);
    }
  }
  return given;
}

/** One line for each file with secrets that others on the machine may read. */
export function openFiles(env: Env, disk: Disk): string[] {
  const paths = [".env", ...SECRETS.flatMap((name) => env[`${name}_FILE`] ?? [])];
  return paths.filter((path) => ((disk.mode(path) ?? 0) & 0o077) !== 0)
    .map((path) => `${path} can be read by others on this machine: run chmod 600 ${path}`);
}

/** A value as it may be shown in a fault: secrets by their length only, passwords masked. */
export function shownValue(name: string, value: string): string {
  if (SECRETS.some((secret) => secret === name)) return `(${value.length} characters)`;
  const masked = value.replace(/\/\/[^/\s]*@/, "//***@");
  return masked.length > 80 ? `${masked.slice(0, 80)}…` : masked;
}

/** Every text that the log must never print: the secrets, and passwords inside URLs. */
export function secretsOf(env: Env): string[] {
  const secrets: string[] = SECRETS.flatMap((name) => env[name] ?? []);
  // `123456:ABC-DEF`: the part after the colon is the secret one and may be printed alone.
  const tokenPart = env.TELEGRAM_BOT_TOKEN?.split(":")[1];
  if (tokenPart) secrets.push(tokenPart);
  for (const value of Object.values(env)) {
    if (value === undefined || !value.includes("@") || !URL.canParse(value)) continue;
    const { password } = new URL(value);
    if (password === "") continue;
    secrets.push(password);
    // A stray % is not an escape: the password is then printed as it stands, if at all.
    if (!/%(?![0-9a-f]{2})/i.test(password)) secrets.push(decoded(password));
  }
  return [...new Set(secrets)];
}

/** The read-only keys of each exchange that has both: `{ binance: { key, secret } }`. */
export function accountKeys(env: Env): Record<string, KeyPair> {
  const keys: Record<string, KeyPair> = {};
  for (const account of ["BINANCE", "BYBIT"]) {
    const [key, secret] = [env[`${account}_API_KEY`], env[`${account}_API_SECRET`]];
    if (key !== undefined && secret !== undefined) keys[account.toLowerCase()] = { key, secret };
  }
  return keys;
}

function decoded(password: string): string {
  return new URLSearchParams(`p=${password.replaceAll("+", "%2B")}`).get("p") ?? password;
}

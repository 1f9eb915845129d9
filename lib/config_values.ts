/** How a variable's text becomes a value: one schema or reader per kind of value. */
import * as z from "zod/mini";

export type Symbols =
  | { readonly kind: "top"; readonly count: number }
  /** Upper case, as typed: assets or pairs. */
  | { readonly kind: "list"; readonly assets: readonly string[] };

export interface HostPort {
  /** Without brackets, also for IPv6. */
  readonly hostname: string;
  readonly port: number;
}

/** A schema of a text that `parse` turns into a value; `undefined` refuses it. */
export function text<T>(wants: string, parse: (text: string) => T | undefined) {
  return z.pipe(
    z.string(),
    z.transform((input: string, context): T => {
      const value = parse(input);
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message: `wants ${wants}`, input });
      return z.NEVER;
    }),
  );
}

export function matching(wants: string, pattern: RegExp) {
  return text(wants, (input) => pattern.test(input) ? input : undefined);
}

export function oneOf<const T extends string>(...names: readonly T[]) {
  return text(
    `one of ${names.join(", ")}`,
    (input) => names.find((name) => name === input.toLowerCase()),
  );
}

export function wholeNumber(least: number, most: number) {
  return text(`a whole number from ${least} to ${most}`, (input) => {
    const value = /^\d{1,15}$/.test(input) ? Number(input) : NaN;
    return value >= least && value <= most ? value : undefined;
  });
}

/** A base URL, given back without its closing slash, so that paths can be appended. */
export function url(...protocols: readonly string[]) {
  const wants = `a URL that starts with ${protocols.map((name) => `${name}//`).join(" or ")}, ` +
    "without ? and #";
  return text(wants, (input) => {
    if (!URL.canParse(input) || /[?#\s]/.test(input)) return undefined;
    const { protocol, hostname } = new URL(input);
    if (!protocols.includes(protocol) || hostname === "") return undefined;
    return input.replace(/\/+$/, "");
  });
}

/** Where Telegram brings updates: `https:`, or plain on this machine, for a Bot API server on it. */
export function webhookUrl() {
  const secure = url("https:");
  const plain = url("http:");
  return text(
    "a URL that starts with https://, without ? and # (http:// on this machine alone)",
    (input) => {
      const read = secure.safeParse(input);
      if (read.success) return read.data;
      const here = plain.safeParse(input);
      return here.success && isLoopback(new URL(here.data).hostname) ? here.data : undefined;
    },
  );
}

/** Numeric Telegram user ids; groups have negative ids and are not users. */
export function userIds(input: string): number[] | undefined {
  const words = split(input);
  if (!words.every((word) => /^[1-9]\d{0,15}$/.test(word))) return undefined;
  return [...new Set(words.map(Number))];
}

export function symbols(input: string): Symbols | undefined {
  const top = /^top:(\d{1,3})$/i.exec(input);
  if (top) {
    const count = Number(top[1]);
    return count >= 1 && count <= 500 ? { kind: "top", count } : undefined;
  }
  const assets = split(input).map((word) => word.toUpperCase());
  // Letters of any script: venues list assets with Chinese names.
  const named = assets.every((asset) => /^[\p{L}\p{N}][\p{L}\p{N}/:_-]{0,39}$/u.test(asset));
  if (!named || assets.length === 0 || assets.length > 500) return undefined;
  // `TOP:x` that is no number is a slip, not an asset.
  if (assets.some((asset) => asset.startsWith("TOP:"))) return undefined;
  return { kind: "list", assets: [...new Set(assets)] };
}

/** A comma-separated choice out of `known`; at least one. */
export function list(input: string, known: readonly string[]): string[] | undefined {
  const names = split(input).map((word) => word.toLowerCase());
  if (names.length === 0 || !names.every((name) => known.includes(name))) return undefined;
  return [...new Set(names)];
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` for every address; port 0 takes a free one. */
export function hostPort(input: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]*)):(\d{1,5})$/i.exec(input);
  if (!match) return undefined;
  const port = Number(match[3]);
  if (port > 65_535) return undefined;
  const hostname = match[1] ?? match[2] ?? "";
  return { hostname: hostname === "" ? "0.0.0.0" : hostname.toLowerCase(), port };
}

/** Whether only programs on this machine can reach the address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function split(input: string): string[] {
  return input.split(/[\s,]+/).filter((word) => word !== "");
}

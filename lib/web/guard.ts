/**
 * Who is let in. With a token: whoever sends it as `Authorization: Bearer …`. Without
 * one: programs on this machine only, and no page that a browser on it happens to show.
 */
import type { Context, MiddlewareHandler } from "hono";
import { callerOf, FailedAttempts } from "./attempts.ts";
import type { Caller, WebDeps, WebEnv } from "./deps.ts";
import { problem } from "./problem.ts";

/** From so many characters on a token is not guessed, however often it is tried. */
const LONG = 16;

/** Open to all: it says nothing but that the process answers. */
const OPEN_PATH = "/healthz";

type GuardDeps = Pick<WebDeps, "apiToken" | "nowMs">;

/** `refuse` writes the 401, which for a browser is a page that asks for the token. */
export function createGuard(
  { apiToken, nowMs }: GuardDeps,
  refuse: (c: Context<WebEnv>) => Response | Promise<Response>,
): MiddlewareHandler<WebEnv> {
  const attempts = new FailedAttempts();
  let wanted: Uint8Array | undefined;

  return async (c, next) => {
    // The URL has the Host header in it, and a socket takes any text for that.
    if (!URL.canParse(c.req.url)) return problem(c, 400, "The Host header is no host name");
    if (c.req.path === OPEN_PATH) return await next();
    if (apiToken === null) {
      const fault = strangerFault(c.req.raw, c.env.caller);
      return fault === null ? await next() : problem(c, 403, fault);
    }
    const given = /^Bearer +(\S+)$/i.exec(c.req.header("authorization")?.trim() ?? "")?.[1];
    // No token is no guess: it costs nothing.
    if (given === undefined) return refuse(c);
    wanted ??= await sha256(apiToken);
    const digest = await sha256(given);
    // From here to the verdict nothing waits, so that guesses sent side by side count one by one.
    const address = addressOf(c.env.caller);
    const isRight = equalBytes(digest, wanted);
    const waitMs = attempts.waitMs(address, nowMs());
    // Behind a proxy all callers have one address: a stranger's guesses must not shut out the
    // owner. A short token is guarded by the wait alone, which must not tell that it was right.
    if (waitMs > 0 && !(isRight && apiToken.length >= LONG)) {
      const seconds = Math.ceil(waitMs / 1000);
      const message = `Too many wrong tokens from this address: try again in ${seconds} s`;
      return problem(c, 429, message, { "Retry-After": String(seconds) });
    }
    if (!isRight) {
      attempts.failed(address, nowMs());
      return refuse(c);
    }
    attempts.succeeded(address);
    return await next();
  };
}

/** Compares in a time that does not tell where the first difference is. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [at, byte] of a.entries()) difference |= byte ^ (b[at] ?? 0);
  return difference === 0;
}

/** Of two texts of any length, hashes of one length, so that comparing takes one time. */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function addressOf(caller: Caller | undefined): string {
  const address = caller?.remoteAddr;
  return address && "hostname" in address
    ? callerOf(address.hostname)
    : address?.transport ?? "unknown";
}

/** Why a caller without a token is not served, or `null`. */
function strangerFault(request: Request, caller: Caller | undefined): string | null {
  const fix = "set API_TOKEN and send it as Authorization: Bearer …";
  const address = caller?.remoteAddr;
  const local = address !== undefined && (!("hostname" in address) || isLocal(address.hostname));
  if (!local) return `Only this machine is served without a token: ${fix}`;
  // A proxy on this machine stands for callers elsewhere.
  if (request.headers.has("forwarded") || request.headers.has("x-forwarded-for")) {
    return `A proxy's callers are not served without a token: ${fix}`;
  }
  // A foreign page whose name was made to resolve to 127.0.0.1 still asks for its own name.
  const { hostname } = new URL(request.url);
  if (isLocal(hostname.replace(/^\[|\]$/g, ""))) return null;
  return `Without a token this service answers to localhost only, not to ${hostname}: ${fix}`;
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" ||
    /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(hostname);
}

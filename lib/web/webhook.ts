/**
 * Where Telegram brings updates. It cannot send our token: it sends the secret that it was
 * given, and this path stands before the guard of all others.
 */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { WebEnv } from "./deps.ts";
import { equalBytes, sha256 } from "./guard.ts";
import { problem } from "./problem.ts";

export interface WebhookDeps {
  /** Under which it is found here. */
  readonly path: string;
  readonly secret: string;
  /** Takes an update; `false` where it should be brought again. */
  take(update: unknown): boolean;
}

/** A message has at most 4096 characters, a button's text and all else of it is less. */
const MAX_UPDATE_BYTES = 256 * 1024;

const SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token";

/** Answers `POST <path>`; everything else goes on to the other routes. */
export function webhookRoute({ path, secret, take }: WebhookDeps): MiddlewareHandler<WebEnv> {
  let wanted: Uint8Array | undefined;
  const limited = bodyLimit({
    maxSize: MAX_UPDATE_BYTES,
    onError: (c) => problem(c, 413, `An update is not larger than ${MAX_UPDATE_BYTES} bytes`),
  });
  return async (c, next) => {
    if (c.req.method !== "POST" || c.req.path !== path) return await next();
    wanted ??= await sha256(secret);
    const given = await sha256(c.req.header(SECRET_HEADER) ?? "");
    if (!equalBytes(given, wanted)) return problem(c, 401, "Not for you");
    let answer: Response | undefined;
    const refusal = await limited(c, async () => {
      answer = await taken(c, take);
    });
    return refusal ?? answer;
  };
}

async function taken(c: Context<WebEnv>, take: WebhookDeps["take"]): Promise<Response> {
  let update: unknown;
  try {
    update = await c.req.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem(c, 400, "The body is not JSON");
  }
  return take(update) ? c.body(null, 200) : problem(c, 503, "Not up yet: bring it again");
}

/**
 * The path of a webhook's URL; a URL without one gets one that nobody guesses, so that the
 * whole host may be the bot's.
 */
export async function webhookAddress(
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<{ readonly url: string; readonly path: string }> {
  const { pathname } = new URL(url);
  if (pathname !== "/") return { url, path: pathname };
  const hash = await sha256(`path ${secret}`);
  const name = Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0"));
  const path = `/telegram/${name.join("")}`;
  return { url: `${url.replace(/\/+$/, "")}${path}`, path };
}

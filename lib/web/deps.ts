/** What the web app is given, and what it is: `main.ts` puts the parts together. */
import type { SecureHeadersVariables } from "hono/secure-headers";
import type { Log } from "../log.ts";
import type { Source } from "../market/source.ts";
import type { Registry } from "../metrics.ts";
import type { Json } from "../reply/command.ts";
import type { WebhookDeps } from "./webhook.ts";

export interface Answer {
  readonly html: string;
  readonly text: string;
  readonly data: Json;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in plain words. */
  readonly reasons: readonly string[];
  readonly progress?: Json;
}

export interface WebDeps {
  readonly source: Source;
  /** The text of a command, with or without its slash, to its reply. */
  answer(text: string): Promise<Answer>;
  ready(): Readiness;
  readonly metrics: Registry;
  /** `null`: only callers on this machine are served. */
  readonly apiToken: string | null;
  readonly version: string;
  /** This machine's clock; `source.nowMs` is the market's. */
  nowMs(): number;
  readonly log: Log;
  /** `false`: health, readiness and metrics only. */
  readonly api?: boolean;
  /** Where Telegram brings updates; none while we poll. */
  readonly webhook?: WebhookDeps | null;
  /** Ends early, without an error, when the signal aborts. */
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

/** Who asks: the part of `Deno.ServeHandlerInfo` that is looked at. */
export interface Caller {
  readonly remoteAddr: Deno.Addr;
}

export interface WebApp {
  /** Without a caller the request is treated as one from another machine. */
  fetch(request: Request, caller?: Caller): Promise<Response>;
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Ends the event streams; whatever opens one afterwards gets 503. */
  close(): void;
}

/** Hono's environment: what is bound to every request. */
// A type alias, since Hono wants an index signature that interfaces do not have.
export type WebEnv = {
  Bindings: { caller: Caller | undefined };
  Variables: SecureHeadersVariables;
};

import { type Api, HttpError, type Transformer } from "grammy";
import type { Sleep } from "./sleep.ts";

/** Tries of one call, the first included. */
const ATTEMPTS = 4;

/** Done twice, they are read twice: what may have been done is tried once more, no more. */
const TOLD: ReadonlySet<string> = new Set(["sendMessage", "sendPhoto"]);

/** An answer that would come later than this is worth less than the next question. */
const LONGEST_WAIT_MS = 60_000;

/** Of a forum's topic, and of a group that is no forum any more. */
const GONE = /message thread not found|TOPIC_DELETED/;

/** Calls that `Patience` repeats, for as long as it takes. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "getUpdates",
  "getMe",
  "deleteWebhook",
  "setWebhook",
]);

/**
 * Waits as long as a 429 says and sends the same message again; tries again, too, after a
 * fault of Telegram's, of a proxy or of the network; follows a group to its new id, and
 * leaves a topic that is gone. Every call ends with the lifetime.
 */
export function retrying(lifetime: AbortSignal, sleep: Sleep): Transformer {
  return async (call, method, payload, given) => {
    let maybeDone = 0;
    const mayRepeat = () => !TOLD.has(method) || ++maybeDone === 1;
    for (let attempt = 1;; attempt++) {
      const last = attempt === ATTEMPTS || ELSEWHERE.has(method);
      let waitMs = 500 * 2 ** attempt;
      try {
        const result = await call(method, payload, given ?? forGrammy(lifetime));
        if (result.ok || last) return result;
        const movedTo = result.parameters?.migrate_to_chat_id;
        if (movedTo !== undefined && "chat_id" in payload) {
          payload = { ...payload, chat_id: movedTo };
          continue;
        }
        const inTopic = "message_thread_id" in payload && payload.message_thread_id !== undefined;
        if (inTopic && GONE.test(result.description)) {
          payload = { ...payload, message_thread_id: undefined };
          continue;
        }
        if (result.error_code === 429) waitMs = 1000 * (result.parameters?.retry_after ?? 1);
        // An answer without Telegram's error code is a proxy's word, as its HTML would be.
        else if (result.error_code < 500 || !mayRepeat()) return result;
        if (waitMs > LONGEST_WAIT_MS) return result;
      } catch (error) {
        if (last || lifetime.aborted || !(neverLeft(error) || mayRepeat())) throw error;
      }
      await sleep(waitMs, lifetime);
    }
  };
}

/** Whether a call that failed reached nobody. */
export function neverLeft(error: unknown): boolean {
  return NEVER_LEFT.test(causesOf(error));
}

/** Deno's words for a connection that was never made. */
const NEVER_LEFT = /\(Connect\)|connection refused|dns error/i;

/** The messages of an error and of what caused it; a network error's name the URL. */
export function causesOf(error: unknown, depth = 4): string {
  if (error instanceof HttpError) return causesOf(error.error, depth);
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause === undefined || depth === 0
    ? ""
    : `: ${causesOf(error.cause, depth - 1)}`;
  return `${error.message}${inner}`;
}

/** The signal type that grammY's declarations name: a Node shim's, even for its web build. */
export type GrammySignal = NonNullable<Parameters<Api["getMe"]>[0]>;

/** The same signal under grammY's name for it. */
export function forGrammy(signal: AbortSignal): GrammySignal {
  if (isGrammySignal(signal)) return signal;
  throw new TypeError("Cannot pass a signal to grammY: it has no addEventListener");
}

/** What grammY itself checks (`validateSignal` in its `core/client`). */
function isGrammySignal(signal: unknown): signal is GrammySignal {
  return typeof signal === "object" && signal !== null && "addEventListener" in signal &&
    typeof signal.addEventListener === "function";
}

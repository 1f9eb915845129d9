import type { Api, Transformer } from "grammy";
import type { Sleep } from "./sleep.ts";

/** Tries of one call, the first included. */
const ATTEMPTS = 4;

/** An answer that would come later than this is worth less than the next question. */
const LONGEST_WAIT_MS = 60_000;

/** Calls that `Patience` repeats, for as long as it takes. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "getUpdates",
  "getMe",
  "deleteWebhook",
  "setWebhook",
]);

/**
 * Waits as long as a 429 says and sends the same message again; tries again, too, after a
 * fault of Telegram's or of the network, and follows a group to its new id. Every call
 * ends with the lifetime.
 */
export function retrying(lifetime: AbortSignal, sleep: Sleep): Transformer {
  return async (call, method, payload, given) => {
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
        // What answers without Telegram's error code is something else, and will not do better.
        if (result.error_code !== 429 && !(result.error_code >= 500)) return result;
        if (result.error_code === 429) waitMs = 1000 * (result.parameters?.retry_after ?? 1);
        if (waitMs > LONGEST_WAIT_MS) return result;
      } catch (error) {
        if (last || lifetime.aborted) throw error;
      }
      await sleep(waitMs, lifetime);
    }
  };
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

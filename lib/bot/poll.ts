/** The long-polling loop. */
import type { Api } from "grammy";
import type { Patience } from "./patience.ts";
import type { Update } from "./question.ts";
import { forGrammy } from "./retry.ts";
import type { Sleep } from "./sleep.ts";

/** How long Telegram holds a request that has nothing to say. */
export const POLL_SECONDS = 30;

/** How long the last updates may take to be confirmed when we stop. */
const CONFIRM_MS = 400;

/** A server that does not hold requests is not asked more often than this. */
const EMPTY_POLL_MS = 200;

export interface Polling {
  readonly api: Api;
  readonly sleep: Sleep;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** The first update that nobody has taken yet; 0 where that is for Telegram to know. */
  readonly fromUpdate: number;
  /** Must neither throw nor wait. */
  readonly take: (update: Update) => void;
}

/** Reads updates until the signal aborts; returns the first update that was not taken. */
export async function poll(polling: Polling): Promise<number> {
  const { api, sleep, patience, signal, fromUpdate, take } = polling;
  let offset = fromUpdate;
  /** What Telegram knows we have: it is told by the next request. */
  let told = offset;
  while (!signal.aborted) {
    const askedMs = performance.now();
    const updates = await patience.call(async () => {
      told = offset;
      const batch = await api.getUpdates({
        offset,
        limit: 100,
        timeout: POLL_SECONDS,
        allowed_updates: ["message", "callback_query"],
      }, forGrammy(signal));
      // A proxy in between may answer in Telegram's place.
      if (Array.isArray(batch)) return batch;
      throw new TypeError("Cannot read updates: the answer is not a list");
    });
    if (!updates) break;
    for (const update of updates) {
      // Not the largest one ever: after a quiet week Telegram counts on from another number,
      // and an offset beyond its newest gets the oldest updates again, at once and for ever.
      offset = update.update_id + 1;
      take(update);
    }
    const heldMs = performance.now() - askedMs;
    if (updates.length === 0 && heldMs < EMPTY_POLL_MS) await sleep(EMPTY_POLL_MS, signal);
  }
  if (told !== offset) await confirm(api, offset);
  return offset;
}

/** Tells Telegram what was taken, so that a restart does not answer it twice. */
async function confirm(api: Api, offset: number): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), CONFIRM_MS);
  try {
    await api.getUpdates({ offset, limit: 1, timeout: 0 }, forGrammy(controller.signal));
  } catch {
    // We are on our way out: at worst one question is answered twice.
  } finally {
    clearTimeout(timer);
  }
}

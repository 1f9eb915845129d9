/**
 * Keeps to Telegram's limits before it has to say so: about a message a second in a chat
 * with short bursts, 20 a minute in a group, 30 a second in all (Telegram's FAQ; the
 * exact numbers are not promised, and edits count).
 */
import type { Transformer } from "grammy";
import type { Sleep } from "./sleep.ts";

/** At most so many in any window of so long. */
interface Limit {
  readonly most: number;
  readonly windowMs: number;
}

const SECOND_MS = 1000;

const PRIVATE: readonly Limit[] = [
  { most: 3, windowMs: 3 * SECOND_MS },
  // Two bursts of three would otherwise fit into four seconds.
  { most: 5, windowMs: 5 * SECOND_MS },
];
const GROUP: readonly Limit[] = [...PRIVATE, { most: 20, windowMs: 60 * SECOND_MS }];
const ALL: readonly Limit[] = [{ most: 30, windowMs: SECOND_MS }];

/** What arrives in time at us may arrive in a bunch at Telegram. */
const SPARE = 1.03;

/** Chats remembered; those that were silent longest are forgotten. */
const CHATS = 1000;

/** Hands out times to send at, in the order of asking. Times are monotonic ms. */
export class Pace {
  readonly #chats = new Map<number, number[]>();
  readonly #all: number[] = [];

  /** How long a message to a chat is to wait. */
  waitInChat(chatId: number, nowMs: number): number {
    const sent = this.#chats.get(chatId) ?? [];
    this.#chats.delete(chatId);
    this.#chats.set(chatId, sent);
    for (const silent of this.#chats.keys()) {
      if (this.#chats.size <= CHATS) break;
      this.#chats.delete(silent);
    }
    return reserve(sent, chatId < 0 ? GROUP : PRIVATE, nowMs);
  }

  /** How long any message is to wait then, on account of all others. */
  waitForAll(nowMs: number): number {
    return reserve(this.#all, ALL, nowMs);
  }
}

/** Notes the first time that keeps all limits, and returns how far off it is. */
function reserve(sent: number[], limits: readonly Limit[], nowMs: number): number {
  let at = Math.max(nowMs, sent.at(-1) ?? nowMs);
  for (const { most, windowMs } of limits) {
    const before = sent.at(-most);
    if (before !== undefined) at = Math.max(at, before + windowMs * SPARE);
  }
  sent.push(at);
  const longest = Math.max(...limits.map(({ most }) => most));
  if (sent.length > longest) sent.shift();
  return at - nowMs;
}

/** The calls that put something into a chat. */
const PACED: ReadonlySet<string> = new Set([
  "sendMessage",
  "sendPhoto",
  "editMessageText",
  "editMessageMedia",
]);

/** Resolves when it is a message's turn to go out into a chat. */
export type TakeTurn = (chatId: number) => Promise<void>;

export function turns(lifetime: AbortSignal, sleep: Sleep, clock: () => number): TakeTurn {
  const pace = new Pace();
  return async (chatId) => {
    const inChat = pace.waitInChat(chatId, clock());
    if (inChat > 0) await sleep(inChat, lifetime);
    const forAll = pace.waitForAll(clock());
    if (forAll > 0) await sleep(forAll, lifetime);
  };
}

/** Waits its turn before every call that puts something into a chat. */
export function pacing(takeTurn: TakeTurn): Transformer {
  return async (call, method, payload, signal) => {
    const chatId = PACED.has(method) && "chat_id" in payload ? Number(payload.chat_id) : NaN;
    if (!Number.isNaN(chatId)) await takeTurn(chatId);
    return await call(method, payload, signal);
  };
}

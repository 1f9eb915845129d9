// This module is pure.
/** Telegram's flood limits: a message a second and chat, 20 a minute in a group, 30 a second in all. */
import { BotError } from "./errors.ts";
import type { Chat } from "./chats.ts";

/** Messages that a private chat takes at once before the second counts. */
const BURST = 5;

export class FloodLimits {
  readonly #perChat = new Map<number, number[]>();
  #all: number[] = [];

  /** @throws {BotError} 429 with the seconds to wait */
  take(chat: Chat, nowMs: number): void {
    this.#all = this.#all.filter((at) => at > nowMs - 1000);
    const windowMs = chat.type === "private" ? BURST * 1000 : 60_000;
    const most = chat.type === "private" ? BURST : 20;
    const own = (this.#perChat.get(chat.id) ?? []).filter((at) => at > nowMs - windowMs);
    this.#perChat.set(chat.id, own);
    if (own.length >= most) throw tooMany(((own[0] ?? nowMs) + windowMs - nowMs) / 1000);
    if (this.#all.length >= 30) throw tooMany(1);
    own.push(nowMs);
    this.#all.push(nowMs);
  }
}

export function tooMany(seconds: number): BotError {
  const retryAfter = Math.max(1, Math.ceil(seconds));
  const why = `Too Many Requests: retry after ${retryAfter}`;
  return new BotError(429, why, { retry_after: retryAfter });
}

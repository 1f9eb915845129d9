/** Updates that Telegram brings by itself, instead of our asking for them. */
import type { Api } from "grammy";
import type { Patience } from "./patience.ts";
import { forGrammy } from "./retry.ts";
import type { Update } from "./question.ts";

export interface Webhook {
  /** Where Telegram brings updates. */
  readonly url: string;
  /** What it sends with them, in `X-Telegram-Bot-Api-Secret-Token`. */
  readonly secret: string;
}

export interface Hooking extends Webhook {
  readonly api: Api;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Telegram knows where to bring updates. */
  readonly ready: () => void;
}

/** Telegram's own: more than one at once, for one that waits must not hold up all. */
const CONNECTIONS = 10;

/** Tells Telegram where to bring updates, and stays until the lifetime ends. */
export async function hook({ url, secret, api, patience, signal, ready }: Hooking): Promise<void> {
  const set = await patience.call(() =>
    api.setWebhook(url, {
      secret_token: secret,
      max_connections: CONNECTIONS,
      allowed_updates: ["message", "callback_query"],
    }, forGrammy(signal))
  );
  if (!set) return;
  ready();
  // It stays set: what comes while we are away is brought when we are back.
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Updates remembered: Telegram brings one again where our answer was lost. */
const REMEMBERED = 1000;

/** Ids that were seen before; the oldest are forgotten. */
export class Once {
  readonly #seen = new Set<number>();

  /** Whether it is the first time. */
  first(id: number): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    return true;
  }
}

/** Whether a body is an update, as far as we read one. */
export function isUpdate(body: unknown): body is Update {
  if (!isObject(body) || !Number.isSafeInteger(body.update_id)) return false;
  const { message, callback_query: query } = body;
  return (message === undefined || isMessage(message)) &&
    (query === undefined || (isObject(query) && isUser(query.from) && isText(query.data) &&
      isText(query.id) && (query.message === undefined || isMessage(query.message))));
}

function isMessage(value: unknown): boolean {
  return isObject(value) && isObject(value.chat) && Number.isSafeInteger(value.chat.id) &&
    (value.from === undefined || isUser(value.from)) && isText(value.text) &&
    [value.migrate_to_chat_id, value.migrate_from_chat_id].every(isIdOrNone) &&
    (value.reply_to_message === undefined || isObject(value.reply_to_message));
}

function isUser(value: unknown): boolean {
  return isObject(value) && Number.isSafeInteger(value.id);
}

function isIdOrNone(value: unknown): boolean {
  return value === undefined || Number.isSafeInteger(value);
}

/** Many messages have none. */
function isText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

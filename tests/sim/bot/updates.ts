/** Updates on their way to the bot: by long polling, with one poller at a time, or by webhook. */
import { badRequest, BotError } from "./errors.ts";

export interface Update {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

interface Waiting {
  wake(error?: BotError): void;
}

export interface Webhook {
  readonly url: string;
  readonly secret: string | null;
}

export class Updates {
  readonly #closing: AbortSignal;
  #queue: Update[] = [];
  #nextId = 100_000;
  #waiting: Waiting | null = null;
  #delivering: Promise<void> = Promise.resolve();
  webhook: Webhook | null = null;

  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  get pending(): number {
    return this.#queue.length;
  }

  push(content: Readonly<Record<string, unknown>>): void {
    this.#queue.push({ ...content, update_id: this.#nextId++ });
    this.#waiting?.wake();
    if (this.webhook) this.#delivering = this.#delivering.then(() => this.#deliver());
  }

  /** Lets the waiting poller go home with nothing. */
  wake(): void {
    this.#waiting?.wake();
  }

  clear(): void {
    this.#queue = [];
  }

  /**
   * The oldest updates from `offset` on; waits for the first one at most `timeoutMs`.
   * Updates before the offset are forgotten; those given to a poller who has gone stay.
   * @throws {BotError} 409 with a webhook, and for the poller that another one displaces
   */
  async take(offset: number, limit: number, timeoutMs: number): Promise<readonly Update[]> {
    if (this.webhook) {
      const why = "can't use getUpdates method while webhook is active; " +
        "use deleteWebhook to delete the webhook first";
      throw new BotError(409, `Conflict: ${why}`);
    }
    const why = "terminated by other getUpdates request; " +
      "make sure that only one bot instance is running";
    this.#waiting?.wake(new BotError(409, `Conflict: ${why}`));
    // A negative offset counts from the end.
    if (offset < 0) this.#queue = this.#queue.slice(offset);
    else this.#queue = this.#queue.filter((update) => update.update_id >= offset);
    if (this.#queue.length === 0 && timeoutMs > 0) await this.#wait(timeoutMs);
    return this.#queue.slice(0, limit);
  }

  /** Resolves when the deliveries that have begun are over. */
  async settle(): Promise<void> {
    await this.#delivering;
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: BotError) => {
        clearTimeout(timer);
        this.#closing.removeEventListener("abort", leave);
        if (this.#waiting === waiting) this.#waiting = null;
        if (error) reject(error);
        else resolve();
      };
      const leave = () => finish();
      const waiting: Waiting = { wake: finish };
      const timer = setTimeout(leave, timeoutMs);
      this.#closing.addEventListener("abort", leave);
      this.#waiting = waiting;
    });
  }

  /** Posts the oldest update; it stays in the queue until the bot answers with 2xx. */
  async #deliver(): Promise<void> {
    const [update] = this.#queue;
    if (!update || !this.webhook) return;
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (this.webhook.secret !== null) {
      headers["X-Telegram-Bot-Api-Secret-Token"] = this.webhook.secret;
    }
    try {
      const request = { method: "POST", headers, body: JSON.stringify(update) };
      const response = await fetch(this.webhook.url, { ...request, signal: this.#closing });
      await response.body?.cancel();
      if (response.ok) this.#queue = this.#queue.filter((other) => other !== update);
    } catch {
      // The bot is not there: the update waits for the next one, as with Telegram's retries.
    }
  }
}

/** @throws {BotError} where the address is not one that Telegram would call, loopback aside */
export function readWebhook(url: string, secret: unknown): Webhook | null {
  if (url === "") return null;
  const loopback = /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url);
  if (!loopback && !url.startsWith("https://")) {
    throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  }
  if (secret === undefined) return { url, secret: null };
  if (typeof secret !== "string" || !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    throw badRequest("secret token contains unallowed characters");
  }
  return { url, secret };
}

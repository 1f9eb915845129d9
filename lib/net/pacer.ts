/**
 * The one way out of a connection: messages leave in order with the venue's pause between
 * any two of them. Venues count messages per second and ban who sends too many.
 */
import type { Timing } from "./timing.ts";

/** Written when its turn comes; `null` when there is nothing to say any more. */
export type Message = () => string | null;

export class Pacer {
  readonly #queue: Message[] = [];
  #lastSentMs = -Infinity;
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(
    private readonly spacingMs: number,
    private readonly timing: Timing,
    private readonly send: (text: string) => void,
  ) {}

  push(message: Message): void {
    this.#queue.push(message);
    this.#drain();
  }

  /** Ahead of all that waits: for a ping, which must not be late. */
  pushFirst(message: Message): void {
    this.#queue.unshift(message);
    this.#drain();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    this.#cancel?.();
    this.#cancel = null;
  }

  #drain(): void {
    while (!this.#stopped && this.#cancel === null) {
      const message = this.#queue[0];
      if (message === undefined) return;
      const waitMs = this.#lastSentMs + this.spacingMs - this.timing.now();
      if (waitMs > 0) {
        this.#cancel = this.timing.after(waitMs, () => {
          this.#cancel = null;
          this.#drain();
        });
        return;
      }
      this.#queue.shift();
      const text = message();
      if (text === null) continue;
      this.#lastSentMs = this.timing.now();
      this.send(text);
    }
  }
}

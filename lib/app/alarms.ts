/**
 * What the owner must know: kept from the start, logged at once, and told on Telegram as
 * soon as there is somebody to tell it to.
 */
import type { Log } from "../log.ts";

/** Older ones are dropped: an owner who reads fifty alarms reads none. */
const MAX_WAITING = 20;
/** The same alarm is not told again within this time. */
const REPEAT_MS = 30 * 60_000;

export class Alarms {
  readonly #log: Log;
  readonly #waiting: string[] = [];
  readonly #toldMs = new Map<string, number>();
  #send: ((text: string) => void) | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Says it to the log and to the owner; repeats are swallowed. */
  raise(text: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.#toldMs.get(text) ?? -Infinity) < REPEAT_MS) return;
    if (this.#toldMs.size > 1000) this.#toldMs.clear();
    this.#toldMs.set(text, nowMs);
    this.#log.warn("alarm", { text });
    if (this.#send) return this.#send(text);
    this.#waiting.push(text);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /** From now on alarms go out here; those that waited go first. */
  attach(send: (text: string) => void): void {
    this.#send = send;
    for (const text of this.#waiting.splice(0)) send(text);
  }
}

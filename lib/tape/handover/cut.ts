// This module is pure.
/**
 * An instant of exchange time at which one process ends and another begins. Both read the
 * same stamps, so every event belongs to exactly one of them, whatever the venue's ids are
 * and whichever process hears of it first. What comes of the other side waits here.
 */
import type { MarketEvent } from "../../market/events.ts";

/** Some seconds of the busiest day; what is beyond is dropped, and that is known. */
const MOST_HELD = 200_000;

/** Puts an event into its series, as of the venue's time at which it came. */
export type Put = (event: MarketEvent, nowMs: number) => void;

interface Held {
  readonly event: MarketEvent;
  readonly nowMs: number;
  readonly put: Put;
}

export class Cut {
  #atMs: number | null = null;
  #held: Held[] | null = null;
  #overflowed = false;

  /** Credit of coverage ends here; `Infinity` where nothing is being handed over. */
  get creditToMs(): number {
    return this.#held === null ? Infinity : this.#atMs ?? Infinity;
  }

  /** The instant; `null` where nothing is or was handed over. */
  get atMs(): number | null {
    return this.#atMs;
  }

  /** From now on events of this time and later wait. */
  holdFrom(atMs: number): void {
    this.#atMs = atMs;
    this.#held = [];
    this.#overflowed = false;
  }

  /** Whether an event is not to go into its minute now: it waits, or is the other process's. */
  takes(event: MarketEvent, nowMs: number, put: Put): boolean {
    if (this.#atMs === null) return false;
    const isBefore = (event.timeMs ?? nowMs) < this.#atMs;
    // Ids tell of a late trade whether the other process had it; nothing else can.
    if (this.#held === null) return isBefore && event.kind !== "trade" && event.kind !== "omitted";
    if (isBefore) return false;
    if (this.#held.length < MOST_HELD) this.#held.push({ event, nowMs, put });
    else this.#overflowed = true;
    return true;
  }

  /**
   * The other process had all before the instant: what waited goes into its minutes, and what
   * still comes of before is the other's. Returns whether nothing had to be dropped.
   */
  begin(): boolean {
    return this.#release();
  }

  /** There is no other process after all. Returns whether nothing had to be dropped. */
  cancel(): boolean {
    const whole = this.#release();
    this.#atMs = null;
    return whole;
  }

  #release(): boolean {
    const held = this.#held ?? [];
    this.#held = null;
    for (const { event, nowMs, put } of held) put(event, nowMs);
    return !this.#overflowed;
  }
}

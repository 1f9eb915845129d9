// This module is pure.
/** The state of one series' repair: what is missing, what was tried, and when to try again. */
import { MinuteSet } from "./minute_set.ts";
import type { Span } from "./plan.ts";

/** A series whose repair failed gets this long, doubled with every failure. */
const RETRY_MS = 4_000;
const RETRY_MAX_MS = 60_000;
/** A minute that the venue's candle contradicts is looked at again after so long. */
const LOOK_AGAIN_MS = 15_000;
/** Looks at one minute before it is left as what it is. */
const MAX_LOOKS = 5;
/** A closed minute of this age has its candle, if ever. */
const YOUNG_MS = 15 * 60_000;

interface Look {
  readonly count: number;
  readonly againMs: number;
}

export class Backlog {
  /** What lacks something outside the hot window, newest first, as of `readMs`. */
  old: readonly Span[] = [];
  readMs = -Infinity;
  /** When the hot window lacked nothing last. */
  wholeMs = -Infinity;
  /** The history of open interest is still to be read up to here; `null` where it is not. */
  historyToMs: number | null = null;
  failures = 0;
  /** How often trades could not be had in a row, though the venue answered. */
  refusals = 0;
  #notBeforeMs = -Infinity;
  readonly #lost = new MinuteSet();
  /** Minutes that equal the venue's candle, with the number of prints that they then had. */
  readonly #sure = new Map<number, number>();
  readonly #looks = new Map<number, Look>();

  /** Takes a span away; what reaches over it stays. */
  remove(span: Span): void {
    this.old = this.old.flatMap((one) => {
      if (one.toMs <= span.fromMs || one.fromMs >= span.toMs) return [one];
      const before = { fromMs: one.fromMs, toMs: span.fromMs };
      const after = { fromMs: span.toMs, toMs: one.toMs };
      return [after, before].filter((rest) => rest.toMs > rest.fromMs);
    });
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#notBeforeMs;
  }

  failed(nowMs: number): void {
    this.#notBeforeMs = nowMs + Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.failures++);
  }

  succeeded(): void {
    this.failures = 0;
  }

  /** Gives up a minute; returns whether that is news. */
  giveUp(t: number): boolean {
    if (this.#lost.has(t)) return false;
    this.#lost.add(t);
    this.#looks.delete(t);
    return true;
  }

  /**
   * The venue's candles, which begin at `firstMs`, lack this minute. A young one may still
   * come; returns whether it is a loss: before its first candle a market was not listed.
   */
  lacksCandle(t: number, firstMs: number, nowMs: number): boolean {
    if (t > nowMs - YOUNG_MS && this.lookAgain(t, nowMs)) return false;
    return this.giveUp(t) && t > firstMs;
  }

  isLost(t: number): boolean {
    return this.#lost.has(t);
  }

  /** A minute of so many prints was compared with the venue's candle and is the same. */
  ensure(t: number, prints: number): void {
    this.#lost.delete(t);
    this.#looks.delete(t);
    this.#sure.set(t, prints);
  }

  /** Whether the minute was compared as it stands; a print that came since asks for a new look. */
  isSure(t: number, prints: number): boolean {
    return this.#sure.get(t) === prints;
  }

  /** Notes a look that did not settle a minute; `false` where it was the last one. */
  lookAgain(t: number, nowMs: number): boolean {
    const count = (this.#looks.get(t)?.count ?? 0) + 1;
    this.#looks.set(t, { count, againMs: nowMs + LOOK_AGAIN_MS * count });
    return count < MAX_LOOKS;
  }

  /** How often a minute was looked at in vain. */
  looks(t: number): number {
    return this.#looks.get(t)?.count ?? 0;
  }

  /** A look did not settle the minute, and the next one is not due. */
  isResting(t: number, nowMs: number): boolean {
    return nowMs < (this.#looks.get(t)?.againMs ?? -Infinity);
  }

  /**
   * Forgets minutes from before what is kept, and which ones are sure from before the hot
   * window: there the stored coverage says it, and for 40 series it would be 10 MB.
   */
  prune(beforeMs: number, hotFromMs: number): void {
    this.#lost.prune(beforeMs);
    for (const t of this.#looks.keys()) if (t < beforeMs) this.#looks.delete(t);
    for (const t of this.#sure.keys()) if (t < hotFromMs) this.#sure.delete(t);
  }
}

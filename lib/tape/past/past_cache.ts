// This module is pure.
/**
 * The stored past of the few series that were asked about last. Questions come in
 * bunches about one asset; between two of them the past grows by a minute at its end.
 */
import type { Bucket } from "../../market/bucket.ts";

/** Some hours of an asset's markets each, or four days of one: 3 MB as buckets. */
const MAX_SERIES = 16;
const MAX_ROWS = 6_000;
/** What nobody asked about for this long is let go. */
const KEEP_MS = 90_000;

interface Past {
  readonly fromMs: number;
  toMs: number;
  readonly rows: Bucket[];
  usedMs: number;
  /** The newest part on its way. */
  growing: Promise<void>;
}

export class PastCache {
  readonly #held = new Map<string, Past>();

  /** Rows of `[fromMs, toMs)`; `load` gives the part that is not held. */
  async read(
    key: string,
    fromMs: number,
    toMs: number,
    nowMs: number,
    load: (fromMs: number, toMs: number) => Promise<Bucket[]>,
  ): Promise<Bucket[]> {
    let held = this.#held.get(key);
    // A gap is not worth filling: nobody asked for it.
    if (!held || fromMs < held.fromMs || fromMs > held.toMs) {
      // Held before it is loaded: `forget` meanwhile must let go of what is on its way, too.
      held = { fromMs, toMs: fromMs, rows: [], usedMs: nowMs, growing: Promise.resolve() };
      this.#held.set(key, held);
    }
    if (toMs > held.toMs) {
      // Told before the wait: a second reader waits for these rows instead of reading them too.
      const { toMs: sinceMs, rows } = held;
      held.toMs = toMs;
      held.growing = held.growing.then(async () => {
        rows.push(...await load(sinceMs, toMs));
      });
    }
    try {
      await held.growing;
    } catch (error) {
      if (this.#held.get(key) === held) this.#held.delete(key);
      throw error;
    }
    held.usedMs = nowMs;
    this.#bound();
    return held.rows.slice(firstAt(held.rows, fromMs), firstAt(held.rows, toMs));
  }

  /** Lets go of what was asked about longest ago. */
  #bound(): void {
    let rows = 0;
    for (const past of this.#held.values()) rows += past.rows.length;
    if (rows <= MAX_ROWS && this.#held.size <= MAX_SERIES) return;
    for (const [key, past] of [...this.#held].sort((a, b) => a[1].usedMs - b[1].usedMs)) {
      if (rows <= MAX_ROWS && this.#held.size <= MAX_SERIES) return;
      this.#held.delete(key);
      rows -= past.rows.length;
    }
  }

  /** The stored minutes of a series changed. */
  forget(key: string): void {
    this.#held.delete(key);
  }

  /** Lets go of what was not asked about lately. */
  sweep(nowMs: number): void {
    for (const [key, { usedMs }] of this.#held) {
      if (nowMs - usedMs > KEEP_MS) this.#held.delete(key);
    }
  }
}

/** Index of the first row at or after `timeMs`. */
function firstAt(rows: readonly Bucket[], timeMs: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.t ?? Infinity) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

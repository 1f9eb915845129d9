// This module is pure.
/**
 * Large trades: consecutive same-side prints of one venue within 50 ms count as one,
 * and one is large from the larger of a floor and the symbol's own 99.5th percentile
 * over the last 24 h (metrics page, "Flow").
 */
import type { TakerSide } from "../events.ts";
import { type HourOfSizes, LARGE_FLOOR_USD, SizeCounts } from "./size_counts.ts";

const MERGE_MS = 50;
const SHARE_ABOVE = 0.005;
/** How many clusters may pass before the percentile is computed again. */
const REFRESH_EVERY = 256;

export class LargeTrades {
  #side: TakerSide | null = null;
  #startMs = 0;
  #quote = 0;
  #threshold: number;
  readonly #sizes = new SizeCounts();
  #untilRefresh = REFRESH_EVERY;

  /** `thresholdUsd` holds until the series has a percentile of its own. */
  constructor(thresholdUsd: number = LARGE_FLOOR_USD) {
    this.#threshold = thresholdUsd;
  }

  /** Quote value from which a merged print is large now. */
  get thresholdUsd(): number {
    return this.#threshold;
  }

  /** When the running cluster began: its volume belongs to that minute. */
  get clusterStartMs(): number {
    return this.#startMs;
  }

  /**
   * Adds a print and returns the quote volume that became "large" by it: 0, or the
   * print's own, or the whole cluster's where it has just crossed the threshold.
   */
  add(timeMs: number, side: TakerSide, quote: number): number {
    const since = timeMs - this.#startMs;
    if (side === this.#side && since >= 0 && since <= MERGE_MS) {
      const before = this.#quote;
      this.#quote += quote;
      if (this.#quote < this.#threshold) return 0;
      return before >= this.#threshold ? quote : this.#quote;
    }
    this.#count();
    this.#side = side;
    this.#startMs = timeMs;
    this.#quote = quote;
    return quote >= this.#threshold ? quote : 0;
  }

  /** Counts the running cluster, too, where no print from `timeMs` on can belong to it. */
  finish(timeMs: number): void {
    if (this.#startMs + MERGE_MS < timeMs) this.#count();
  }

  /** The hours whose counts changed since this was last called, for the store. */
  takeChanges(): HourOfSizes[] {
    return this.#sizes.takeChanges();
  }

  /** What changed since an hour was not stored after all. */
  stillChanged(fromHour: number): void {
    this.#sizes.stillChanged(fromHour);
  }

  /** Adds what was stored before this series was in memory. */
  restore(stored: readonly HourOfSizes[]): void {
    this.#sizes.merge(stored);
    this.#refresh();
  }

  /**
   * Takes what another process stored up to an instant in place of what was counted here. The
   * running cluster stays where prints from then on may belong to it, for the other process
   * has then left it out (`finish`): all of it was heard here, too.
   */
  continueFrom(timeMs: number, stored: readonly HourOfSizes[]): void {
    if (this.#startMs + MERGE_MS < timeMs) this.#side = null;
    this.#sizes.clear();
    this.restore(stored);
  }

  /** The running cluster is over. */
  #count(): void {
    if (this.#side === null) return;
    this.#side = null;
    const began = this.#sizes.add(this.#startMs, this.#quote);
    if (began || --this.#untilRefresh <= 0) this.#refresh();
  }

  #refresh(): void {
    this.#untilRefresh = REFRESH_EVERY;
    this.#threshold = this.#sizes.quantileUsd(SHARE_ABOVE);
  }
}

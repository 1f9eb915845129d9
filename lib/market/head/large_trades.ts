// This module is pure.
/**
 * Large trades: consecutive same-side prints of one venue within 50 ms count as one,
 * and one is large from the larger of a floor and the symbol's own 99.5th percentile
 * over the last 24 h (metrics page, "Flow").
 */
import type { TakerSide } from "../events.ts";

export const LARGE_FLOOR_USD = 25_000;
const MERGE_MS = 50;
const QUANTILE_ABOVE = 0.005;

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Log-spaced bins above the floor: 5.5 % wide, up to 25 M USD; the last one holds the rest. */
const BINS = 128;
const BIN_LOG = Math.log(1000) / BINS;
/** How many clusters may pass before the percentile is computed again. */
const REFRESH_EVERY = 256;

export class LargeTrades {
  #side: TakerSide | null = null;
  #startMs = 0;
  #quote = 0;
  #threshold: number;
  /** Clusters per hour of the day, all sizes; and per bin above the floor (made when needed). */
  readonly #totals = new Uint32Array(HOURS);
  #bins: Uint16Array | null = null;
  #hour = -1;
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
    if (this.#side !== null) this.#count(this.#startMs, this.#quote);
    this.#side = side;
    this.#startMs = timeMs;
    this.#quote = quote;
    return quote >= this.#threshold ? quote : 0;
  }

  #count(timeMs: number, quote: number): void {
    this.#turnTo(Math.floor(timeMs / HOUR_MS));
    const slot = this.#hour % HOURS;
    this.#totals[slot] = (this.#totals[slot] ?? 0) + 1;
    if (quote >= LARGE_FLOOR_USD) {
      this.#bins ??= new Uint16Array(HOURS * BINS);
      const bin = Math.min(BINS - 1, Math.floor(Math.log(quote / LARGE_FLOOR_USD) / BIN_LOG));
      const index = slot * BINS + bin;
      this.#bins[index] = Math.min(0xffff, (this.#bins[index] ?? 0) + 1);
    }
    if (--this.#untilRefresh <= 0) this.#refresh();
  }

  /** Empties the slots of the hours that have passed; an earlier hour counts into the current one. */
  #turnTo(hour: number): void {
    if (hour <= this.#hour) return;
    const first = Math.max(this.#hour + 1, hour - HOURS + 1);
    for (let passed = first; passed <= hour; passed++) {
      const slot = passed % HOURS;
      this.#totals[slot] = 0;
      this.#bins?.fill(0, slot * BINS, (slot + 1) * BINS);
    }
    this.#hour = hour;
    this.#refresh();
  }

  #refresh(): void {
    this.#untilRefresh = REFRESH_EVERY;
    this.#threshold = LARGE_FLOOR_USD;
    const bins = this.#bins;
    if (!bins) return;
    const allowed = this.#totals.reduce((sum, count) => sum + count, 0) * QUANTILE_ABOVE;
    let above = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      for (let slot = 0; slot < HOURS; slot++) above += bins[slot * BINS + bin] ?? 0;
      if (above > allowed) {
        this.#threshold = LARGE_FLOOR_USD * Math.exp(bin * BIN_LOG);
        return;
      }
    }
  }
}

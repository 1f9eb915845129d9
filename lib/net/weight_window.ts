// This module is pure.
/**
 * What was spent in the last `windowMs`, for any position of the window: a venue may
 * count in fixed minutes or sliding ones, and both see less than this.
 */

/** Spendings closer together than this share of the window are kept as one, at the later time. */
const SLICES = 64;

interface Slice {
  readonly firstMs: number;
  lastMs: number;
  weight: number;
}

export class WeightWindow {
  /** Oldest first; at most `SLICES` and one. */
  readonly #slices: Slice[] = [];
  #used = 0;

  constructor(private readonly windowMs: number) {}

  used(nowMs: number): number {
    for (let oldest = this.#slices[0]; oldest; oldest = this.#slices[0]) {
      if (nowMs - oldest.lastMs < this.windowMs) break;
      this.#used -= oldest.weight;
      this.#slices.shift();
    }
    return this.#used;
  }

  add(weight: number, nowMs: number): void {
    this.#used += weight;
    const last = this.#slices.at(-1);
    if (last && nowMs - last.firstMs < this.windowMs / SLICES) {
      last.lastMs = nowMs;
      last.weight += weight;
    } else {
      this.#slices.push({ firstMs: nowMs, lastMs: nowMs, weight });
    }
  }

  /** How long until `weight` more stays within `limit`, in ms; 0 where it does now. */
  waitMs(weight: number, limit: number, nowMs: number): number {
    let excess = this.used(nowMs) + weight - limit;
    let waitMs = 0;
    for (const slice of this.#slices) {
      if (excess <= 0) break;
      excess -= slice.weight;
      waitMs = slice.lastMs + this.windowMs - nowMs;
    }
    return waitMs;
  }

  /**
   * The venue says that `used` was spent in its window: what we did not spend ourselves,
   * others on this address did, and it counts as spent now.
   */
  correct(used: number, nowMs: number): void {
    const others = used - this.used(nowMs);
    if (others > 0) this.add(others, nowMs);
  }
}

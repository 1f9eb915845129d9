// This module is pure.
/**
 * A small order book kept from snapshots and deltas (Bybit `orderbook.50`), and the
 * imbalance of its best levels.
 */
import type { Depth, Level } from "../events.ts";

/** Levels per side that count towards the imbalance; printed with it. */
export const BOOK_LEVELS = 20;

export class Book {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #whole = false;

  /** Takes a frame; a delta before the first snapshot is nothing. */
  apply(depth: Depth): void {
    if (depth.snapshot) {
      this.#bids.clear();
      this.#asks.clear();
      this.#whole = true;
    }
    if (!this.#whole) return;
    for (const [price, size] of depth.bids) change(this.#bids, price, size);
    for (const [price, size] of depth.asks) change(this.#asks, price, size);
  }

  /** The socket was cut: what we hold is stale until the next snapshot. */
  reset(): void {
    this.#whole = false;
    this.#bids.clear();
    this.#asks.clear();
  }

  /** Imbalance of the best levels, or `null` without a whole book. */
  imbalance(): number | null {
    if (!this.#whole) return null;
    const bids = [...this.#bids].sort((a, b) => b[0] - a[0]);
    const asks = [...this.#asks].sort((a, b) => a[0] - b[0]);
    return imbalanceOf(bids, asks);
  }
}

/** At most one sample per second: the minute's mean should not weigh bursts. */
const SAMPLE_EVERY_MS = 1000;

/** Turns depth frames of either kind into samples of the imbalance. */
export class DepthSampler {
  /** Kept only where deltas follow snapshots; elsewhere every frame is whole, best level first. */
  readonly #book: Book | null;
  #sampledMs = 0;

  constructor(deltas: boolean) {
    this.#book = deltas ? new Book() : null;
  }

  /** The imbalance after this frame, or `null` where no sample is due or the book is not whole. */
  take(depth: Depth, timeMs: number): number | null {
    this.#book?.apply(depth);
    if (timeMs - this.#sampledMs < SAMPLE_EVERY_MS) return null;
    const imbalance = this.#book ? this.#book.imbalance() : imbalanceOf(depth.bids, depth.asks);
    if (imbalance !== null) this.#sampledMs = timeMs;
    return imbalance;
  }

  reset(): void {
    this.#book?.reset();
  }
}

function change(side: Map<number, number>, price: number, size: number): void {
  if (size === 0) side.delete(price);
  else side.set(price, size);
}

/**
 * (bid − ask) ÷ (bid + ask) of the quote depth in the best levels, −1 … 1; levels come
 * best first. `null` where both sides are empty.
 */
export function imbalanceOf(bids: readonly Level[], asks: readonly Level[]): number | null {
  const bid = quoteDepth(bids);
  const ask = quoteDepth(asks);
  return bid + ask > 0 ? (bid - ask) / (bid + ask) : null;
}

function quoteDepth(levels: readonly Level[]): number {
  let sum = 0;
  const count = Math.min(levels.length, BOOK_LEVELS);
  for (let i = 0; i < count; i++) {
    const level = levels[i];
    if (level) sum += level[0] * level[1];
  }
  return sum;
}

// This module is pure.
/**
 * A small order book kept from snapshots and deltas (Bybit `orderbook.50`), and the
 * imbalance of its best levels.
 */
import type { Depth, Level } from "../events.ts";

/** Levels per side that count towards the imbalance; printed with it. */
export const BOOK_LEVELS = 20;

/** Twice what a venue sends: a frame may bring all its new levels before it takes the old away. */
const MAX_LEVELS = 100;

/**
 * One side of a book, best level first: price and size by turns in one typed array. As Maps
 * the books of 40 series made 3 MB of garbage a second, some of it old before it died.
 */
class Side {
  readonly #cells = new Float64Array(2 * MAX_LEVELS);
  readonly #descending: boolean;
  #count = 0;

  constructor(best: "highest" | "lowest") {
    this.#descending = best === "highest";
  }

  /** Takes a side of a frame. */
  apply(levels: readonly Level[]): void {
    // By index: a pair that is taken apart is an iterator for each level.
    for (const level of levels) this.#set(level[0], level[1]);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Sets the size at a price; 0 takes the level away. */
  #set(price: number, size: number): void {
    const at = this.#find(price);
    const held = at < 2 * this.#count && this.#cells[at] === price;
    if (held && size === 0) {
      this.#cells.copyWithin(at, at + 2, 2 * this.#count--);
      return;
    }
    if (size === 0 || at === this.#cells.length) return;
    if (!held) {
      // Of a full side the worst level falls out.
      this.#cells.copyWithin(at + 2, at, 2 * this.#count);
      this.#count = Math.min(MAX_LEVELS, this.#count + 1);
    }
    this.#cells[at] = price;
    this.#cells[at + 1] = size;
  }

  /** Sum of price × size over the best levels. */
  quoteDepth(): number {
    let sum = 0;
    const end = 2 * Math.min(this.#count, BOOK_LEVELS);
    for (let at = 0; at < end; at += 2) {
      sum += (this.#cells[at] as number) * (this.#cells[at + 1] as number);
    }
    return sum;
  }

  /** Cell of the first level that is no better than the price. */
  #find(price: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const held = this.#cells[2 * middle] as number;
      if (this.#descending ? held > price : held < price) low = middle + 1;
      else high = middle;
    }
    return 2 * low;
  }
}

export class Book {
  readonly #bids = new Side("highest");
  readonly #asks = new Side("lowest");
  #whole = false;

  /** Takes a frame; a delta before the first snapshot is nothing. */
  apply(depth: Depth): void {
    if (depth.snapshot) {
      this.reset();
      this.#whole = true;
    }
    if (!this.#whole) return;
    this.#bids.apply(depth.bids);
    this.#asks.apply(depth.asks);
  }

  /** The socket was cut: what we hold is stale until the next snapshot. */
  reset(): void {
    this.#whole = false;
    this.#bids.clear();
    this.#asks.clear();
  }

  /** Imbalance of the best levels, or `null` without a whole book. */
  imbalance(): number | null {
    return this.#whole ? balance(this.#bids.quoteDepth(), this.#asks.quoteDepth()) : null;
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
    this.follow(depth);
    if (timeMs - this.#sampledMs < SAMPLE_EVERY_MS) return null;
    const imbalance = this.#book ? this.#book.imbalance() : imbalanceOf(depth.bids, depth.asks);
    if (imbalance !== null) this.#sampledMs = timeMs;
    return imbalance;
  }

  /** Keeps the book right without a sample. */
  follow(depth: Depth): void {
    this.#book?.apply(depth);
  }

  reset(): void {
    this.#book?.reset();
  }
}

/**
 * (bid − ask) ÷ (bid + ask) of the quote depth in the best levels, −1 … 1; levels come
 * best first. `null` where both sides are empty.
 */
export function imbalanceOf(bids: readonly Level[], asks: readonly Level[]): number | null {
  return balance(quoteDepth(bids), quoteDepth(asks));
}

function balance(bid: number, ask: number): number | null {
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

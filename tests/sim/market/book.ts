// This module is pure.
/** The resting orders of one market: fifty levels a side that follow the price. */
import type { Random } from "./random.ts";

export const LEVELS = 50;

/** Price in ticks, size in steps. */
export type TickLevel = readonly [ticks: number, steps: number];

export class Book {
  #bids: TickLevel[] = [];
  #asks: TickLevel[] = [];
  /** Grows with every change. */
  updateId = 1;

  /** Moves the book to a price; `tilt` in 0 … 1 is the share that stands on the bid side. */
  follow(ticks: number, steps: number, tilt: number, random: Random): void {
    this.#bids = refresh(this.#bids, ticks - 1, -1, steps * 2 * tilt, random);
    this.#asks = refresh(this.#asks, ticks + 1, 1, steps * 2 * (1 - tilt), random);
    this.updateId += 1 + random.below(20);
  }

  /** Best first. */
  bids(count: number): readonly TickLevel[] {
    return this.#bids.slice(0, count);
  }

  /** Best first. */
  asks(count: number): readonly TickLevel[] {
    return this.#asks.slice(0, count);
  }
}

function refresh(
  old: readonly TickLevel[],
  best: number,
  direction: number,
  steps: number,
  random: Random,
): TickLevel[] {
  const sizes = new Map(old);
  const levels: TickLevel[] = [];
  for (let level = 0; level < LEVELS; level++) {
    const ticks = best + direction * level;
    if (ticks < 1) break;
    const kept = random.chance(0.1) ? undefined : sizes.get(ticks);
    levels.push([ticks, kept ?? Math.max(1, Math.round(steps * random.exponential(1)))]);
  }
  return levels;
}

/** What changed between two states of one side; a size of 0 takes the level away. */
export function changes(
  before: ReadonlyMap<number, number>,
  after: readonly TickLevel[],
): TickLevel[] {
  const now = new Map(after);
  const gone = [...before.keys()].filter((ticks) => !now.has(ticks));
  const changed = after.filter(([ticks, steps]) => before.get(ticks) !== steps);
  return [...changed, ...gone.map((ticks): TickLevel => [ticks, 0])];
}

/** A seeded source of chance, so that a run that failed can be had again. */
import { Random } from "./sim/market/random.ts";

export class Dice extends Random {
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}

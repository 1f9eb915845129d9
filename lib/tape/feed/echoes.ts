// This module is pure.
/**
 * Liquidations have no ids, and while a socket is replaced both connections tell the same
 * ones. What the nth connection tells is new only where it has told a liquidation more often
 * than any other: two alike of one connection are two.
 */
import type { Liquidation } from "../../market/events.ts";

/** Liquidations of one market that are remembered; more than come while two connections are up. */
const REMEMBERED = 64;

interface Told {
  readonly key: string;
  readonly times: Map<object, number>;
  most: number;
}

export class Echoes {
  readonly #told: Told[] = [];

  /** Whether another connection has told this one already. */
  has({ timeMs, price, size, position }: Liquidation, connection: object): boolean {
    const key = `${timeMs} ${price} ${size} ${position}`;
    let told = this.#told.find((one) => one.key === key);
    if (!told) {
      told = { key, times: new Map(), most: 0 };
      this.#told.push(told);
      if (this.#told.length > REMEMBERED) this.#told.shift();
    }
    const times = (told.times.get(connection) ?? 0) + 1;
    told.times.set(connection, times);
    if (times <= told.most) return true;
    told.most = times;
    return false;
  }
}

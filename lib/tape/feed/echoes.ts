// This module is pure.
/**
 * Liquidations have no ids, and while a socket is replaced both connections tell the same
 * ones. What the nth connection tells is new only where it has told a liquidation more often
 * than any other: two alike of one connection are two.
 */
import type { Liquidation } from "../../market/events.ts";
import { outside } from "../../market/head/series.ts";

/** What two connections told of one market's liquidations; more than comes while both are up. */
const REMEMBERED = 128;

interface Told {
  readonly timeMs: number;
  readonly key: string;
  readonly connection: object;
  times: number;
}

export class Echoes {
  #told: Told[] = [];

  /**
   * Whether another connection has told this one already. `nowMs` is the venue's clock: what
   * the series would refuse as late is not remembered, or a quiet market would hold its last
   * hundred liquidations for days.
   */
  has({ timeMs, price, size, position }: Liquidation, connection: object, nowMs: number): boolean {
    const key = `${timeMs} ${price} ${size} ${position}`;
    const open = this.#told.filter((told) => outside(told.timeMs, nowMs) === null);
    const alike = open.filter((told) => told.key === key);
    const most = Math.max(0, ...alike.map(({ times }) => times));
    let own = alike.find((told) => told.connection === connection);
    if (!own) open.push(own = { timeMs, key, connection, times: 0 });
    this.#told = open.slice(-REMEMBERED);
    return ++own.times <= most;
  }
}

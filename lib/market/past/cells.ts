// This module is pure.
/** The memory of one series' past; see `layout.ts` for what is in a row. */
import { QUARTER_MINUTES, QUARTER_MS } from "../bucket.ts";
import type { PriceFold } from "./fold.ts";
import { Bar, BAR_WIDTH, DAY_BITS_WIDTH, DAY_QUARTERS, FINE_QUARTERS } from "./layout.ts";
import { FINE_WIDTH, FIVES_WIDTH, LONG_BITS_WIDTH, LONG_QUARTERS } from "./layout.ts";
import { PERP_VALUES, TAPE_VALUES } from "./layout.ts";

const DAY_MINUTES = DAY_QUARTERS * QUARTER_MINUTES;

/** Bytes at which each array begins, the widest numbers first: so all are aligned. */
const TAPE = 0;
const VOLUMES = TAPE + 8 * DAY_QUARTERS * TAPE_VALUES.length;
const HELD_LONG = VOLUMES + 8 * DAY_MINUTES;
const HELD_DAY = HELD_LONG + 4 * LONG_QUARTERS;
const HELD_FINE = HELD_DAY + 4 * DAY_QUARTERS;
const COVERAGE = HELD_FINE + 4 * FINE_QUARTERS;
const LONG_BITS = COVERAGE + 4 * DAY_QUARTERS;
const DAY_BITS = LONG_BITS + 2 * LONG_QUARTERS * LONG_BITS_WIDTH;
const BYTES = DAY_BITS + 2 * DAY_QUARTERS * DAY_BITS_WIDTH;

/** What every market has. What stands in a slot that is not held means nothing. */
export class Cells {
  readonly #buffer = new ArrayBuffer(BYTES);
  readonly tape = new Float64Array(this.#buffer, TAPE, DAY_QUARTERS * TAPE_VALUES.length);
  /** Quote volumes of the minutes: apart, so that those of a day are copied at once. */
  readonly volumes = new Float64Array(this.#buffer, VOLUMES, DAY_MINUTES);
  /** Which quarter each slot holds; a slot is a quarter's number modulo the length. */
  readonly heldLong = new Uint32Array(this.#buffer, HELD_LONG, LONG_QUARTERS);
  readonly heldDay = new Uint32Array(this.#buffer, HELD_DAY, DAY_QUARTERS);
  readonly heldFine = new Uint32Array(this.#buffer, HELD_FINE, FINE_QUARTERS);
  readonly coverageMs = new Uint32Array(this.#buffer, COVERAGE, DAY_QUARTERS);
  readonly longBits = new Uint16Array(this.#buffer, LONG_BITS, LONG_QUARTERS * LONG_BITS_WIDTH);
  readonly dayBits = new Uint16Array(this.#buffer, DAY_BITS, DAY_QUARTERS * DAY_BITS_WIDTH);
  readonly perp = new PerpCells();
}

/** Where the rows and columns of each ring begin in `PerpCells`. */
export const LONG_BARS = 0;
export const DAY_PERP = LONG_BARS + LONG_QUARTERS * BAR_WIDTH;
export const DAY_FIVES = DAY_PERP + DAY_QUARTERS * PERP_VALUES.length;
export const FINE_MINUTES = DAY_FIVES + DAY_QUARTERS * FIVES_WIDTH;
const PERP_LENGTH = FINE_MINUTES + FINE_QUARTERS * FINE_WIDTH;

/**
 * What a spot market lacks: bars of a price that is followed, and what is known of contracts.
 * Made when the first known number comes. NaN is unknown.
 */
export class PerpCells {
  #cells: Float64Array | null = null;

  get(at: number): number {
    return this.#cells?.[at] ?? NaN;
  }

  /** Writes the cells `[from, end)` to another array, from `at` on. */
  copy(from: number, end: number, to: Float64Array, at: number): void {
    if (this.#cells) to.set(this.#cells.subarray(from, end), at);
    else to.fill(NaN, at, at + end - from);
  }

  set(at: number, value: number | null): void {
    const number = value ?? NaN;
    if (this.#cells === null) {
      if (number !== number) return;
      this.#cells = new Float64Array(PERP_LENGTH).fill(NaN);
    }
    this.#cells[at] = number;
  }

  setBar(at: number, { h, l, c }: PriceFold): void {
    this.set(at + Bar.h, h);
    this.set(at + Bar.l, l);
    this.set(at + Bar.c, c);
  }
}

/** The slot of the quarter at `t`, or −1 where another one has it. */
export function slotIn(held: Uint32Array, t: number): number {
  const quarter = t / QUARTER_MS;
  // As integers: the remainder of a double takes five times as long.
  const slot = (quarter | 0) % held.length;
  return held[slot] === quarter ? slot : -1;
}

/** Gives the quarter at `t` its slot, whoever had it. */
export function takeSlot(held: Uint32Array, t: number): number {
  const quarter = t / QUARTER_MS;
  const slot = quarter % held.length;
  held[slot] = quarter;
  return slot;
}

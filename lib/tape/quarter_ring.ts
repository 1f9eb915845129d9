// This module is pure.
/** The last 26 hours of one series in quarter-hours, as rows of one typed array: 13 kB. */
import type { BucketSource } from "../market/bucket.ts";
import { type Quarter, QUARTER_MS } from "../market/quarter.ts";

/** A day, the longest bar before it, and what has closed of the hour that forms. */
export const RING_QUARTERS = 104;

/** Offsets in a row. NaN stands for unknown, and for a row that is not known as a whole. */
const Column = {
  t: 0,
  c: 1,
  volQuote: 2,
  buyQuote: 3,
  sellQuote: 4,
  liqLongQuote: 5,
  liqShortQuote: 6,
  oiBase: 7,
  fundingRate: 8,
  fundingIntervalHours: 9,
  coverageMs: 10,
  source: 11,
  wholeMinutes: 12,
  sidedMinutes: 13,
  repaired: 14,
  candle: 15,
} as const;
const WIDTH = 16;

const SOURCES: readonly (BucketSource | null)[] = [null, "live", "repaired", "candle"];

export class QuarterRing {
  readonly #cells = new Float64Array(RING_QUARTERS * WIDTH).fill(NaN);
  /** Grows with every quarter that went stale: what was read before may be old. */
  #version = 0;

  get version(): number {
    return this.#version;
  }

  has(t: number): boolean {
    return this.#cells[offsetOf(t)] === t;
  }

  get(t: number): Quarter | null {
    const at = offsetOf(t);
    const cells = this.#cells;
    if (cells[at] !== t) return null;
    const number = (column: number): number => cells[at + column] ?? 0;
    const known = (column: number): number | null => {
      const value = cells[at + column] ?? NaN;
      return value === value ? value : null;
    };
    return {
      t,
      c: known(Column.c),
      volQuote: known(Column.volQuote),
      buyQuote: known(Column.buyQuote),
      sellQuote: known(Column.sellQuote),
      liqLongQuote: known(Column.liqLongQuote),
      liqShortQuote: known(Column.liqShortQuote),
      oiBase: known(Column.oiBase),
      fundingRate: known(Column.fundingRate),
      fundingIntervalHours: known(Column.fundingIntervalHours),
      coverageMs: number(Column.coverageMs),
      source: SOURCES[number(Column.source)] ?? null,
      wholeMinutes: number(Column.wholeMinutes),
      sidedMinutes: number(Column.sidedMinutes),
      repaired: number(Column.repaired),
      candle: number(Column.candle),
    };
  }

  /** Keeps a quarter in the place of the one 26 hours before it. */
  put(quarter: Quarter): void {
    const at = offsetOf(quarter.t);
    const cells = this.#cells;
    cells[at + Column.t] = quarter.t;
    cells[at + Column.c] = quarter.c ?? NaN;
    cells[at + Column.volQuote] = quarter.volQuote ?? NaN;
    cells[at + Column.buyQuote] = quarter.buyQuote ?? NaN;
    cells[at + Column.sellQuote] = quarter.sellQuote ?? NaN;
    cells[at + Column.liqLongQuote] = quarter.liqLongQuote ?? NaN;
    cells[at + Column.liqShortQuote] = quarter.liqShortQuote ?? NaN;
    cells[at + Column.oiBase] = quarter.oiBase ?? NaN;
    cells[at + Column.fundingRate] = quarter.fundingRate ?? NaN;
    cells[at + Column.fundingIntervalHours] = quarter.fundingIntervalHours ?? NaN;
    cells[at + Column.coverageMs] = quarter.coverageMs;
    cells[at + Column.source] = SOURCES.indexOf(quarter.source);
    cells[at + Column.wholeMinutes] = quarter.wholeMinutes;
    cells[at + Column.sidedMinutes] = quarter.sidedMinutes;
    cells[at + Column.repaired] = quarter.repaired;
    cells[at + Column.candle] = quarter.candle;
  }

  /** Forgets a quarter, one of whose minutes has changed. */
  forget(t: number): void {
    this.#version++;
    if (this.has(t)) this.#cells[offsetOf(t)] = NaN;
  }
}

function offsetOf(t: number): number {
  return t / QUARTER_MS % RING_QUARTERS * WIDTH;
}

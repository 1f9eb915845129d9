// This module is pure.
/**
 * The hot window of one series: the last 92 minutes as rows of one typed array, so
 * that a day of trading makes no garbage. A row is named by its minute; touching a
 * newer minute in a slot forgets the older one. NaN stands for unknown in here; it
 * becomes `null` where a row leaves as a Bucket.
 */
import { type Bucket, type BucketSource, knownOrNull, MINUTE_MS } from "../bucket.ts";
import { Column, Contract, CONTRACT_WIDTH, Source, WIDTH } from "./minute_layout.ts";
import { CONTRACT_NAMES, WINDOW_MINUTES } from "./minute_layout.ts";

export { Column, Contract, Source, WINDOW_MINUTES };

/** A row this far ahead was made by a clock that was wrong. */
const FAR_MINUTES = 60 * WINDOW_MINUTES;

const SOURCES: readonly (BucketSource | null)[] = [null, "live", "repaired", "candle"];

export class MinuteRing {
  readonly cells = new Float64Array(WINDOW_MINUTES * WIDTH).fill(NaN);
  /** Made when the first value comes. */
  #contract: Float64Array | null = null;
  readonly #dirty = new Uint8Array(WINDOW_MINUTES);

  /** Offset of the minute's row, made empty where the slot held an older minute. */
  touch(minute: number): number {
    const slot = minute % WINDOW_MINUTES;
    const at = slot * WIDTH;
    this.#dirty[slot] = 1;
    if (this.cells[at] === minute) return at;
    this.cells.fill(NaN, at, at + WIDTH);
    this.#contract?.fill(NaN, slot * CONTRACT_WIDTH, (slot + 1) * CONTRACT_WIDTH);
    this.cells[at + Column.minute] = minute;
    this.cells[at + Column.imbalanceSum] = 0;
    this.cells[at + Column.imbalanceSamples] = 0;
    this.cells[at + Column.coveredMs] = 0;
    this.cells[at + Column.holesMs] = 0;
    this.cells[at + Column.source] = Source.none;
    return at;
  }

  /** Leaves nothing of a minute; the next touch makes it anew. */
  forget(minute: number): void {
    const at = this.find(minute);
    if (at < 0) return;
    this.cells[at] = NaN;
    this.clean(minute);
  }

  /** Offset of the minute's row, or −1 where the window does not hold it. */
  find(minute: number): number {
    const at = (minute % WINDOW_MINUTES) * WIDTH;
    return this.cells[at] === minute ? at : -1;
  }

  /** Whether a newer minute has taken the slot; one that no clock can mean does not count. */
  isPast(minute: number): boolean {
    const ahead = (this.cells[(minute % WINDOW_MINUTES) * WIDTH] ?? NaN) - minute;
    return ahead > 0 && ahead < FAR_MINUTES;
  }

  /** A value of a row. */
  get(at: number, column: number): number {
    return this.cells[at + column] ?? NaN;
  }

  /** A value that only contracts have, of a row. */
  getContract(at: number, column: number): number {
    return this.#contract?.[at / WIDTH * CONTRACT_WIDTH + column] ?? NaN;
  }

  setContract(at: number, column: number, value: number): void {
    if (this.#contract === null) {
      if (value !== value) return;
      this.#contract = new Float64Array(WINDOW_MINUTES * CONTRACT_WIDTH).fill(NaN);
    }
    this.#contract[at / WIDTH * CONTRACT_WIDTH + column] = value;
  }

  isDirty(minute: number): boolean {
    return this.#dirty[minute % WINDOW_MINUTES] === 1 && this.find(minute) >= 0;
  }

  /** The minute's row was written as it stands. */
  clean(minute: number): void {
    this.#dirty[minute % WINDOW_MINUTES] = 0;
  }

  /** Minutes changed since they were last written, in no order. */
  dirtyMinutes(): number[] {
    const minutes: number[] = [];
    for (let slot = 0; slot < WINDOW_MINUTES; slot++) {
      const minute = this.cells[slot * WIDTH];
      if (this.#dirty[slot] === 1 && minute !== undefined && minute === minute) {
        minutes.push(minute);
      }
    }
    return minutes;
  }

  /** The minute as a Bucket, or `null` where the window does not hold it. */
  read(minute: number, sequentialIds: boolean): Bucket | null {
    const { cells } = this;
    const at = this.find(minute);
    if (at < 0) return null;
    const source = this.#sourceIn(at);
    // Of a minute without a source nothing is known but what no trade tells.
    const told = source !== null;
    const buyBase = knownIf(told, cells[at + Column.buyBase]);
    const sellBase = knownIf(told, cells[at + Column.sellBase]);
    const buyQuote = knownIf(told, cells[at + Column.buyQuote]);
    const sellQuote = knownIf(told, cells[at + Column.sellQuote]);
    const candle = source === "candle";
    // A candle knows no ids; its keys are times.
    const numbered = told && sequentialIds && !candle;
    const samples = this.get(at, Column.imbalanceSamples);
    const contract = this.#contract;
    const row = at / WIDTH * CONTRACT_WIDTH;
    return {
      t: minute * MINUTE_MS,
      o: knownIf(told, cells[at + Column.open]),
      h: knownIf(told, cells[at + Column.high]),
      l: knownIf(told, cells[at + Column.low]),
      c: knownIf(told, cells[at + Column.close]),
      volBase: candle ? knownOrNull(cells[at + Column.candleBase]) : total(buyBase, sellBase),
      volQuote: candle ? knownOrNull(cells[at + Column.candleQuote]) : total(buyQuote, sellQuote),
      buyBase,
      sellBase,
      buyQuote,
      sellQuote,
      buys: knownIf(told, cells[at + Column.buys]),
      sells: knownIf(told, cells[at + Column.sells]),
      largeBuyQuote: knownIf(told, cells[at + Column.largeBuyQuote]),
      largeSellQuote: knownIf(told, cells[at + Column.largeSellQuote]),
      liqLongQuote: heardIf(told, contract?.[row + Contract.liqLongQuote]),
      liqShortQuote: heardIf(told, contract?.[row + Contract.liqShortQuote]),
      liqLongs: heardIf(told, contract?.[row + Contract.liqLongs]),
      liqShorts: heardIf(told, contract?.[row + Contract.liqShorts]),
      oiBase: knownOrNull(contract?.[row + Contract.oiBase]),
      fundingRate: knownOrNull(contract?.[row + Contract.fundingRate]),
      fundingIntervalHours: knownOrNull(contract?.[row + Contract.fundingIntervalHours]),
      markPrice: knownOrNull(contract?.[row + Contract.markPrice]),
      imbalance: samples > 0 ? this.get(at, Column.imbalanceSum) / samples : null,
      imbalanceSamples: samples,
      coverageMs: this.coverageMs(at),
      source,
      firstId: knownIf(numbered, cells[at + Column.firstKey]),
      lastId: knownIf(numbered, cells[at + Column.lastKey]),
    };
  }

  /** Where the minute's tape came from; `null` where nothing is known of it. */
  sourceAt(minute: number): BucketSource | null {
    const at = this.find(minute);
    return at < 0 ? null : this.#sourceIn(at);
  }

  #sourceIn(at: number): BucketSource | null {
    const source = SOURCES[this.get(at, Column.source)] ?? null;
    if (source !== "live") return source;
    // Only a hole is known of such a minute: its zeros were never counted.
    return this.coverageMs(at) === 0 && this.#printsIn(at) === 0 ? null : source;
  }

  /** Prints counted in a minute. */
  printsAt(minute: number): number {
    const at = this.find(minute);
    return at < 0 ? 0 : this.#printsIn(at);
  }

  #printsIn(at: number): number {
    return this.get(at, Column.buys) + this.get(at, Column.sells) || 0;
  }

  /** Milliseconds in which the trade stream was live and whole; a hole counts at least 1 ms. */
  coverageMs(at: number): number {
    const covered = Math.min(this.get(at, Column.coveredMs), MINUTE_MS);
    return Math.max(0, covered - this.get(at, Column.holesMs));
  }

  /**
   * Writes a stored or rebuilt bucket's tape columns; derivative and depth columns only where
   * known. A minute that the window has left behind is not written.
   */
  write(bucket: Bucket): void {
    const minute = bucket.t / MINUTE_MS;
    if (this.isPast(minute)) return;
    const at = this.touch(minute);
    const set = (column: number, value: number | null): void => {
      this.cells[at + column] = value ?? NaN;
    };
    set(Column.open, bucket.o);
    set(Column.high, bucket.h);
    set(Column.low, bucket.l);
    set(Column.close, bucket.c);
    set(Column.buyBase, bucket.buyBase);
    set(Column.sellBase, bucket.sellBase);
    set(Column.buyQuote, bucket.buyQuote);
    set(Column.sellQuote, bucket.sellQuote);
    set(Column.buys, bucket.buys);
    set(Column.sells, bucket.sells);
    set(Column.largeBuyQuote, bucket.largeBuyQuote);
    set(Column.largeSellQuote, bucket.largeSellQuote);
    set(Column.candleBase, bucket.volBase);
    set(Column.candleQuote, bucket.volQuote);
    set(Column.coveredMs, bucket.coverageMs);
    set(Column.holesMs, 0);
    set(Column.source, Math.max(0, SOURCES.indexOf(bucket.source)));
    // Where ids have no order the minute's start stands for "before any later print".
    const key = bucket.o === null ? null : bucket.t;
    set(Column.firstKey, bucket.firstId ?? key);
    set(Column.lastKey, bucket.lastId ?? key);
    for (const name of CONTRACT_NAMES) {
      const value = bucket[name];
      if (value !== null) this.setContract(at, Contract[name], value);
    }
    if (bucket.imbalance !== null) {
      set(Column.imbalanceSum, bucket.imbalance * bucket.imbalanceSamples);
      set(Column.imbalanceSamples, bucket.imbalanceSamples);
    }
  }
}

function knownIf(told: boolean, value = NaN): number | null {
  return told && value === value ? value : null;
}

/** Zeros beside a stream that was never live were not counted either. */
function heardIf(told: boolean, value = NaN): number | null {
  return value > 0 ? value : knownIf(told, value);
}

function total(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

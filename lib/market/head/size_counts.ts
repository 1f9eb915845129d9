// This module is pure.
/**
 * How many trades of which size there were in each of the last 24 hours: what a percentile
 * of a day is made of, in few bytes, because most bins of an hour are empty.
 *
 * An hour as bytes, in memory and in the store: how many trades of all sizes, then the bins
 * from the lowest; numbers of seven bits a byte, a 0 followed by how many empty bins come
 * after that one. An hour without trades is one 0.
 */
import { joined } from "../bytes.ts";

/** Trades below this are only counted all together, USD. */
export const LARGE_FLOOR_USD = 25_000;
export const HOUR_MS = 3_600_000;
/** Hours that are kept, the one that runs among them. */
export const HOURS = 24;
/**
 * Log-spaced bins above the floor: 5.5 % wide, up to 25 M USD; the last one holds the rest.
 * The floor and the bins give stored bytes their meaning: to change them, store the new ones
 * under another kind of row.
 */
const BINS = 128;
const BIN_LOG = Math.log(1000) / BINS;
/** Counts stop here, so that one takes three bytes; the total four. */
const MOST_IN_BIN = 2 ** 21 - 1;
const MOST_IN_ALL = 2 ** 28 - 1;
/** The longest that an hour can get. */
export const MAX_HOUR_BYTES: number = 4 + 3 * BINS;

const NO_TRADES = Uint8Array.of(0);

/** Trades by size. */
class Tally {
  total = 0;
  /** By bin; made when a trade reaches the floor. */
  bins: Uint32Array | null = null;

  add(bin: number, count: number): void {
    this.bins ??= new Uint32Array(BINS);
    this.bins[bin] = Math.min(MOST_IN_BIN, (this.bins[bin] ?? 0) + count);
  }

  copy(): Tally {
    const copy = new Tally();
    copy.total = this.total;
    copy.bins = this.bins?.slice() ?? null;
    return copy;
  }

  bytes(): Uint8Array {
    if (this.total === 0) return NO_TRADES;
    const bytes: number[] = [];
    put(bytes, this.total);
    for (let bin = 0; bin < BINS; bin++) {
      const count = this.bins?.[bin] ?? 0;
      put(bytes, count);
      if (count > 0) continue;
      const first = bin;
      while (bin + 1 < BINS && (this.bins?.[bin + 1] ?? 0) === 0) bin++;
      bytes.push(bin - first);
    }
    return Uint8Array.from(bytes);
  }
}

/**
 * Adds the hour that begins at a place among the bytes to a tally, if one is given; returns
 * where it ends: beyond the bytes, or -1, where it is no hour.
 */
function read(bytes: Uint8Array, from: number, tally: Tally | null): number {
  let at = from;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    return NaN;
  };
  const total = next();
  if (tally) tally.total = Math.min(MOST_IN_ALL, tally.total + total);
  for (let bin = 0; bin < BINS && total > 0; bin++) {
    const count = next();
    if (count > 0) tally?.add(bin, count);
    else bin += count + next();
    if (!(bin < BINS)) return -1;
  }
  return total >= 0 ? at : -1;
}

function sumOf(hour: Uint8Array, other: Uint8Array): Uint8Array {
  const sum = new Tally();
  read(hour, 0, sum);
  read(other, 0, sum);
  return sum.bytes();
}

/** Whether the bytes are those of one hour. */
export function isHourOfSizes(bytes: Uint8Array): boolean {
  return read(bytes, 0, null) === bytes.length;
}

/** An hour, counted from the epoch, and its trades as bytes. */
export type HourOfSizes = readonly [hour: number, bytes: Uint8Array];

export class SizeCounts {
  /** The newest hour, counted from the epoch; -1 before the first trade. */
  #hour = -1;
  #newest = new Tally();
  /** The hours before it, the oldest first, without gaps; bytes of one hour say where they end. */
  #past: Uint8Array | null = null;
  /** The first hour that changed since `takeChanges`. */
  #changedFrom = Infinity;

  /** Counts a trade, a late one into the newest hour; returns whether an hour began with it. */
  add(timeMs: number, quote: number): boolean {
    const began = this.#turnTo(Math.floor(timeMs / HOUR_MS));
    const newest = this.#newest;
    newest.total = Math.min(MOST_IN_ALL, newest.total + 1);
    if (quote >= LARGE_FLOOR_USD) {
      newest.add(Math.min(BINS - 1, Math.floor(Math.log(quote / LARGE_FLOOR_USD) / BIN_LOG)), 1);
    }
    this.#changedFrom = Math.min(this.#changedFrom, this.#hour);
    return began;
  }

  /**
   * The highest size, USD, at the start of a bin, that more than this share of all trades
   * reach; the floor where they do not.
   */
  quantileUsd(shareAbove: number): number {
    const day = this.#newest.copy();
    const past = this.#past;
    for (let at = 0; past !== null && at < past.length;) at = read(past, at, day);
    const allowed = day.total * shareAbove;
    let above = 0;
    for (let bin = BINS - 1; bin >= 0 && day.bins !== null; bin--) {
      above += day.bins[bin] ?? 0;
      if (above > allowed) return LARGE_FLOOR_USD * Math.exp(bin * BIN_LOG);
    }
    return LARGE_FLOOR_USD;
  }

  /** Adds stored hours; those that are no longer of the day, and what is no hour, are left out. */
  merge(stored: readonly HourOfSizes[]): void {
    const sound = stored.filter(([, bytes]) => isHourOfSizes(bytes));
    this.#turnTo(sound.reduce((newest, [hour]) => Math.max(newest, hour), this.#hour));
    const past = this.#hours().slice(0, -1);
    for (const [hour, bytes] of sound) {
      const index = hour - this.#hour + HOURS - 1;
      const held = past[index];
      if (hour === this.#hour) read(bytes, 0, this.#newest);
      if (held) past[index] = held === NO_TRADES ? bytes : sumOf(held, bytes);
    }
    this.#keep(past);
  }

  /** Forgets all; what was not stored is not to be, either. */
  clear(): void {
    this.#hour = -1;
    this.#newest = new Tally();
    this.#past = null;
    this.#changedFrom = Infinity;
  }

  /** The hours that changed since this was last called, whole, oldest first. */
  takeChanges(): HourOfSizes[] {
    const first = this.#hour - HOURS + 1;
    const changed = this.#changedFrom === Infinity ? [] : this.#hours()
      .map((bytes, index): HourOfSizes => [first + index, bytes])
      .filter(([hour]) => hour >= this.#changedFrom);
    this.#changedFrom = Infinity;
    return changed;
  }

  /** What changed since an hour was not stored after all. */
  stillChanged(fromHour: number): void {
    this.#changedFrom = Math.min(this.#changedFrom, fromHour);
  }

  /** All hours, oldest first, the newest one last. */
  #hours(): Uint8Array[] {
    const hours: Uint8Array[] = [];
    const past = this.#past;
    for (let at = 0; past !== null && at < past.length;) {
      const end = read(past, at, null);
      hours.push(past.subarray(at, end));
      at = end;
    }
    while (hours.length < HOURS - 1) hours.push(NO_TRADES);
    hours.push(this.#newest.bytes());
    return hours;
  }

  #turnTo(hour: number): boolean {
    if (!(hour > this.#hour)) return false;
    if (this.#hour >= 0) {
      const gone = Math.min(HOURS, hour - this.#hour);
      const left = this.#hours().slice(gone);
      while (left.length < HOURS - 1) left.push(NO_TRADES);
      this.#keep(left);
      this.#newest = new Tally();
    }
    this.#hour = hour;
    return true;
  }

  #keep(hours: readonly Uint8Array[]): void {
    const past = joined(hours);
    this.#past = past.length > hours.length ? past : null;
  }
}

function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
}

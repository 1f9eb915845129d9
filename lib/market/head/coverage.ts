// This module is pure.
/**
 * Which milliseconds of a minute the trade stream was live and whole: credit for the time
 * that a connection delivered, less the holes that the ids or a watchdog proved. In doubt
 * it says less: what lacks is looked for again, what is claimed is believed.
 */
import { MINUTE_MS } from "../bucket.ts";
import { Column, Contract, type MinuteRing, Source, WINDOW_MINUTES } from "./minute_ring.ts";

/** Two connections of one stream are never this far apart. */
const AHEAD_MS = 10 * MINUTE_MS;

/** What a hole took from each minute, so that closing it gives back exactly that. */
export type Hole = readonly { readonly minute: number; readonly ms: number }[];

export class Coverage {
  readonly #ring: MinuteRing;
  /** Offset of the minute's row, made live where it was unknown. */
  readonly #liveRow: (minute: number) => number;
  #coveredToMs = 0;
  /** The newest span without a live stream: it was never credited, so a hole cannot take it away. */
  #darkFromMs = 0;
  #darkToMs = 0;

  constructor(ring: MinuteRing, liveRow: (minute: number) => number) {
    this.#ring = ring;
    this.#liveRow = liveRow;
  }

  /** What was credited so far is another process's: credit begins here, with nothing dark before. */
  beginAt(timeMs: number): void {
    this.#coveredToMs = this.#darkFromMs = this.#darkToMs = timeMs;
  }

  /**
   * The trade stream was live from `fromMs` to `toMs` (venue time): credits what was not
   * yet credited. Called with an empty span when the stream comes alive, so that the dark
   * time before it is known before its first trade.
   */
  cover(fromMs: number, toMs: number): void {
    // The venue's clock is reckoned in fractions; whole milliseconds are credited.
    const [start, end] = [Math.ceil(fromMs), Math.floor(toMs)];
    // The clock was far ahead: what it credited lies in a time that is still to come.
    if (this.#coveredToMs > end + AHEAD_MS) this.#coveredToMs = this.#darkToMs = start;
    if (start > this.#coveredToMs) {
      this.#darkFromMs = this.#coveredToMs;
      this.#darkToMs = this.#coveredToMs = start;
    }
    const from = Math.max(start, this.#coveredToMs);
    if (end <= from) return;
    this.#coveredToMs = end;
    this.#credit(from, end);
  }

  /** A hole between two times; each minute that it touches lacks at least 1 ms. */
  open(fromMs: number, toMs: number): Hole {
    const hole: { minute: number; ms: number }[] = [];
    const last = Math.floor(toMs / MINUTE_MS);
    for (let minute = firstHeld(fromMs, last); minute <= last; minute++) {
      // An older minute would take a newer one's slot.
      if (this.#ring.isPast(minute)) continue;
      const from = Math.max(fromMs, minute * MINUTE_MS);
      const to = Math.min(toMs, (minute + 1) * MINUTE_MS);
      const dark = Math.min(to, this.#darkToMs) - Math.max(from, this.#darkFromMs);
      const ms = Math.max(1, Math.ceil(to - from - Math.max(0, dark)));
      const at = this.#liveRow(minute);
      // A rebuilt minute is complete, whatever the stream missed of it.
      if (this.#ring.get(at, Column.source) !== Source.live) continue;
      this.#add(at, Column.holesMs, ms);
      hole.push({ minute, ms });
    }
    return hole;
  }

  /** The hole was filled. */
  close(hole: Hole): void {
    for (const { minute, ms } of hole) {
      const at = this.#ring.find(minute);
      if (at < 0 || this.#ring.get(at, Column.source) !== Source.live) continue;
      this.#ring.touch(minute);
      this.#add(at, Column.holesMs, -ms);
    }
  }

  /** A minute is less whole than it seemed: it counts as covered for `mostMs` at most. */
  limit(minute: number, mostMs: number): void {
    if (this.#ring.find(minute) < 0) return;
    const at = this.#ring.touch(minute);
    const excess = this.#ring.coverageMs(at) - mostMs;
    if (excess > 0) this.#add(at, Column.holesMs, excess);
  }

  /** A minute was proven to hold every trade. */
  complete(minute: number): void {
    if (this.#ring.find(minute) < 0) return;
    const at = this.#ring.touch(minute);
    if (this.#ring.get(at, Column.coveredMs) < MINUTE_MS) {
      this.#forgetCalm(minute);
      // Its trades come from elsewhere, in part.
      this.#ring.cells[at + Column.source] = Source.repaired;
    }
    this.#ring.cells[at + Column.coveredMs] = MINUTE_MS;
    this.#ring.cells[at + Column.holesMs] = 0;
  }

  /** The newest time without a live stream, since when something was live before; else `null`. */
  dark(): { readonly fromMs: number; readonly toMs: number } | null {
    const { fromMs, toMs } = { fromMs: this.#darkFromMs, toMs: this.#darkToMs };
    return fromMs > 0 && toMs > fromMs ? { fromMs, toMs } : null;
  }

  /** Nothing more will be done about the dark time. */
  forgetDark(): void {
    this.#darkFromMs = this.#darkToMs;
  }

  /** All trades of a dark time were had after all: it counts as live. */
  bridge(fromMs: number, toMs: number): void {
    this.#credit(Math.ceil(fromMs), Math.floor(toMs));
    const last = Math.floor(toMs / MINUTE_MS);
    for (let minute = firstHeld(fromMs, last); minute <= last; minute++) this.#forgetCalm(minute);
  }

  /**
   * A minute that was not listened to from end to end gets its trades from elsewhere: nobody
   * tells afterwards what was liquidated meanwhile. To have heard of no longs is then to know
   * nothing of longs; what was heard stays, as the least that there was.
   */
  doubtCalm(minute: number): void {
    const at = this.#ring.find(minute);
    if (at >= 0 && this.#ring.get(at, Column.coveredMs) < MINUTE_MS) this.#forgetCalm(minute);
  }

  #forgetCalm(minute: number): void {
    const at = this.#ring.find(minute);
    if (at < 0) return;
    for (const [quote, count] of LIQUIDATED) {
      if (this.#ring.getContract(at, count) > 0) continue;
      this.#ring.setContract(at, quote, NaN);
      this.#ring.setContract(at, count, NaN);
    }
  }

  #credit(fromMs: number, toMs: number): void {
    const last = Math.floor(toMs / MINUTE_MS);
    let from = Math.max(fromMs, firstHeld(fromMs, last) * MINUTE_MS);
    while (from < toMs) {
      const minute = Math.floor(from / MINUTE_MS);
      const end = Math.min(toMs, (minute + 1) * MINUTE_MS);
      if (!this.#ring.isPast(minute)) {
        this.#add(this.#liveRow(minute), Column.coveredMs, end - from);
      }
      from = end;
    }
  }

  #add(at: number, column: number, by: number): void {
    this.#ring.cells[at + column] = Math.max(0, this.#ring.get(at, column) + by);
  }
}

/** Quote and count of either side. */
const LIQUIDATED = [
  [Contract.liqLongQuote, Contract.liqLongs],
  [Contract.liqShortQuote, Contract.liqShorts],
] as const;

/** First minute of a span that the window can hold. */
function firstHeld(fromMs: number, lastMinute: number): number {
  return Math.max(Math.floor(fromMs / MINUTE_MS), lastMinute - WINDOW_MINUTES + 1);
}

/**
 * Head → store: every few seconds each minute that changed is written whole, the open
 * one included, so that `kill -9` loses at most that long; once an hour the packed
 * minutes are rolled up.
 */
import type { Head } from "../market/head/head.ts";
import type { SeriesBucket, SeriesId, Store } from "../store/mod.ts";
import type { Log } from "../log.ts";

/** How often the changed minutes are written; the promise of the design page. */
export const FLUSH_EVERY_MS = 5_000;

export class Flusher {
  readonly #head: Head;
  readonly #store: Store;
  readonly #log: Log;
  #rolledHour = 0;
  #newest: Promise<boolean> = Promise.resolve(true);
  #written: (id: SeriesId, timeMs: number) => void = () => {};
  #timed: (seconds: number) => void = () => {};

  constructor(head: Head, store: Store, log: Log) {
    this.#head = head;
    this.#store = store;
    this.#log = log;
  }

  /** The listener is told of every minute whose change is about to be written. */
  onWrite(listener: (id: SeriesId, timeMs: number) => void): void {
    this.#written = listener;
  }

  /** The listener is told how long each flush took, s. */
  onFlush(listener: (seconds: number) => void): void {
    this.#timed = listener;
  }

  /**
   * Writes what has changed by now; resolves to whether all of it was. One after the other: a
   * flush under way has passed some minutes already. A failed write stays due and is said.
   */
  flush(): Promise<boolean> {
    this.#newest = this.#newest.catch(() => false).then(() => this.#write());
    return this.#newest;
  }

  async #write(): Promise<boolean> {
    const startedMs = performance.now();
    let whole = true;
    for (const minute of this.#head.dirtyMinutes()) {
      const rows: SeriesBucket[] = [];
      const taken = [];
      for (const series of this.#head.all()) {
        if (!series.ring.isDirty(minute)) continue;
        const bucket = series.bucket(minute);
        if (!bucket) continue;
        const { venue, symbol } = series.instrument;
        rows.push({ series: { venue, symbol }, bucket });
        // Cleaned before the write: a trade that comes meanwhile makes it due again.
        series.ring.clean(minute);
        this.#written({ venue, symbol }, bucket.t);
        taken.push(series);
      }
      try {
        await this.#store.writeMinute(minute, rows);
      } catch (error) {
        for (const series of taken) {
          if (series.ring.find(minute) >= 0) series.ring.touch(minute);
        }
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.rateLimited("flush", 60_000, Date.now())
          ?.error("minutes not written, kept in memory", { reason });
        whole = false;
        break;
      }
    }
    this.#timed((performance.now() - startedMs) / 1000);
    return whole;
  }

  /** Rolls up the hours that are complete; at most once per hour of the venue's clock. */
  async rollUp(nowMs: number): Promise<void> {
    const hour = Math.floor(nowMs / 3_600_000);
    if (hour === this.#rolledHour) return;
    try {
      const done = await this.#store.rollUp(nowMs);
      this.#rolledHour = hour;
      if (done.hours > 0) this.#log.info("hours rolled up", { ...done });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.rateLimited("roll-up", 60_000, Date.now())
        ?.error("hours not rolled up", { reason });
    }
  }
}

/**
 * What each series knows of its trades' sizes outlives the process: every two minutes what
 * changed is written, at a stop and a handover all of it, and who is new in memory (at the
 * start, or watched again) gets back what is stored of its last 24 hours.
 *
 * A `kill -9` loses the counts of two minutes, as does a series that leaves memory, and what
 * is rebuilt from REST is not counted at all: too little of a day to move its percentile. A
 * replay has no part in this: its store is its own, and gone afterwards.
 */
import type { Head } from "../market/head/head.ts";
import { FUTURE_MS, type Series } from "../market/head/series.ts";
import { HOUR_MS, type HourOfSizes, HOURS } from "../market/head/size_counts.ts";
import { seriesKey } from "../market/instrument.ts";
import type { SeriesId, SeriesSizes, Store } from "../store/mod.ts";
import type { Log } from "../log.ts";

/** Each write is a commit; what is lost by a kill is at most of so long. */
export const SIZES_EVERY_MS = 120_000;

export interface TradeSizesOptions {
  readonly head: Head;
  readonly store: Pick<Store, "readSizes" | "writeSizes">;
  /** The venues' clock; `null` before any is known: by a wrong one the wrong day would be read. */
  readonly nowMs: () => number | null;
  readonly log: Log;
}

export class TradeSizes {
  readonly #options: TradeSizesOptions;
  /** Series that know what is stored of them: what they write takes its place. */
  readonly #known = new WeakSet<Series>();

  constructor(options: TradeSizesOptions) {
    this.#options = options;
  }

  /** Adds what is stored to the series that are new in memory; a failure is said, and tried again. */
  async restore(): Promise<void> {
    const { head, nowMs } = this.#options;
    const fresh = [...head.all()].filter((series) => !this.#known.has(series));
    const timeMs = nowMs();
    if (fresh.length === 0 || timeMs === null) return;
    await this.#tried("not read", async () => {
      const stored = await this.#stored(fresh, timeMs);
      for (const series of fresh) {
        if (this.#known.has(series)) continue;
        series.large.restore(stored.get(series) ?? []);
        this.#known.add(series);
      }
    });
  }

  /**
   * Takes what another process has stored up to an instant in place of what was counted here
   * beside it, so that each cluster of prints is counted by one of both (`LargeTrades`). Where
   * the other was killed, or this fails, the counts of some minutes are missing, or of some
   * seconds are there twice.
   */
  async continueFrom(atMs: number): Promise<void> {
    const all = [...this.#options.head.all()];
    await this.#tried("not read", async () => {
      const stored = await this.#stored(all, atMs);
      for (const series of all) {
        series.large.continueFrom(atMs, stored.get(series) ?? []);
        this.#known.add(series);
      }
    });
  }

  /** Writes what changed in series that know what is stored; a failed write stays due and is said. */
  async write(): Promise<void> {
    const taken: (readonly [Series, readonly HourOfSizes[]])[] = [];
    const hours = new Map<number, SeriesSizes[]>();
    for (const series of this.#options.head.all()) {
      if (!this.#known.has(series)) continue;
      const { venue, symbol } = series.instrument;
      const changes = series.large.takeChanges();
      taken.push([series, changes]);
      for (const [hour, bytes] of changes) {
        const rows = hours.get(hour) ?? [];
        rows.push({ series: { venue, symbol }, bytes });
        hours.set(hour, rows);
      }
    }
    const isWritten = await this.#tried("not written", async () => {
      for (const [hour, rows] of hours) await this.#options.store.writeSizes(hour, rows);
    });
    if (isWritten) return;
    for (const [{ large }, [first]] of taken) if (first) large.stillChanged(first[0]);
  }

  /**
   * Writes all, at the end of this process's time: `endMs` is the instant from which on another
   * one counts, or `Infinity`.
   */
  async finish(endMs: number): Promise<void> {
    await this.restore();
    for (const { large } of this.#options.head.all()) large.finish(endMs);
    await this.write();
  }

  /** The stored hours of these series that are of the last day; none of a day to come. */
  async #stored(wanted: readonly Series[], nowMs: number): Promise<Map<Series, HourOfSizes[]>> {
    const ids: SeriesId[] = [];
    const byName = new Map<string, Series>();
    for (const series of wanted) {
      const { venue, symbol } = series.instrument;
      ids.push({ venue, symbol });
      byName.set(seriesKey(venue, symbol), series);
    }
    // As far ahead as a trade may be: what came just before a full hour may be of the next.
    const endHour = Math.floor((nowMs + FUTURE_MS) / HOUR_MS) + 1;
    const found = new Map<Series, HourOfSizes[]>();
    const { store } = this.#options;
    for await (const { hour, rows } of store.readSizes(endHour - HOURS, endHour, ids)) {
      for (const { series: { venue, symbol }, bytes } of rows) {
        const series = byName.get(seriesKey(venue, symbol));
        if (!series) continue;
        const hours = found.get(series) ?? [];
        hours.push([hour, bytes]);
        found.set(series, hours);
      }
    }
    return found;
  }

  async #tried(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.rateLimited(`trade sizes ${what}`, 60_000, Date.now())
        ?.error(`trade sizes ${what}`, { reason });
      return false;
    }
  }
}

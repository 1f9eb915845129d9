/**
 * What every series traded at this time of earlier days, read from the store each time a
 * quarter-hour has closed: questions would take ten times as long with thirty days to read.
 */
import { barStart, QUARTER_MINUTES } from "../../market/bucket.ts";
import type { Head } from "../../market/head/head.ts";
import type { Series } from "../../market/head/series.ts";
import { EarlierBars, earlierQuarters, wholeVolume } from "../../market/study/same_time.ts";
import type { Store } from "../../store/mod.ts";
import { pause } from "../every.ts";

/** Between two series that are read: others have their turn. */
const FILL_PAUSE_MS = 5;

export interface EarlierDaysOptions {
  readonly head: Head;
  readonly store: Store;
  readonly nowMs: () => number;
}

export class EarlierDays {
  readonly #options: EarlierDaysOptions;
  /** 1 kB a series, for as long as that is in memory. */
  readonly #held = new WeakMap<Series, EarlierBars>();

  constructor(options: EarlierDaysOptions) {
    this.#options = options;
  }

  /** What was worked out last, which may be of bars that closed earlier; `null` before that. */
  of(series: Series): EarlierBars | null {
    return this.#held.get(series) ?? null;
  }

  /**
   * Works out what lacks since a quarter-hour closed, one series after the other. All is read
   * again, so that a repair of older days is seen a quarter-hour later.
   */
  async fill(signal: AbortSignal): Promise<void> {
    const { head, nowMs } = this.#options;
    for (const series of [...head.all()]) {
      const closedMs = barStart(nowMs(), QUARTER_MINUTES);
      if (this.of(series)?.closedMs === closedMs) continue;
      if (signal.aborted) return;
      this.#held.set(series, await this.#read(series, closedMs));
      await pause(FILL_PAUSE_MS, signal);
    }
  }

  async #read({ instrument: { venue, symbol } }: Series, closedMs: number): Promise<EarlierBars> {
    const { fromMs, toMs, wants } = earlierQuarters(closedMs);
    const quarters = new Map<number, number>();
    const stored = this.#options.store.rolledQuarters({ venue, symbol }, fromMs, toMs, wants);
    for await (const quarter of stored) {
      const volume = wholeVolume(quarter);
      if (volume !== null) quarters.set(quarter.t, volume);
    }
    return new EarlierBars(closedMs, quarters);
  }
}

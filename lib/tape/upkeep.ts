/**
 * What one process at a time does for the data: it writes what was heard, has repaired what
 * was not, checks it against the venues, and lets go of what nobody needs.
 */
import { MINUTE_MS } from "../market/bucket.ts";
import type { Head } from "../market/head/head.ts";
import type { Log } from "../log.ts";
import { every, pause } from "./every.ts";
import { FLUSH_EVERY_MS, type Flusher } from "./flush.ts";
import type { Minutes } from "./minutes.ts";
import type { Quarters } from "./past/quarters.ts";
import type { EarlierDays } from "./past/earlier_days.ts";
import type { Canary } from "./repair/canary.ts";
import type { Demand } from "./repair/demand.ts";
import type { Repairer } from "./repair/repairer.ts";
import { restartReport } from "./repair/restart_report.ts";
import { SIZES_EVERY_MS, type TradeSizes } from "./trade_sizes.ts";
import type { Venue } from "./venue.ts";

export interface UpkeepOptions {
  readonly head: Head;
  readonly venues: readonly Venue[];
  readonly flusher: Flusher;
  readonly minutes: Minutes;
  readonly quarters: Quarters;
  readonly sizes: TradeSizes;
  readonly earlierDays: EarlierDays;
  readonly demand: Demand;
  readonly repairers: readonly Repairer[];
  readonly canaries: readonly Canary[];
  /** Works out what is usual where an hour has passed. */
  readonly fillNorms: (signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
  /** Why not everything is live yet. */
  readonly troubles: () => readonly string[];
  readonly alarm: (text: string) => void;
  readonly log: Log;
}

const RETRY_MS = 1_000;
const CANARY_EVERY_MS = 60_000;
const PAST_EVERY_MS = 60_000;
/** Soon after a quarter-hour has closed there is something to read, else nothing to do. */
const DAYS_EVERY_MS = 1_000;
/** The report of a restart waits this long for repair, and so often again. */
const REPORT_AFTER_MS = 75_000;
const REPORT_TRIES = 8;

export class Upkeep {
  /** How far the tape stored before this start reaches, ms; `null` where no break is to be told. */
  reachMs: number | null = null;
  readonly #options: UpkeepOptions;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Runs until aborted; what changed since the last flush is then still to be written. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, repairers, canaries, quarters, earlierDays, sizes, fillNorms } = this.#options;
    const failed = (error: unknown) => log.error("tape task failed", { error });
    const timetable = (everyMs: number, startMs: number) => (
      { everyMs, startMs, retryMs: RETRY_MS, signal }
    );
    await Promise.all([
      ...repairers.map((repairer) => repairer.run(signal)),
      every(timetable(FLUSH_EVERY_MS, FLUSH_EVERY_MS), () => this.#flush(), failed),
      ...canaries.map((canary) =>
        every(timetable(CANARY_EVERY_MS, RETRY_MS), () => canary.look(signal), failed)
      ),
      every(timetable(PAST_EVERY_MS, RETRY_MS), async () => {
        await quarters.fill(signal);
        await fillNorms(signal);
      }, failed),
      every(timetable(SIZES_EVERY_MS, SIZES_EVERY_MS), () => sizes.write(), failed),
      every(timetable(DAYS_EVERY_MS, RETRY_MS), () => earlierDays.fill(signal), failed),
      this.#reportRestart(signal),
    ]);
  }

  /** Tells the owner what a break cost, when it is as good as it will be. */
  async #reportRestart(signal: AbortSignal): Promise<void> {
    const { venues, minutes, repairers, nowMs, troubles, alarm } = this.#options;
    const fromMs = this.reachMs;
    if (fromMs === null) return;
    while (!signal.aborted && troubles().length > 0) await pause(RETRY_MS, signal);
    const toMs = nowMs();
    const settled = () => repairers.every(({ waiting }) => waiting === 0);
    // The minute of the return must close before it can be repaired.
    await pause(REPORT_AFTER_MS, signal);
    for (let i = 0; i < REPORT_TRIES && !settled(); i++) await pause(REPORT_AFTER_MS, signal);
    if (signal.aborted) return;
    const series = await Promise.all(
      venues.flatMap(({ collector: { venue }, feed }) =>
        feed.symbols.map(async (symbol) => ({
          venue,
          buckets: await minutes.read({ venue, symbol }, fromMs - MINUTE_MS, toMs),
        }))
      ),
    );
    this.reachMs = null;
    const text = restartReport(fromMs, toMs, series);
    if (text !== null) alarm(text);
  }

  async #flush(): Promise<void> {
    const { flusher, sizes, demand, minutes, nowMs } = this.#options;
    await flusher.flush();
    await flusher.rollUp(nowMs());
    await sizes.restore();
    demand.sweep();
    minutes.sweep();
    this.#letGo();
  }

  /** Series that nobody watches or asks about any more leave memory; their rows stay. */
  #letGo(): void {
    const { head, venues, demand } = this.#options;
    for (const { collector: { venue }, feed } of venues) {
      const watched = new Set(feed.symbols);
      if (watched.size === 0) continue;
      for (const { instrument: { symbol, venue: of } } of [...head.all()]) {
        if (of !== venue || watched.has(symbol) || demand.holds(of, symbol)) continue;
        head.close(of, symbol);
      }
    }
  }
}

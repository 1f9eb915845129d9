/** The desk of a replay: nothing is watched but the recording, and lists cannot change. */
import type { Desk, Json, Status } from "../../reply/command.ts";
import type { Store } from "../../store/mod.ts";
import type { Replay } from "./replay.ts";

export interface ReplayDeskOptions {
  readonly play: Replay;
  readonly store: Store;
  readonly version: string;
  readonly startedMs: number;
  readonly residentBytes: () => number;
}

export class ReplayDesk implements Desk {
  readonly #options: ReplayDeskOptions;
  readonly #memory = new Map<string, Json>();

  constructor(options: ReplayDeskOptions) {
    this.#options = options;
  }

  watched(): string[] {
    return this.#options.play.source.assets();
  }

  configured(): string[] {
    return this.watched();
  }

  watch(asset: string): Promise<"held" | "unlisted"> {
    return Promise.resolve(this.watched().includes(asset) ? "held" : "unlisted");
  }

  unwatch(asset: string): Promise<"absent" | "configured"> {
    return Promise.resolve(this.watched().includes(asset) ? "configured" : "absent");
  }

  status(): Status {
    const { play, store, version, startedMs, residentBytes } = this.#options;
    const { rowsWritten, bytesWritten, rowsSkipped, writeErrors } = store.stats();
    return {
      version,
      startedMs,
      residentBytes: residentBytes(),
      venues: play.intakes.map(({ venue, stats }) => ({
        venue,
        live: play.isDone,
        reason: play.isDone ? null : "still replaying",
        markets: play.source.allSeries().filter((series) => series.venue === venue).length,
        frames: stats.frames,
        trades: stats.events.trade,
        parseErrors: stats.parseErrors,
        reconnects: 0,
        gaps: 0,
      })).filter(({ frames }) => frames > 0),
      repair: { waiting: 0, repaired: 0, lost: 0 },
      store: {
        ...{ rowsWritten, bytesWritten, rowsSkipped, writeErrors },
        disk: store.diskUse,
        writable: store.writable,
      },
    };
  }

  recall(asker: string, key: string): Promise<Json> {
    return Promise.resolve(this.#memory.get(`${asker} ${key}`) ?? null);
  }

  /** For as long as the replay is served. */
  remember(asker: string, key: string, value: Json): Promise<void> {
    this.#memory.set(`${asker} ${key}`, value);
    return Promise.resolve();
  }
}

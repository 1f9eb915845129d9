/** What commands may ask of the running service: its lists, its state, its memory. */
import type { Desk, Json, Status } from "../reply/command.ts";
import type { Store } from "../store/mod.ts";
import type { Tape } from "./tape.ts";

const WATCH_KEY = ["watch"] as const;

/** How long what an asker chose is told from memory: in a takeover two processes write it. */
const REMEMBERED_MS = 60_000;
/** The choices that are held at most. */
const MOST_REMEMBERED = 256;

export interface DeskOptions {
  readonly tape: Tape;
  readonly store: Store;
  readonly version: string;
  readonly startedMs: number;
  readonly residentBytes: () => number;
}

export class TapeDesk implements Desk {
  readonly #options: DeskOptions;
  /** What users had added when it was last read. */
  #loaded: readonly string[] = [];
  readonly #remembered = new Map<string, { readonly value: Json; readonly untilMs: number }>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Watches what users added before this start, or since the last call in another process. */
  async load(): Promise<void> {
    const { universe } = this.#options.tape;
    const added = await this.#added();
    for (const asset of added) universe.add(asset);
    for (const asset of this.#loaded) if (!added.includes(asset)) universe.remove(asset);
    this.#loaded = added;
  }

  watched(): string[] {
    return this.#options.tape.universe.watched();
  }

  configured(): readonly string[] {
    return this.#options.tape.universe.configured();
  }

  async watch(asset: string): Promise<"added" | "held" | "unlisted"> {
    const { tape, store } = this.#options;
    if (this.watched().includes(asset)) return "held";
    if (tape.universe.marketsOf(asset).length === 0) return "unlisted";
    await store.records.set(WATCH_KEY, [...await this.#added(), asset]);
    tape.universe.add(asset);
    tape.choose();
    return "added";
  }

  async unwatch(asset: string): Promise<"removed" | "absent" | "configured"> {
    const { tape, store } = this.#options;
    if (!this.watched().includes(asset)) return "absent";
    const added = await this.#added();
    if (!added.includes(asset)) return "configured";
    await store.records.set(WATCH_KEY, added.filter((one) => one !== asset));
    tape.universe.remove(asset);
    tape.choose();
    return "removed";
  }

  async #added(): Promise<string[]> {
    const held = await this.#options.store.records.get(WATCH_KEY);
    return Array.isArray(held) ? held.filter((one) => typeof one === "string") : [];
  }

  status(): Status {
    const { tape, store, version, startedMs, residentBytes } = this.#options;
    const sum = (read: (one: Tape["repairers"][number]) => number) =>
      tape.repairers.reduce((total, one) => total + read(one), 0);
    const { rowsWritten, bytesWritten, rowsSkipped, writeErrors } = store.stats();
    return {
      version,
      startedMs,
      residentBytes: residentBytes(),
      venues: tape.venues.map((venue) => {
        const { stats, symbols, reconnects } = venue.feed;
        const reason = venue.trouble();
        return {
          venue: venue.collector.venue,
          live: reason === null,
          reason,
          markets: symbols.length,
          frames: stats.frames,
          trades: stats.events.trade,
          parseErrors: stats.parseErrors,
          reconnects,
          gaps: venue.gaps(),
        };
      }),
      repair: {
        waiting: sum(({ waiting }) => waiting),
        repaired: sum(({ repaired }) => repaired),
        lost: sum(({ lost }) => lost),
      },
      store: {
        ...{ rowsWritten, bytesWritten, rowsSkipped, writeErrors },
        disk: store.diskUse,
        writable: store.writable,
      },
    };
  }

  async recall(asker: string, key: string): Promise<Json> {
    const path = ["asker", asker, key];
    const held = this.#remembered.get(path.join());
    if (held && this.#options.tape.nowMs() < held.untilMs) return held.value;
    // Only what `remember` wrote lies under this key.
    const value = (await this.#options.store.records.get(path) ?? null) as Json;
    this.#hold(path.join(), value);
    return value;
  }

  async remember(asker: string, key: string, value: Json): Promise<void> {
    const path = ["asker", asker, key];
    this.#remembered.delete(path.join());
    await this.#options.store.records.set(path, value);
    this.#hold(path.join(), value);
  }

  #hold(path: string, value: Json): void {
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(path, { value, untilMs: this.#options.tape.nowMs() + REMEMBERED_MS });
  }
}

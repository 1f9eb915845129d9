/** What commands may ask of the running service: its lists, its state, its memory. */
import type { Desk, Json, Status } from "../reply/command.ts";
import type { Store } from "../store/mod.ts";
import type { Tape } from "./tape.ts";

const WATCH_KEY = ["watch"] as const;
/** Others may change the list, too; each loses a race now and then. */
const TRIES = 20;

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
  /** What users had added when it was last read or written. */
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
    const { tape } = this.#options;
    if (this.watched().includes(asset)) return "held";
    if (tape.universe.marketsOf(asset).length === 0) return "unlisted";
    await this.#change((added) => added.includes(asset) ? added : [...added, asset]);
    tape.universe.add(asset);
    tape.choose();
    return "added";
  }

  async unwatch(asset: string): Promise<"removed" | "absent" | "configured"> {
    const { tape } = this.#options;
    if (!this.watched().includes(asset)) return "absent";
    if (!(await this.#added()).includes(asset)) return "configured";
    await this.#change((added) => added.filter((one) => one !== asset));
    tape.universe.remove(asset);
    tape.choose();
    return "removed";
  }

  async #added(): Promise<string[]> {
    return assetsIn(await this.#options.store.records.get(WATCH_KEY));
  }

  /** Changes the list as it stands: two users, or in a takeover two processes, may at once. */
  async #change(next: (added: readonly string[]) => readonly string[]): Promise<void> {
    const { records } = this.#options.store;
    for (let tries = 0; tries < TRIES; tries++) {
      const held = await records.get(WATCH_KEY);
      const same = JSON.stringify(held);
      const onlyIf = (now: unknown) => JSON.stringify(now) === same;
      const value = next(assetsIn(held));
      if (!await records.commit("what is watched", [{ key: WATCH_KEY, value, onlyIf }])) continue;
      this.#loaded = value;
      return;
    }
    throw new Error(
      `Cannot change what is watched: it changed ${TRIES} times meanwhile; try again`,
    );
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
        const reason = venue.reason();
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

function assetsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

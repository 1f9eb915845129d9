/**
 * One row that says which process owns the data: collects into it, polls, alerts. It is
 * renewed while its process lives, so that a process which was killed holds it no longer
 * than that. Who wants to follow stands in the same row, so that each step from one to the
 * other is one atomic change of it, and two can never both believe that it is theirs.
 */
import type { Records } from "./records.ts";

const KEY = ["lease"] as const;

/** A lease that was not renewed for so long is over. */
export const LEASE_MS = 10_000;

/** Who wants to follow says so more often: the other waits for it at the end. */
const FOLLOW_MS = 5_000;

/** Who asks, as others are told of it. */
export interface Party {
  /** Of this one run of the program. */
  readonly id: string;
  readonly pid: number;
  readonly version: string;
}

/**
 * `collecting`; `handing`: it agreed on the instant of the change and finishes what was
 * before it; `released`: all that is stored, and the other may take over.
 */
export type Stage = "collecting" | "handing" | "released";

export interface Holder extends Party {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly stage: Stage;
  /** Venues that it does not hear: no more can be asked of who follows. */
  readonly unheard: readonly string[];
  /** The first Telegram update that it has not taken; 0 unknown. */
  readonly nextUpdate: number;
  /** It took over, and the lock on the data is still of the process before it. */
  readonly unlocked?: boolean;
}

export interface Successor extends Party {
  readonly untilMs: number;
  /** The instant of exchange time from which on it counts; `null` while it is not ready. */
  readonly cutMs: number | null;
}

export interface LeaseRow {
  readonly holder: Holder | null;
  readonly next: Successor | null;
}

export interface LeaseOptions {
  readonly records: Pick<Records, "get" | "commit">;
  readonly me: Party;
  readonly nowMs: () => number;
}

const NOBODY: LeaseRow = { holder: null, next: null };
/** Both parties may change the row; each loses a race now and then. */
const TRIES = 20;

export class Lease {
  readonly #records: LeaseOptions["records"];
  readonly #me: Party;
  readonly #nowMs: () => number;

  constructor({ records, me, nowMs }: LeaseOptions) {
    this.#records = records;
    this.#me = me;
    this.#nowMs = nowMs;
  }

  async read(): Promise<LeaseRow> {
    return rowOf(await this.#records.get(KEY));
  }

  /** Whether somebody renewed it lately. */
  isLive(party: { readonly untilMs: number } | null): boolean {
    return party !== null && this.#nowMs() < party.untilMs;
  }

  /** Whether it may live though the lock on the data is free: then only time tells. */
  isUnlocked(holder: Holder | null): boolean {
    return holder?.unlocked === true && this.isLive(holder);
  }

  /** Whether it is this process. */
  isOurs(party: Party | null): boolean {
    return party?.id === this.#me.id;
  }

  /** Takes the lease for this process, unless `mayTake` says that it is another's. */
  async take(mayTake: (row: LeaseRow) => boolean, unlocked = false): Promise<boolean> {
    const nowMs = this.#nowMs();
    const holder: Holder = {
      ...this.#me,
      ...{ sinceMs: nowMs, untilMs: nowMs + LEASE_MS, stage: "collecting" },
      ...{ unheard: [], nextUpdate: 0, unlocked },
    };
    return await this.#change((row) => mayTake(row) ? { holder, next: null } : null) !== null;
  }

  /** Renews the lease with what is new of its holder; `null` where it is another's by now. */
  renew(
    news: Partial<Pick<Holder, "stage" | "unheard" | "nextUpdate" | "unlocked">>,
  ): Promise<LeaseRow | null> {
    return this.#change(({ holder, next }) => {
      if (holder?.id !== this.#me.id) return null;
      return { holder: { ...holder, ...news, untilMs: this.#nowMs() + LEASE_MS }, next };
    });
  }

  /** Agrees to end at the instant that the successor named; false where it names it no more. */
  async agree(cutMs: number): Promise<boolean> {
    return await this.#change(({ holder, next }) => {
      if (holder?.id !== this.#me.id || !this.isLive(next) || next?.cutMs !== cutMs) return null;
      return { holder: { ...holder, stage: "handing" }, next };
    }) !== null;
  }

  /** The instant came too early: another is to be named. */
  async decline(): Promise<void> {
    await this.#change(({ holder, next }) =>
      holder?.id === this.#me.id && next ? { holder, next: { ...next, cutMs: null } } : null
    );
  }

  /** Takes back what was released, where nobody has it. */
  async resume(): Promise<boolean> {
    return await this.#change(({ holder, next }) =>
      holder?.id === this.#me.id && !this.isLive(next)
        ? { holder: { ...holder, stage: "collecting" }, next: null }
        : null
    ) !== null;
  }

  /** The process ends: the lease is anybody's; who waits to follow finds it released. */
  async end(): Promise<void> {
    await this.#change(({ holder, next }) => {
      if (holder?.id !== this.#me.id) return null;
      const released: Holder = { ...holder, stage: "released", untilMs: this.#nowMs() };
      return { holder: this.isLive(next) ? released : null, next };
    });
  }

  /**
   * Says that this process wants to follow, and with `cutMs` at which instant; without it the
   * one that was named stays. `null` where another process wants to.
   */
  follow(cutMs?: number): Promise<LeaseRow | null> {
    return this.#change(({ holder, next }) => {
      const isOurs = next?.id === this.#me.id;
      if (this.isLive(next) && !isOurs) return null;
      const named = cutMs ?? (isOurs ? next.cutMs : null);
      const untilMs = this.#nowMs() + FOLLOW_MS;
      return { holder, next: { ...this.#me, untilMs, cutMs: named } };
    });
  }

  /** Goes away without having followed. */
  async withdraw(): Promise<void> {
    await this.#change(({ holder, next }) =>
      next?.id === this.#me.id ? { holder, next: null } : null
    );
  }

  /** Changes the row as it stands; `null`, and nothing is changed, where `next` gives that. */
  async #change(next: (row: LeaseRow) => LeaseRow | null): Promise<LeaseRow | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const held = await this.#records.get(KEY);
      const value = next(rowOf(held));
      if (value === null) return null;
      const same = JSON.stringify(held);
      const onlyIf = (now: unknown) => JSON.stringify(now) === same;
      if (await this.#records.commit("the lease", [{ key: KEY, value, onlyIf }])) return value;
    }
    throw new Error(`Cannot change the lease: it changed ${TRIES} times meanwhile`);
  }
}

/** The row as it is understood; one of another shape is nobody's. */
function rowOf(value: unknown): LeaseRow {
  if (!isRecord(value)) return NOBODY;
  const { holder, next } = value;
  return { holder: isHolder(holder) ? holder : null, next: isSuccessor(next) ? next : null };
}

function isHolder(value: unknown): value is Holder {
  return isParty(value) && typeof value.sinceMs === "number" &&
    typeof value.untilMs === "number" && typeof value.nextUpdate === "number" &&
    (value.stage === "collecting" || value.stage === "handing" || value.stage === "released") &&
    Array.isArray(value.unheard);
}

function isSuccessor(value: unknown): value is Successor {
  return isParty(value) && typeof value.untilMs === "number" &&
    (value.cutMs === null || typeof value.cutMs === "number");
}

function isParty(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value.id === "string" && typeof value.pid === "number" &&
    typeof value.version === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

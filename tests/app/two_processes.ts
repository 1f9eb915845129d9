/** Two processes on one store, in a time that passes only while all of them sleep. */
import { Leasehold } from "../../lib/app/takeover/leasehold.ts";
import type { LeaseholdOptions } from "../../lib/app/takeover/options.ts";
import type { Duties } from "../../lib/app/takeover/tenure.ts";
import type { Log } from "../../lib/log.ts";
import { Lease, type Store } from "../../lib/store/mod.ts";
import type { Handed } from "../../lib/tape/handover/handed.ts";

interface Sleeper {
  readonly atMs: number;
  wake(): void;
}

/** A clock that jumps to the next one who wakes, when nobody is awake. */
export class VirtualTime {
  nowMs = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();
  #awake = 0;

  /** Runs something that sleeps by this clock. */
  async run<T>(work: Promise<T>): Promise<T> {
    this.#awake++;
    return await work.finally(() => {
      this.#awake--;
      this.#turn();
    });
  }

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        if (!this.#sleepers.delete(sleeper)) return;
        signal.removeEventListener("abort", wake);
        this.#awake++;
        resolve();
      };
      const sleeper = { atMs: this.nowMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
      this.#awake--;
      this.#turn();
    });

  #turn(): void {
    if (this.#awake > 0 || this.#sleepers.size === 0) return;
    const next = [...this.#sleepers].reduce((a, b) => b.atMs < a.atMs ? b : a);
    this.nowMs = Math.max(this.nowMs, next.atMs);
    next.wake();
  }
}

/** The lock that processes of one machine share. */
export class SharedLock {
  holder: string | null = null;

  of(name: string): NonNullable<LeaseholdOptions["lock"]> {
    return {
      take: () => (this.holder ??= name) === name,
      [Symbol.dispose]: () => {
        if (this.holder === name) this.holder = null;
      },
    };
  }
}

export interface ProcessOptions {
  readonly name: string;
  readonly store: Store;
  readonly time: VirtualTime;
  readonly lock: SharedLock | null;
  /** Its venues' clock is so far from the other's. */
  readonly skewMs?: number;
}

/** A process that notes what it does. */
export class Process implements Duties {
  readonly did: string[] = [];
  readonly lifetime = new AbortController();
  unheard: string[] = [];
  isStorable = true;
  /** How long its work takes to end. */
  restMs = 0;
  /** Called in the middle of what it does. */
  meanwhile: (what: string) => void = () => {};
  readonly #options: ProcessOptions;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  claim(takeover = false): Promise<Leasehold | null> {
    const { name, store, time, lock, skewMs = 0 } = this.#options;
    const nowMs = () => time.nowMs;
    const me = { id: name, pid: name.length, version: "1.2.3" };
    const options = {
      lease: new Lease({ records: store.records, me, nowMs }),
      lock: lock?.of(name) ?? null,
      handed: this.#handed(skewMs),
      ...{ place: "./data", nowMs, sleep: time.sleep, log: SILENT },
    };
    return time.run(Leasehold.claim(options, takeover, this.lifetime.signal));
  }

  /** `kill -9`: the system takes the lock back, the lease stays as it is. */
  kill(): void {
    const { name, lock } = this.#options;
    this.lifetime.abort();
    if (lock?.holder === name) lock.holder = null;
  }

  quiet(): Promise<number> {
    this.#note("quiet");
    return Promise.resolve(77);
  }

  async rest(): Promise<void> {
    this.#note("rest");
    if (this.restMs > 0) await this.#options.time.sleep(this.restMs, this.lifetime.signal);
  }

  #note(what: string): void {
    this.did.push(what);
    this.meanwhile(what);
  }

  #handed(skewMs: number): Handed {
    const note = (what: string) => this.#note(what);
    return {
      nowMs: () => this.#options.time.nowMs + skewMs,
      unheard: () => this.unheard,
      holdFrom: (atMs) => note(`hold ${atMs}`),
      cancel: () => note("cancel"),
      finish: (atMs) => Promise.resolve(note(`finish ${atMs}`)),
      store: () => {
        note("store");
        return Promise.resolve(this.isStorable);
      },
      continueFrom: (atMs) => Promise.resolve(note(`continue ${atMs}`)),
      begin: (atMs) => note(`begin ${atMs}`),
    };
  }
}

const nothing = () => {};
const SILENT: Log = {
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing },
  child: () => SILENT,
  rateLimited: () => null,
};

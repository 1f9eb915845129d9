/** Keeps services off a store while a backup is put into it. */
import { Lease, type Store } from "../../store/mod.ts";
import type { Config } from "../../config.ts";
import { Refusal } from "../refusal.ts";
import { DataLock, isFree } from "../takeover/data_lock.ts";

/** Well before `LEASE_MS` have passed. */
const RENEW_MS = 2_000;

export interface ClaimOptions {
  readonly config: Config;
  readonly store: Pick<Store, "records">;
  /** The program's version. */
  readonly app: string;
  readonly nowMs: () => number;
}

export class Claim implements AsyncDisposable {
  readonly #lease: Lease;
  readonly #lock: DataLock | null;
  readonly #nowMs: () => number;
  #renewedMs: number;

  private constructor(lease: Lease, lock: DataLock | null, nowMs: () => number) {
    this.#lease = lease;
    this.#lock = lock;
    this.#nowMs = nowMs;
    this.#renewedMs = nowMs();
  }

  /** Takes the store as a service does; the process that has it where one lives. */
  static async open(
    { config, store: { records }, app, nowMs }: ClaimOptions,
  ): Promise<Claim | { readonly pid: number | null }> {
    const me = { id: crypto.randomUUID(), pid: Deno.pid, version: app };
    const lease = new Lease({ records, me, nowMs });
    const lock = config.kvUrl === null ? DataLock.open(config.dataDir) : null;
    let isOurs = false;
    try {
      isOurs = await lease.take(({ holder }) => isFree(lease, lock, holder));
      if (isOurs) return new Claim(lease, lock, nowMs);
      return { pid: (await lease.read()).holder?.pid ?? null };
    } finally {
      if (!isOurs) lock?.[Symbol.dispose]();
    }
  }

  /**
   * Says that it is still at work; to be called often.
   * @throws {Refusal} where another process has taken the store meanwhile
   */
  async keep(): Promise<void> {
    if (this.#nowMs() - this.#renewedMs < RENEW_MS) return;
    this.#renewedMs = this.#nowMs();
    if (await this.#lease.renew({})) return;
    throw new Refusal(
      "Another process has taken the store: what was put into it so far stays; stop that one " +
        "and import again",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#lease.end();
    } finally {
      this.#lock?.[Symbol.dispose]();
    }
  }
}

/**
 * The one way into the KV. Every change is an atomic of few rows that checks what it
 * was computed from, so two processes on one KV never lose each other's rows, and a
 * kill between any two commits leaves only whole rows.
 */
import { StoreWriteError, type WriteFault } from "./errors.ts";
import type { Key } from "./rows/keys.ts";

/** What of `Deno.Kv` the store uses; a test may wrap it. */
export type Kv = Pick<Deno.Kv, "get" | "getMany" | "list" | "atomic" | "close">;

/** Rows in one commit: KV Connect takes ten checks an atomic, and `getMany` ten keys. */
export const ROWS_PER_COMMIT = 10;
/**
 * Another process holds the write lock: a commit says so after 5 s, or at once where it
 * had begun to read. The waits between tries double, 1.3 s in all.
 */
const LOCKED_TRIES = 8;
const LOCKED_WAIT_MS = 10;
/** Lost races against other processes before a write gives up. */
const CONFLICT_TRIES = 8;

export interface Change {
  readonly key: Key;
  /** The new value; `undefined` deletes the row. */
  readonly value: unknown;
  /** The row must still be at this version (`null`: absent); `undefined` checks nothing. */
  readonly versionstamp?: string | null;
  readonly expireIn?: number;
}

export interface WriterOptions {
  readonly kv: Kv;
  readonly nowMs: () => number;
  /** Whether values may be written now: rows of market data, or small records alone. */
  readonly mayGrow: (kind: "rows" | "records") => boolean;
  /** The database has found the disk full. */
  readonly onFull: () => void;
  readonly sleep: (ms: number) => Promise<void>;
}

export class Writer {
  rowsWritten = 0;
  bytesWritten = 0;
  writeErrors = 0;
  /** Store time of the last commit that wrote a row; `null` before the first. */
  lastWriteMs: number | null = null;
  readonly #kv: Kv;
  readonly #nowMs: () => number;
  readonly #mayGrow: WriterOptions["mayGrow"];
  readonly #onFull: () => void;
  readonly #sleep: (ms: number) => Promise<void>;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#kv = options.kv;
    this.#nowMs = options.nowMs;
    this.#mayGrow = options.mayGrow;
    this.#onFull = options.onFull;
    this.#sleep = options.sleep;
  }

  /**
   * Computes changes from what is stored and commits them, again where a row changed in
   * between. Updates of this process run one after another. `compute` may run more than once.
   * @throws {StoreWriteError} where nothing was stored
   */
  update(what: string, compute: () => Promise<readonly Change[]>): Promise<void> {
    const run = this.#tail.then(() => this.#update(what, compute));
    this.#tail = run.catch(() => {});
    return run;
  }

  async #update(what: string, compute: () => Promise<readonly Change[]>): Promise<void> {
    for (let attempt = 0; attempt < CONFLICT_TRIES; attempt++) {
      const changes = await compute();
      if (changes.length === 0) return;
      // Deletes are let through on a full disk: they are what makes room.
      const values = changes.map(({ value }) => value).filter((value) => value !== undefined);
      const kind = values.some((value) => value instanceof Uint8Array) ? "rows" : "records";
      if (values.length > 0 && !this.#mayGrow(kind)) {
        throw this.#fault("disk low", `Cannot write ${what}: disk low, free some space`);
      }
      if (await this.#commit(what, changes)) return;
    }
    throw this.#fault("conflict", `Cannot write ${what}: another process keeps changing its rows`);
  }

  async #commit(what: string, changes: readonly Change[]): Promise<boolean> {
    for (let attempt = 1;; attempt++) {
      try {
        const result = await this.#atomic(changes).commit();
        if (result.ok) this.#count(changes);
        return result.ok;
      } catch (error) {
        const fault = faultOf(error);
        if (fault === "locked" && attempt < LOCKED_TRIES) {
          await this.#sleep(LOCKED_WAIT_MS * 2 ** (attempt - 1));
          continue;
        }
        if (fault === "disk full") this.#onFull();
        const reason = error instanceof Error ? error.message : String(error);
        throw this.#fault(fault, `Cannot write ${what}: ${reason}`, error);
      }
    }
  }

  #atomic(changes: readonly Change[]): Deno.AtomicOperation {
    const atomic = this.#kv.atomic();
    for (const { key, value, versionstamp, expireIn } of changes) {
      if (versionstamp !== undefined) atomic.check({ key: [...key], versionstamp });
      if (value === undefined) atomic.delete([...key]);
      else atomic.set([...key], value, expireIn === undefined ? {} : { expireIn });
    }
    return atomic;
  }

  #count(changes: readonly Change[]): void {
    for (const { value } of changes) {
      if (value === undefined) continue;
      this.rowsWritten++;
      if (value instanceof Uint8Array) this.bytesWritten += value.length;
      this.lastWriteMs = this.#nowMs();
    }
  }

  #fault(fault: WriteFault, message: string, cause?: unknown): StoreWriteError {
    this.writeErrors++;
    return new StoreWriteError(fault, message, { cause });
  }
}

/** SQLite's own words, as `Deno.Kv` hands them on in a TypeError. */
function faultOf(error: unknown): WriteFault {
  const message = error instanceof Error ? error.message : "";
  if (message.includes("database or disk is full")) return "disk full";
  return message.includes("database is locked") ? "locked" : "other";
}

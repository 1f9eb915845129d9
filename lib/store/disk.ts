/** Sees a disk fill before it is full, and keeps some room that can be given back. */
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const MB = 2 ** 20;

/** `low`: rows are no longer written, deletes go on. `full`: even those may fail. */
export type DiskState = "ok" | "low" | "full";

export interface DiskOptions {
  /** Less free space than this is low. A roll-up and the KV's log take some 10 MB. */
  readonly lowBytes: number;
  /** Less than this is full, and the ballast is given up. */
  readonly fullBytes: number;
  readonly ballastBytes: number;
  /** Free space is looked at this often at most. */
  readonly everyMs: number;
  /** Bytes that we may still write beside a file, or `null` where it cannot be told. */
  readonly free: (path: string) => number | null;
}

const DEFAULTS: DiskOptions = {
  lowBytes: 32 * MB,
  fullBytes: 8 * MB,
  ballastBytes: 8 * MB,
  everyMs: 5000,
  free: freeBytes,
};

/** Bytes that an ordinary user may still write in the file's directory; `null` where unknown. */
export function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return null;
  }
}

export class DiskGuard {
  readonly #path: string;
  readonly #ballast: string;
  readonly #options: DiskOptions;
  #state: DiskState = "ok";
  #checkedMs: number | null = null;

  /** `path` is the file to guard; the ballast lies beside it. */
  constructor(path: string, options: Partial<DiskOptions> = {}) {
    this.#path = path;
    this.#ballast = `${path}.ballast`;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** How the disk was at the last look, which is at most `everyMs` ago by the caller's clock. */
  state(nowMs: number): DiskState {
    const { everyMs } = this.#options;
    const since = this.#checkedMs === null ? Infinity : Math.abs(nowMs - this.#checkedMs);
    if (since < everyMs) return this.#state;
    this.#checkedMs = nowMs;
    return this.#state = this.#look();
  }

  /** Room left now; `null` where it cannot be asked. */
  get freeBytes(): number | null {
    return this.#options.free(this.#path);
  }

  #look(): DiskState {
    const { lowBytes, fullBytes, ballastBytes } = this.#options;
    let free = this.#free();
    if (free < fullBytes && existsSync(this.#ballast)) {
      this.#drop();
      free = this.#free();
    }
    if (free < fullBytes) return "full";
    // Coming back wants more than staying: room for the ballast, and as much again.
    const enough = lowBytes + 2 * ballastBytes;
    if (free < (this.#state === "ok" ? lowBytes : enough)) return "low";
    if (free >= enough && !existsSync(this.#ballast)) this.#lay();
    return "ok";
  }

  #free(): number {
    return this.#options.free(this.#path) ?? Infinity;
  }

  /** Random bytes, so that a compressing file system cannot save the room that we want kept. */
  #lay(): void {
    try {
      const file = openSync(this.#ballast, "w");
      try {
        const chunk = new Uint8Array(65_536);
        for (let left = this.#options.ballastBytes; left > 0; left -= chunk.length) {
          writeSync(file, crypto.getRandomValues(chunk.subarray(0, left)));
        }
      } finally {
        closeSync(file);
      }
    } catch {
      // A ballast that does not fit is no ballast; the state tells the rest.
      this.#drop();
    }
  }

  #drop(): void {
    try {
      rmSync(this.#ballast, { force: true });
    } catch {
      // Without the permission the room stays taken, and the state stays what it is.
    }
  }
}

/**
 * A lock on the data folder that the system takes back when its process ends, however it
 * ends: a lease whose process was killed need not be waited for.
 */

import type { Holder, Lease } from "../../store/mod.ts";
import { Refusal } from "../refusal.ts";

export class DataLock implements Disposable {
  readonly #file: Deno.FsFile;
  #isHeld = false;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * `null` where the folder's file system knows no such locks.
   * @throws {Refusal} where the file is not this user's to open
   */
  static open(dataDir: string): DataLock | null {
    const lock = new DataLock(openFile(`${dataDir}/tapewatch.lock`));
    try {
      lock.take();
      return lock;
    } catch {
      lock.#file.close();
      return null;
    }
  }

  /** Whether it is held now; nobody else's process lives then that had it. */
  take(): boolean {
    this.#isHeld ||= this.#file.tryLockSync(true);
    return this.#isHeld;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Whether the store may be taken from its holder, if it has one: a lock is held by who lives;
 * without one, a lease is that is renewed.
 */
export function isFree(
  lease: Lease,
  lock: Pick<DataLock, "take"> | null,
  holder: Holder | null,
): boolean {
  return lock ? !lease.isUnlocked(holder) && lock.take() : !lease.isLive(holder);
}

function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`Cannot lock DATA_DIR: ${reason}; give the file to this user, or remove it`);
  }
}

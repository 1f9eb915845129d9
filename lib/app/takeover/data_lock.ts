/**
 * A lock on the data folder that the system takes back when its process ends, however it
 * ends: a lease whose process was killed need not be waited for.
 */

export class DataLock implements Disposable {
  readonly #file: Deno.FsFile;
  #isHeld = false;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** `null` where the folder's file system knows no such locks. */
  static open(dataDir: string): DataLock | null {
    const path = `${dataDir}/tapewatch.lock`;
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    const lock = new DataLock(file);
    try {
      lock.take();
      return lock;
    } catch {
      file.close();
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

/** The files that a backup is written to and read from. */
import { Refusal } from "../refusal.ts";

const READ_BYTES = 16 * 1024;

/** Where a backup goes. Disposing throws away what was not kept. */
export class Sink implements Disposable {
  /** For messages. */
  readonly name: string;
  /** Written so far. */
  bytes = 0;
  readonly #target: Pick<Deno.FsFile, "write">;
  readonly #file: Deno.FsFile | null;
  /** Written beside the file that it becomes, which so is never half a backup. */
  readonly #part: { readonly path: string; readonly final: string } | null;
  #open = true;

  constructor(
    name: string,
    target: Pick<Deno.FsFile, "write">,
    file: Deno.FsFile | null = null,
    part: { readonly path: string; readonly final: string } | null = null,
  ) {
    this.name = name;
    this.#target = target;
    this.#file = file;
    this.#part = part;
  }

  /** Writes all that comes; a fault of the disk or pipe is a `Refusal`. */
  writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: async (chunk) => {
        for (let sent = 0; sent < chunk.length;) {
          sent += await this.#target.write(chunk.subarray(sent)).catch((error) => {
            throw refusal("write", this.name, error);
          });
        }
        this.bytes += chunk.length;
      },
    });
  }

  /** What was written is a whole backup: gives it its name. */
  keep(): void {
    // A device or a pipe cannot be synced.
    if (this.#part) this.#file?.syncSync();
    this.#file?.close();
    this.#open = false;
    if (!this.#part) return;
    try {
      Deno.renameSync(this.#part.path, this.#part.final);
    } catch (error) {
      throw refusal("write", this.name, error);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file?.close();
    if (this.#part) Deno.removeSync(this.#part.path);
  }
}

/**
 * Opens the file for writing, or standard output for `-`. An earlier file of the name is
 * replaced when the new one is whole.
 * @throws {Refusal} where it may not be written
 */
export function openSink(path: string): Sink {
  if (path === "-") {
    if (Deno.stdout.isTerminal()) {
      throw new Refusal(
        "Cannot export to a terminal: send it to a file, as in `> backup.ndjson.gz`",
      );
    }
    return new Sink("standard output", Deno.stdout);
  }
  try {
    const held = statOf(path);
    if (held?.isDirectory) throw new Refusal(`Cannot write ${path}: it is a directory`);
    if (held && !held.isFile) {
      // A device or a pipe is written to, and never replaced.
      const file = Deno.openSync(path, { write: true });
      return new Sink(path, file, file);
    }
    // Of this process alone, and nothing that was there before, nor a link to elsewhere.
    const part = { path: `${path}.${Deno.pid}.part`, final: path };
    removeIfThere(part.path);
    // It tells who uses the service and what they watch: for its owner's eyes.
    const options = { write: true, createNew: true, mode: 0o600 };
    const file = Deno.openSync(part.path, options);
    return new Sink(path, file, file, part);
  } catch (error) {
    throw error instanceof Refusal ? error : refusal("write", path, error);
  }
}

/** A backup's file, read from its start as often as wanted: the same file, whatever its name means by then. */
export class Source implements Disposable {
  readonly name: string;
  readonly bytes: number;
  readonly #file: Deno.FsFile;

  constructor(name: string, bytes: number, file: Deno.FsFile) {
    this.name = name;
    this.bytes = bytes;
    this.#file = file;
  }

  async *chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    for (;;) {
      const chunk = new Uint8Array(READ_BYTES);
      const read = await this.#file.read(chunk).catch((error) => {
        throw refusal("read", this.name, error);
      });
      if (read === null) return;
      yield chunk.subarray(0, read);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** @throws {Refusal} where there is no such file, or it may not be read */
export function openSource(path: string): Source {
  try {
    const { isFile, isDirectory, size } = Deno.statSync(path);
    if (isDirectory) throw new Refusal(`Cannot read ${path}: it is a directory`);
    // It is read twice, which a pipe cannot be.
    if (!isFile) throw new Refusal(`Cannot read ${path}: it is no ordinary file`);
    return new Source(path, size, Deno.openSync(path));
  } catch (error) {
    throw error instanceof Refusal ? error : refusal("read", path, error);
  }
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function refusal(act: "read" | "write", name: string, error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error);
  return new Refusal(`Cannot ${act} ${name}: ${reason}`, { cause: error });
}

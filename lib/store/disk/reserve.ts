/** Room on the disk that is held, as a file beside the store's: it can be given back. */

const CHUNK_BYTES = 65_536;
/** No space left on the device, or of what this user may have there. */
const NO_ROOM: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** What the guard asks of it. Other processes of the same folder may change it at any time. */
export interface Reserve {
  /** How much is held now; `null` where that cannot be seen. */
  bytes(): number | null;
  /** Holds so much more; false where the disk has no room, true also where it cannot be tried. */
  take(bytes: number): boolean;
  /** Holds no more than this. */
  cut(bytes: number): void;
}

/** Beside the file at `path`, under its name and `.ballast`. */
export function fileReserve(path: string): Reserve {
  const ballast = `${path}.ballast`;
  const bytes = (): number | null => sizeOf(ballast);
  return {
    bytes,
    take(more) {
      try {
        // Appended: two processes that take at once then leave no hole, which would hold nothing.
        using file = Deno.openSync(ballast, { append: true, create: true });
        const chunk = new Uint8Array(CHUNK_BYTES);
        for (let left = more; left > 0;) {
          // Random, so that a compressing file system cannot save the room that we want held.
          left -= file.writeSync(crypto.getRandomValues(chunk.subarray(0, left)));
        }
        return true;
      } catch (error) {
        return !(error instanceof Error && "code" in error && NO_ROOM.includes(error.code));
      }
    },
    cut(most) {
      try {
        if (most <= 0) Deno.removeSync(ballast);
        else if ((bytes() ?? 0) > most) Deno.truncateSync(ballast, most);
      } catch {
        // Not there, or without the permission: then the room stays taken, which `bytes` tells.
      }
    },
  };
}

/** Bytes of a file, 0 where there is none; `null` where it may not be looked at. */
export function sizeOf(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? 0 : null;
  }
}

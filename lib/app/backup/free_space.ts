/** Free disk space, which only Node's side of Deno can ask for. */

/**
 * Bytes that an ordinary user may still write in the folder; `null` where unknown. The
 * service does without: Node's modules would take 4 MB of its memory.
 */
export async function freeBytes(folder: string): Promise<number | null> {
  const { statfsSync } = await import("node:fs");
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

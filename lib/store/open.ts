/** Opens the KV, and says in plain words why not. No file is ever reset or moved. */
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type OpenFault, StoreOpenError } from "./errors.ts";

/** Whether the path names a file, and not memory or a KV Connect service. */
export function isFile(path: string): boolean {
  return path !== ":memory:" && !/^https?:\/\//.test(path);
}

/**
 * Opens `path`: a file (made where it is not there), `:memory:` or a KV Connect URL.
 * @throws {StoreOpenError} naming the path, what is wrong with it and what to do
 */
export async function openKv(path: string): Promise<Deno.Kv> {
  try {
    if (isFile(path)) await prepareFile(path);
    return await Deno.openKv(path);
  } catch (error) {
    throw error instanceof StoreOpenError ? error : explain(path, error);
  }
}

async function prepareFile(path: string): Promise<void> {
  const directory = dirname(path);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new StoreOpenError(
      "missing",
      `Cannot open ${path}: there is no directory ${directory}; create it, or set DATA_DIR`,
    );
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new StoreOpenError("denied", `Cannot open ${path}: it is a directory; set DATA_DIR`);
  }
  try {
    // Asked by doing: the access call wants to know the user, which is a permission more.
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new StoreOpenError(
      "denied",
      `Cannot open ${path}: no permission to write there; give it to this user, or set DATA_DIR`,
      { cause: error },
    );
  }
  // Loaded here: a run with KV_URL never needs it.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    // Only a file that was born with it ever gives pages back; on others it changes nothing.
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = FULL");
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (tables.length === 0) {
      // Writes the header, which keeps the setting. VACUUM would too, but it attaches a
      // second database, which SQLite may not where file permissions are narrow.
      database.exec("CREATE TABLE born(x); DROP TABLE born");
    } else if (!tables.some(({ name }) => name === "kv")) {
      throw new StoreOpenError(
        "foreign",
        `Cannot open ${path}: it is another program's database; set DATA_DIR elsewhere`,
      );
    }
  } finally {
    database.close();
  }
}

/** SQLite's own words, and what they ask of a person. */
const EXPLAINED: readonly (readonly [string, OpenFault, string])[] = [
  ["file is not a database", "damaged", "it is not a database; move it away to start afresh"],
  [
    "disk image is malformed",
    "damaged",
    "the database is damaged; restore a backup, or move it away to start afresh",
  ],
  ["disk is full", "disk", "the disk is full; free some space"],
  ["unable to open database file", "denied", "no such directory, or no permission to write there"],
];

function explain(path: string, error: unknown): StoreOpenError {
  const message = error instanceof Error ? error.message : String(error);
  const known = EXPLAINED.find(([words]) => message.includes(words));
  const fault = known?.[1] ?? "other";
  return new StoreOpenError(fault, `Cannot open ${path}: ${known?.[2] ?? message}`, {
    cause: error,
  });
}

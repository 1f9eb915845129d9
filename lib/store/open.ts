/** Opens the KV, and says in plain words why not. No file is ever reset or moved. */
import { type OpenFault, StoreOpenError } from "./errors.ts";

/** https://www.sqlite.org/fileformat.html#the_database_header */
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const ID_OFFSET = 68;
/**
 * "TWk1" in SQLite's own field for it: the file was prepared below, and needs no looking into.
 * To prepare files in another way count it up; older ones are then prepared again.
 */
const APPLICATION_ID = 0x5457_6b31;
/**
 * Pages of 4 kB that SQLite keeps in memory: 0.3 MB, where its default holds 2.1 once 72 h are
 * filled, at the same processor time and bytes written. Deno KV has no option, but obeys the file.
 */
const CACHE_PAGES = 64;
const MARK =
  `PRAGMA default_cache_size = ${CACHE_PAGES}; PRAGMA application_id = ${APPLICATION_ID}`;
/** The schema row names us: Deno KV packs the key as 2, its letters, 0. */
const OURS =
  "SELECT 1 FROM kv WHERE k = x'02736368656d6100' AND instr(v, CAST('tapewatch' AS BLOB)) > 0";

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

/**
 * Whether a file could be there: called before anything is written beside it.
 * @throws {StoreOpenError} where there is no directory, or one in the file's place
 */
export function ensurePlace(path: string): void {
  const directory = folderOf(path);
  if (!isDirectory(directory)) {
    throw new StoreOpenError(
      "missing",
      `Cannot open ${path}: there is no directory ${directory}; create it, or set DATA_DIR`,
    );
  }
  if (isDirectory(path)) {
    throw new StoreOpenError("denied", `Cannot open ${path}: it is a directory; set DATA_DIR`);
  }
}

function folderOf(path: string): string {
  const [, folder = "."] = /^(.*)[\\/]/.exec(path) ?? [];
  return folder || "/";
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

async function prepareFile(path: string): Promise<void> {
  if (hasMark(path)) return;
  // Loaded for new files and unknown ones alone: with all that it brings it is 3 MB of memory.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    // Only a file that was born with it ever gives pages back; on others it changes nothing.
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = FULL");
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (tables.length === 0) {
      // Writes the header, which keeps the settings. VACUUM would too, but it attaches a
      // second database, which SQLite may not where file permissions are narrow.
      database.exec(`CREATE TABLE born(x); DROP TABLE born; ${MARK}`);
    } else if (!tables.some(({ name }) => name === "kv")) {
      throw new StoreOpenError(
        "foreign",
        `Cannot open ${path}: it is another program's database; set DATA_DIR elsewhere`,
      );
    } else if (database.prepare(OURS).get() !== undefined) {
      mark(database);
    }
  } finally {
    database.close();
  }
}

/** Makes the file where there is none, and reads its header. */
function hasMark(path: string): boolean {
  let file;
  try {
    // Asked by doing: the permissions of a file do not tell what this user may.
    file = Deno.openSync(path, { read: true, append: true, create: true });
  } catch (error) {
    throw new StoreOpenError(
      "denied",
      `Cannot open ${path}: no permission to write there; give it to this user, or set DATA_DIR`,
      { cause: error },
    );
  }
  using opened = file;
  const header = new Uint8Array(HEADER_BYTES);
  if (opened.readSync(header) !== HEADER_BYTES) return false;
  const magic = new TextDecoder().decode(header.subarray(0, MAGIC.length));
  return magic === MAGIC && new DataView(header.buffer).getInt32(ID_OFFSET) === APPLICATION_ID;
}

/** Marks an older file of ours; where it cannot be written to now, another time. */
function mark(database: { exec(sql: string): void }): void {
  try {
    database.exec(MARK);
  } catch {
    // Locked by the process that we follow, or no room: what is asked for is to open it.
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

/** `tapewatch export` and `tapewatch import`: a store as a file, and back. */
import { sleep } from "../bot/sleep.ts";
import type { Config } from "../config.ts";
import { Exporter } from "../store/backup/export.ts";
import type { Tally } from "../store/backup/lines.ts";
import { BackupReader, type BackupRow } from "../store/backup/read.ts";
import { type Restored, Restorer } from "../store/backup/restore.ts";
import { type Store, StoreWriteError } from "../store/mod.ts";
import { Claim } from "./backup/claim.ts";
import { openSink, openSource, type Source } from "./backup/files.ts";
import { freeBytes } from "./backup/free_space.ts";
import { Progress, type Teller } from "./backup/progress.ts";
import { ensureFolder, openStore, storePath } from "./opening.ts";
import { Refusal } from "./refusal.ts";

export interface BackupTools {
  readonly config: Config;
  /** The program's version. */
  readonly app: string;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Not standard output, which may be the backup. */
  readonly teller: Teller;
}

/**
 * The kinds of records, by the first word of their keys, and whether a backup holds them.
 * Not what would be sent a second time, nor what belongs to one run of the service, and of
 * what lets somebody in only those who are in: an invitation is worth as much as its link.
 * A kind that is not named here stays out; to add one, add a line.
 */
const RECORDS: ReadonlyMap<string, boolean> = new Map([
  ["watch", true],
  ["asker", true],
  ["alert", true],
  ["alert-daily", true],
  ["alert-history", true],
  ["user", true],
  ["group", true],
  ["invite", false],
  ["outbox", false],
  ["outgoing", false],
  ["outbox-shut", false],
  ["alert-follow", false],
  ["alert-engine", false],
  ["alert-judged", false],
  ["lease", false],
]);

const keeps = ([kind = ""]: readonly string[]): boolean => RECORDS.get(kind) === true;

/** Tries against a store that is just being opened, or rolled up, by another process. */
const OPEN_TRIES = 6;
const OPEN_WAIT_MS = 1_000;

/** What a bucket takes on the disk, at most; a full store has 150 for each. */
const BYTES_PER_BUCKET = 250;
/** The store holds 32 MB in reserve, wants some more beside it, and its log takes some. */
const ROOM_BYTES = 64 * 2 ** 20;

/**
 * Writes the store to a file, or to standard output for `-`; also while a service runs on it.
 * @param file `null`: a name with the date, in the current folder
 * @throws {Refusal} where there is nothing to export, or it cannot be written
 */
export async function exportBackup(file: string | null, tools: BackupTools): Promise<void> {
  const { config, app, signal, nowMs, teller } = tools;
  const path = storePath(config);
  if (config.kvUrl === null && !exists(path)) {
    throw new Refusal(`Cannot export ${path}: there is no such store yet; is DATA_DIR right?`);
  }
  const exportedMs = nowMs();
  using store = await openPatiently(tools, path);
  using sink = openSink(file ?? `tapewatch-${stamp(exportedMs)}.ndjson.gz`);
  const bar = new Progress("exporting", teller);
  const onProgress = (done: number) => bar.show(done);
  const exporter = new Exporter({ store, app, nowMs: exportedMs, keeps, onProgress });
  try {
    await ReadableStream.from(exporter.text()).pipeThrough(new TextEncoderStream())
      .pipeThrough(new CompressionStream("gzip")).pipeTo(sink.writable(), { signal });
  } catch (error) {
    bar.clear();
    if (signal.aborted) throw new Refusal(`Stopped: ${sink.name} was not written`);
    throw error;
  }
  sink.keep();
  bar.clear();
  const { rowsSkipped } = store.stats();
  teller.write(`Exported ${counted(exporter.tally)} to ${sink.name}, ${megabytes(sink.bytes)}\n`);
  if (rowsSkipped === 0) return;
  teller.write(`${rowsSkipped} stored rows failed their check and are not in it\n`);
}

/**
 * Puts a backup into the store of DATA_DIR, all of it, or nothing where a line is wrong.
 * @throws {Refusal} where the file is not sound, or a service works on the store
 */
export async function importBackup(file: string, tools: BackupTools): Promise<void> {
  const { config, nowMs, teller } = tools;
  using source = openSource(file);
  const found = await checked(source, tools);
  const path = storePath(config);
  if (config.kvUrl === null) await ensureRoom(config, file, found);
  using store = await openStore(config, path, nowMs);
  const claim = await Claim.open({ ...tools, store });
  if ("pid" in claim) {
    const who = claim.pid === null
      ? "a running service"
      : `a running service, process ${claim.pid},`;
    throw new Refusal(
      `Cannot import ${file}: ${who} has ${path}; stop it first; nothing was changed`,
    );
  }
  await using kept = claim;
  const { written, held, old } = await restored(store, source, kept, tools);
  teller.write(`Imported ${counted(written)} from ${file}\n`);
  if (held > 0) teller.write(`${held} more were there already, as good or better\n`);
  if (old > 0) teller.write(`${old} more are older than what is kept\n`);
}

/** Reads it to its end, so that nothing is written of a file that is wrong somewhere. */
async function checked(source: Source, tools: BackupTools): Promise<Tally> {
  try {
    return await walk(source, "checking", tools, () => Promise.resolve());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = `Cannot import ${source.name}: ${error.message}; nothing was changed`;
    throw new Refusal(reason, { cause: error });
  }
}

async function restored(
  store: Store,
  source: Source,
  claim: Claim,
  tools: BackupTools,
): Promise<Restored> {
  const restorer = new Restorer(store);
  try {
    await walk(source, "writing", tools, async (row) => {
      await claim.keep();
      await restorer.put(row);
    });
    await restorer.finish();
  } catch (error) {
    if (!(error instanceof StoreWriteError || error instanceof SyntaxError)) throw error;
    throw new Refusal(
      `Cannot import all of ${source.name}: ${error.message}; what was written stays, and ` +
        "importing again goes on from there",
      { cause: error },
    );
  }
  return restorer.restored;
}

/** Shows every row, and how far it is; returns how many there were. */
async function walk(
  source: Source,
  what: string,
  { signal, nowMs, teller }: BackupTools,
  onRow: (row: BackupRow) => Promise<void>,
): Promise<Tally> {
  const reader = new BackupReader({ nowMs: nowMs(), keeps });
  const bar = new Progress(what, teller);
  try {
    for await (const row of reader.rows(source.chunks())) {
      await onRow(row);
      if (reader.position.lines % 1000 !== 0) continue;
      bar.show(reader.position.bytes / source.bytes);
      if (signal.aborted) throw new Refusal(`Stopped while ${what} ${source.name}`);
    }
    bar.show(1);
    return reader.tally;
  } finally {
    bar.clear();
  }
}

async function ensureRoom(config: Config, file: string, found: Tally): Promise<void> {
  ensureFolder(config.dataDir);
  const wanted = (found.minutes + found.quarters) * BYTES_PER_BUCKET + ROOM_BYTES;
  const free = await freeBytes(config.dataDir) ?? Infinity;
  if (free >= wanted) return;
  throw new Refusal(
    `Cannot import ${file}: it may take ${megabytes(wanted)} in ${config.dataDir}, where ` +
      `${megabytes(free)} are free; nothing was changed`,
  );
}

async function openPatiently(
  { config, signal, nowMs }: BackupTools,
  path: string,
): Promise<Store> {
  for (let tries = 1;; tries++) {
    try {
      return await openStore(config, path, nowMs);
    } catch (error) {
      const locked = error instanceof Refusal && error.message.includes("database is locked");
      if (!locked || tries === OPEN_TRIES) throw error;
      await sleep(OPEN_WAIT_MS, signal);
    }
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function counted({ minutes, quarters, records }: Tally): string {
  return `${minutes} minutes, ${quarters} quarter-hours and ${records} records`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `2026-11-20T12-34-56Z`: colons are not for file names everywhere. */
function stamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
}

/** The store: what the rest of the program sees of Deno KV. */
import type { Bucket } from "../market/bucket.ts";
import { Archive } from "./backup/archive.ts";
import { Directory, type SeriesId } from "./directory.ts";
import { DiskGuard, type DiskOptions, type DiskState, type DiskUse } from "./disk/guard.ts";
import { StoreOpenError } from "./errors.ts";
import { History } from "./history.ts";
import { Intake } from "./intake.ts";
import { Minutes } from "./minutes.ts";
import { ensurePlace, isFile, openKv } from "./open.ts";
import type { Parts } from "./parts.ts";
import { type MinuteOfAll, Reader, type SeriesBucket, type SeriesSpan } from "./reader.ts";
import { Records } from "./records.ts";
import { KEEP_MINUTE_HOURS, Retention } from "./rows/retention.ts";
import { type RolledUp, RollUp } from "./rollup.ts";
import { ensureSchema } from "./rows/schema.ts";
import { type SeriesSizes, Sizes, type SizesOfHour } from "./sizes.ts";
import { type Kv, Writer } from "./writer.ts";

export interface StoreStats {
  readonly rowsWritten: number;
  /** Of packed rows. */
  readonly bytesWritten: number;
  /** Stored rows that failed their check when they were read, each time they were. */
  readonly rowsSkipped: number;
  readonly writeErrors: number;
  readonly lastWriteMs: number | null;
}

export interface StoreOptions {
  /** A file, `:memory:` or the URL of a KV Connect service. */
  readonly path: string;
  /** How long minutes are kept; quarter-hours are kept 30 days. */
  readonly retentionHours: number;
  /** The venues' clock; in a replay the recording's. */
  readonly nowMs: () => number;
  readonly keepMinuteHours?: number;
  readonly disk?: Partial<DiskOptions>;
  /** Waits between tries against another process's lock. */
  readonly sleep?: (ms: number) => Promise<void>;
}

export class Store implements Disposable {
  /** Settings, watch lists, rules: JSON-able values under keys of text. */
  readonly records: Records;
  /** What a backup needs beside the reads and writes below. */
  readonly archive: Archive;
  readonly #kv: Kv;
  readonly #nowMs: () => number;
  readonly #disk: DiskGuard | null;
  readonly #writer: Writer;
  readonly #intake: Intake;
  readonly #reader: Reader;
  readonly #rollUp: RollUp;
  readonly #sizes: Sizes;
  #rowsSkipped = 0;
  #closed = false;

  /** Over an open KV whose schema is ours; `open` is the usual way. */
  constructor(kv: Kv, options: StoreOptions, disk: DiskGuard | null = null) {
    const { nowMs, retentionHours, keepMinuteHours = KEEP_MINUTE_HOURS, sleep = wait } = options;
    const skipped = (): void => void this.#rowsSkipped++;
    const retention = new Retention(retentionHours, keepMinuteHours, nowMs);
    const writer = new Writer({
      ...{ kv, nowMs, sleep },
      // Without a lease, or the mark of who evaluates the rules, no process could start.
      mayGrow: (kind) => kind === "records" ? this.disk !== "full" : this.writable,
      onFull: () => disk?.refused(nowMs()),
    });
    const directory = new Directory(kv, writer);
    const sizes = new Sizes({ kv, writer, directory, retention, skipped });
    const parts: Parts = {
      directory,
      minutes: new Minutes(kv, writer, retention, skipped),
      history: new History(kv, writer, retention, skipped),
      sizes,
      retention,
      writer,
      skipped,
    };
    this.#kv = kv;
    this.#nowMs = nowMs;
    this.#disk = disk;
    this.#writer = writer;
    this.#intake = new Intake(parts);
    this.#reader = new Reader(parts);
    this.#rollUp = new RollUp(parts);
    this.#sizes = sizes;
    this.records = new Records(kv, writer, nowMs);
    this.archive = new Archive(kv, parts);
  }

  /**
   * Opens the store; a file is made where there is none.
   * @throws {StoreOpenError} naming the path, what is wrong with it and what to do
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { path } = options;
    const disk = isFile(path) ? new DiskGuard(path, options.disk) : null;
    if (disk) ensurePlace(path);
    // The KV's collector runs at open, and on a full disk it would take the process with it.
    if (disk?.makeRoom(options.nowMs()) === "full") {
      throw new StoreOpenError("disk", `Cannot open ${path}: the disk is full; free some space`);
    }
    const kv = await openKv(path);
    try {
      await ensureSchema(kv, path);
      return new Store(kv, options, disk);
    } catch (error) {
      kv.close();
      throw error;
    }
  }

  /** The disk below the file; always `ok` in memory and over the network. */
  get disk(): DiskState {
    return this.#disk?.state(this.#nowMs()) ?? "ok";
  }

  /** What the file takes of it; `null` in memory, over the network, and where it cannot be seen. */
  get diskUse(): DiskUse | null {
    return this.#disk?.use(this.#nowMs()) ?? null;
  }

  /** False while the disk is low: rows are refused; reads, deletes, small records go on. */
  get writable(): boolean {
    return this.disk === "ok";
  }

  /**
   * Replaces these series' values of one minute; other series' values stay. A minute
   * that no row keeps any more is left out.
   * @throws {RangeError} where a bucket is of another minute
   * @throws {StoreWriteError} where it was not stored, or of many series not all
   */
  writeMinute(minute: number, rows: readonly SeriesBucket[]): Promise<void> {
    return this.#intake.writeMinute(minute, rows);
  }

  /**
   * Replaces minutes of one series: old hours go straight into their hour and day rows.
   * @throws {RangeError} where a bucket does not start on a minute
   * @throws {StoreWriteError} where not all was stored; writing all again is harmless
   */
  writeSeries(series: SeriesId, buckets: readonly Bucket[]): Promise<void> {
    return this.#intake.writeSeries(series, buckets);
  }

  /** Stored minutes of `[fromMs, toMs)` that are still served, in order. */
  read(series: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    return this.#reader.read(series, fromMs, toMs);
  }

  /** Quarter-hours that start in `[fromMs, toMs)`, in order; the newest are made from minutes. */
  readQuarters(series: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    return this.#reader.readQuarters(series, fromMs, toMs);
  }

  /**
   * Quarter-hours that start in `[fromMs, toMs)` and are wanted, in order, read a few days at a
   * time; of the newest hours, which are not rolled up yet, none.
   */
  rolledQuarters(
    series: SeriesId,
    fromMs: number,
    toMs: number,
    wanted: (t: number) => boolean,
  ): AsyncIterable<Bucket> {
    return this.#reader.rolledQuarters(series, fromMs, toMs, wanted);
  }

  /** Every stored minute since a time, oldest first, for reseeding the head. */
  recent(fromMs: number): AsyncIterable<MinuteOfAll> {
    return this.#reader.recent(fromMs);
  }

  /**
   * Replaces what is stored of these series' trade sizes in an hour, counted from the epoch;
   * other series' stay. An hour that is no longer served is left out.
   * @throws {StoreWriteError} where it was not stored, or of many series not all
   */
  writeSizes(hour: number, rows: readonly SeriesSizes[]): Promise<void> {
    return this.#sizes.write(hour, rows);
  }

  /** These series' stored trade sizes in the hours `[fromHour, toHour)`, in order, part by part. */
  readSizes(
    fromHour: number,
    toHour: number,
    wanted: readonly SeriesId[],
  ): AsyncIterable<SizesOfHour> {
    return this.#sizes.read(fromHour, toHour, wanted);
  }

  /** The series with minutes that are still served, and the first and last of each. */
  seriesList(): Promise<readonly SeriesSpan[]> {
    return this.#reader.seriesList();
  }

  /** Rolls complete hours up and deletes what is no longer served; safe to kill, and to repeat. */
  async rollUp(nowMs: number): Promise<RolledUp> {
    await this.records.prune(nowMs);
    return await this.#rollUp.run(nowMs);
  }

  stats(): StoreStats {
    const { rowsWritten, bytesWritten, writeErrors, lastWriteMs } = this.#writer;
    const rowsSkipped = this.#rowsSkipped;
    return { rowsWritten, bytesWritten, rowsSkipped, writeErrors, lastWriteMs };
  }

  /** Closes the KV; await the writes first, for one under way may be lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#kv.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

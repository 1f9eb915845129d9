/** The text of a backup, read and checked line by line. */
import type { Bucket } from "../../market/bucket.ts";
import type { SeriesId } from "../directory.ts";
import type { KeptRecord } from "../records.ts";
import { entry, HOUR_MS } from "../rows/keys.ts";
import { type BucketType, FORMAT, type Tally, VERSION } from "./lines.ts";
import {
  clipped,
  EndLine,
  HeaderLine,
  lineFault,
  MinuteLine,
  QuarterLine,
  RecordLine,
} from "./schema.ts";
import { type Chunks, linesOf, type Position } from "./unpack.ts";

export type BackupRow =
  | { readonly type: BucketType; readonly series: SeriesId; readonly bucket: Bucket }
  | { readonly type: "record"; readonly record: KeptRecord };

export interface ReadOptions {
  readonly nowMs: number;
  /** Which records may be in it. */
  readonly keeps: (key: readonly string[]) => boolean;
}

/** What a record may take; the KV has 64 kB for it, where some letters need two bytes. */
const MAX_RECORD_LENGTH = 30_000;
/** The store holds every name in memory. */
const MAX_SERIES = 10_000;

/** One reading of a backup. */
export class BackupReader {
  readonly tally: Tally = { minutes: 0, quarters: 0, records: 0 };
  readonly position: Position = { bytes: 0, lines: 0 };
  readonly #options: ReadOptions;
  readonly #series = new Map<string, Map<string, SeriesId>>();
  #seriesCount = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /**
   * Every row in order.
   *
   * @param chunks of the file, packed with gzip or plain, some kB each
   * @throws {SyntaxError} naming the line, or the byte, and what is wrong there
   */
  async *rows(chunks: Chunks): AsyncGenerator<BackupRow> {
    // Loaded here: the service never needs it.
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    let ended = false;
    for await (const line of linesOf(chunks, this.position)) {
      if (ended) throw this.#fault("comes after the end");
      const row = this.#parse(line);
      if (this.position.lines === 1) this.#checkHeader(row, line);
      else if (Reflect.get(row, "type") === "end") {
        this.#checkEnd(row, hash.digest("hex"));
        ended = true;
        continue;
      } else yield this.#rowOf(row, line);
      hash.update(line).update("\n");
    }
    if (this.position.lines === 0) throw new SyntaxError("it is empty");
    if (!ended) {
      throw new SyntaxError(`it is cut off: nothing comes after line ${this.position.lines}`);
    }
  }

  #parse(line: string): object {
    let row: unknown = null;
    try {
      row = JSON.parse(line);
    } catch {
      // Said below, in the same words as for JSON that is no object.
    }
    if (typeof row === "object" && row !== null) return row;
    throw this.position.lines === 1
      ? foreign(line)
      : this.#fault(`is no JSON object: ${clipped(JSON.stringify(line))}`);
  }

  #checkHeader(row: object, line: string): void {
    const version: unknown = Reflect.get(row, "version");
    if (Reflect.get(row, "format") !== FORMAT) throw foreign(line);
    if (typeof version === "number" && version > VERSION) {
      throw new SyntaxError(
        `it is of version ${version}, this program knows up to ${VERSION}: use the newer program`,
      );
    }
    const read = HeaderLine.safeParse(row);
    if (!read.success) throw this.#fault(lineFault(read.error, row));
  }

  #checkEnd(row: object, sha256: string): void {
    const read = EndLine.safeParse(row);
    if (!read.success) throw this.#fault(lineFault(read.error, row));
    const { lines } = read.data;
    if (lines !== this.position.lines - 1) {
      throw this.#fault(`counts ${lines} lines before it, there are ${this.position.lines - 1}`);
    }
    if (read.data.sha256 !== sha256) {
      throw this.#fault("has another checksum than the lines before it: one of them was changed");
    }
  }

  #rowOf(row: object, line: string): BackupRow {
    const type: unknown = Reflect.get(row, "type");
    if (type === "record") return this.#recordOf(row, line);
    if (type !== "minute" && type !== "quarter") {
      throw this.#fault(`has no type that is known here: ${clipped(line)}`);
    }
    const read = (type === "minute" ? MinuteLine : QuarterLine).safeParse(row);
    if (!read.success) throw this.#fault(lineFault(read.error, row));
    const bucket = read.data;
    if (bucket.t > this.#options.nowMs + HOUR_MS) {
      const at = new Date(bucket.t).toISOString();
      throw this.#fault(`lies in the future, at ${at}: is this machine's clock right?`);
    }
    if (type === "minute") this.tally.minutes++;
    else this.tally.quarters++;
    return { type, series: this.#seriesOf(bucket.venue, bucket.symbol), bucket };
  }

  #recordOf(row: object, line: string): BackupRow {
    const read = RecordLine.safeParse(row);
    if (!read.success) throw this.#fault(lineFault(read.error, row));
    const { key, value, untilMs } = read.data;
    if (!this.#options.keeps(key)) {
      throw this.#fault(`is a record that no backup holds: ${clipped(JSON.stringify(key))}`);
    }
    if (value === undefined) throw this.#fault("value is missing");
    if (line.length > MAX_RECORD_LENGTH) {
      throw this.#fault(`is longer than a record may be: ${line.length} letters`);
    }
    this.tally.records++;
    return { type: "record", record: { key, value, untilMs } };
  }

  /** One object a series, whichever line names it. */
  #seriesOf(venue: string, symbol: string): SeriesId {
    const symbols = entry(this.#series, venue, () => new Map<string, SeriesId>());
    const known = symbols.get(symbol);
    if (known) return known;
    if (++this.#seriesCount > MAX_SERIES) {
      throw this.#fault(`is of one more market than the ${MAX_SERIES} that can be kept`);
    }
    const series = { venue, symbol };
    symbols.set(symbol, series);
    return series;
  }

  #fault(what: string): SyntaxError {
    return new SyntaxError(`line ${this.position.lines}: ${what}`);
  }
}

function foreign(line: string): SyntaxError {
  const shown = clipped(JSON.stringify(line));
  return new SyntaxError(`it is no backup of tapewatch: its first line is ${shown}`);
}

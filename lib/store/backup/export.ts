/** A store as the text of a backup, series by series, never more than some hours at once. */
import type { Bucket } from "../../market/bucket.ts";
import type { SeriesId } from "../directory.ts";
import { chunks, HOUR_MS } from "../rows/keys.ts";
import type { Store } from "../store.ts";
import { bucketHead, bucketLine, endLine, headerLine, recordLine, type Tally } from "./lines.ts";

/** The text of so many minutes, or quarter-hours, is some 200 kB. */
const MINUTES_MS = 6 * HOUR_MS;
const QUARTERS = 360;

export interface ExportOptions {
  readonly store: Pick<Store, "read" | "readQuarters" | "records" | "archive">;
  /** The program's version. */
  readonly app: string;
  readonly nowMs: number;
  /** Which records are exported. */
  readonly keeps: (key: readonly string[]) => boolean;
  /** Told how much of the series is done, 0 … 1. */
  readonly onProgress?: (done: number) => void;
}

/** One run of an export. */
export class Exporter {
  readonly tally: Tally = { minutes: 0, quarters: 0, records: 0 };
  readonly #options: ExportOptions;

  constructor(options: ExportOptions) {
    this.#options = options;
  }

  /**
   * The whole text, in pieces of whole lines. What is written while this runs may be in it
   * or not; each minute is one that was stored so.
   */
  async *text(): AsyncGenerator<string> {
    const { store, app, nowMs, onProgress } = this.#options;
    // Loaded here: the service never needs it.
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    const hashed = (piece: string): string => {
      hash.update(piece);
      return piece;
    };
    const all = await store.archive.series();
    yield hashed(headerLine({ exportedMs: nowMs, app, series: all.length }));
    for (const [index, series] of all.entries()) {
      for await (const piece of this.#series(series)) yield hashed(piece);
      onProgress?.((index + 1) / all.length);
    }
    for await (const record of store.records.all()) {
      if (!this.#options.keeps(record.key)) continue;
      yield hashed(recordLine(record));
      this.tally.records++;
    }
    const { minutes, quarters, records } = this.tally;
    yield endLine(1 + minutes + quarters + records, this.tally, hash.digest("hex"));
  }

  /** The minutes first: what is restored of them makes quarter-hours, which then give way to these. */
  async *#series(series: SeriesId): AsyncGenerator<string> {
    const { store, nowMs } = this.#options;
    const first = store.archive.firstMs;
    // Venues' clocks run ahead of ours; a minute that has begun there is stored.
    const endMs = nowMs + HOUR_MS;
    const minuteHead = bucketHead("minute", series);
    for (const [fromMs, toMs] of windows(first.minute, endMs, MINUTES_MS)) {
      const minutes = await store.read(series, fromMs, toMs);
      this.tally.minutes += minutes.length;
      if (minutes.length > 0) yield linesOf(minuteHead, minutes);
    }
    const quarterHead = bucketHead("quarter", series);
    const quarters = await store.readQuarters(series, first.quarter, endMs);
    for (const some of chunks(quarters, QUARTERS)) {
      this.tally.quarters += some.length;
      yield linesOf(quarterHead, some);
    }
  }
}

function linesOf(head: string, buckets: readonly Bucket[]): string {
  let text = "";
  for (const bucket of buckets) text += bucketLine(head, bucket);
  return text;
}

/** `[fromMs, toMs)` cut at multiples of the width, so that no hour or day is read twice. */
function* windows(fromMs: number, toMs: number, widthMs: number): Generator<[number, number]> {
  for (let atMs = Math.floor(fromMs / widthMs) * widthMs; atMs < toMs; atMs += widthMs) {
    yield [Math.max(atMs, fromMs), Math.min(atMs + widthMs, toMs)];
  }
}

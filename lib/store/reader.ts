/**
 * Answers from what is stored, wherever it is at the moment.
 *
 * A minute row is taken before an hour row, so a late repair is seen at once. Minute
 * rows are listed before hour rows: a roll-up in between has then written the latter
 * before it deleted the former.
 */
import { aggregate, barStart, type Bucket, MINUTE_MS } from "../market/bucket.ts";
import { decodeBucket } from "./rows/codec.ts";
import type { SeriesId } from "./directory.ts";
import { chunks, DAY_MS, dayOf, entry, HOUR_MS, hourOf, partOf, QUARTER_MS } from "./rows/keys.ts";
import type { Parts } from "./parts.ts";
import { pickEntry, RowKind, unpackRow } from "./rows/row.ts";

export interface SeriesBucket {
  readonly series: SeriesId;
  readonly bucket: Bucket;
}

export interface MinuteOfAll {
  readonly minute: number;
  readonly rows: readonly SeriesBucket[];
}

export interface SeriesSpan extends SeriesId {
  /** Start of the first and of the last stored minute that is still served. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One `getMany` takes ten keys. */
const SERIES_PER_GET = 10;

export class Reader {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Stored minutes of `[fromMs, toMs)` that are still served, in order. */
  async read(series: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    const id = await this.#parts.directory.find(series);
    const from = Math.max(fromMs, this.#parts.retention.firstMinuteMs());
    if (id === null || from >= toMs) return [];
    const fresh = await Array.fromAsync(this.#fresh(id, from, toMs));
    const newer = new Set(fresh.map((bucket) => bucket.t));
    const hours = await this.#parts.history.minutes(id, hourOf(from), Math.ceil(toMs / HOUR_MS));
    const found = hours.filter(({ t }) => t >= from && t < toMs && !newer.has(t));
    const inOrder = (found.at(-1)?.t ?? 0) < (fresh[0]?.t ?? Infinity);
    found.push(...fresh);
    return inOrder ? found : found.sort((a, b) => a.t - b.t);
  }

  /** Quarter-hours that start in `[fromMs, toMs)`, in order; the newest from minutes not yet rolled up. */
  async readQuarters(series: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    const id = await this.#parts.directory.find(series);
    const from = Math.max(fromMs, this.#parts.retention.firstQuarterMs());
    if (id === null || from >= toMs) return [];
    const found = new Map<number, Bucket>();
    const end = barStart(toMs - 1, 15) + QUARTER_MS;
    const start = barStart(
      Math.max(from, this.#parts.retention.firstMinuteMs() + QUARTER_MS - 1),
      15,
    );
    let firstMs = Infinity;
    // A range from before the minutes that are kept holds none of them.
    const fresh = start < end ? this.#fresh(id, start, end) : [];
    for await (const bucket of fresh) firstMs = Math.min(firstMs, bucket.t);
    for await (
      const bucket of this.#parts.history.quarters(id, dayOf(from), Math.ceil(toMs / DAY_MS))
    ) {
      found.set(bucket.t, bucket);
    }
    if (firstMs < Infinity) {
      const minutes = await this.read(series, barStart(firstMs, 15), end);
      for (const bucket of aggregate(minutes, 15)) found.set(bucket.t, bucket);
    }
    return [...found.values()]
      .filter(({ t }) => t >= from && t < toMs)
      .sort((a, b) => a.t - b.t);
  }

  /** Quarter-hours of rolled-up hours that start in `[fromMs, toMs)` and are wanted, in order. */
  async *rolledQuarters(
    series: SeriesId,
    fromMs: number,
    toMs: number,
    wanted: (t: number) => boolean,
  ): AsyncGenerator<Bucket> {
    const id = await this.#parts.directory.find(series);
    const from = Math.max(fromMs, this.#parts.retention.firstQuarterMs());
    if (id === null || from >= toMs) return;
    const served = (t: number) => t >= from && t < toMs && wanted(t);
    yield* this.#parts.history.quarters(id, dayOf(from), Math.ceil(toMs / DAY_MS), served);
  }

  /** Every stored minute since a time, oldest first, for reseeding the head. */
  async *recent(fromMs: number): AsyncGenerator<MinuteOfAll> {
    const from = Math.ceil(Math.max(fromMs, this.#parts.retention.firstMinuteMs()) / MINUTE_MS);
    await this.#parts.directory.load();
    const ids = this.#parts.directory.all().map(([id]) => id);
    const end = Math.floor(this.#parts.retention.nowMs() / HOUR_MS) + 1;
    for (let hour = Math.floor(from / 60); hour <= end; hour++) {
      const minutes = new Map<number, Map<number, Uint8Array>>();
      const stored = await Array.fromAsync(this.#parts.minutes.list(hour * 60, (hour + 1) * 60));
      for (const group of chunks(ids, SERIES_PER_GET)) {
        for (const [id, slots] of await this.#parts.history.hour(group, hour)) {
          for (const [slot, bytes] of slots) {
            entry(minutes, hour * 60 + slot, () => new Map<number, Uint8Array>()).set(id, bytes);
          }
        }
      }
      for (const { minute, row } of stored) {
        const held = entry(minutes, minute, () => new Map<number, Uint8Array>());
        for (const [id, bytes] of this.#unpack(row)) held.set(id, bytes);
      }
      for (const [minute, entries] of [...minutes].sort((a, b) => a[0] - b[0])) {
        if (minute >= from) yield { minute, rows: await this.#named(minute, entries) };
      }
    }
  }

  /** The series with minutes that are still served, and the first and last of each. */
  async seriesList(): Promise<readonly SeriesSpan[]> {
    const from = this.#parts.retention.firstMinuteMs();
    const spans = new Map<number, { firstMs: number; lastMs: number }>();
    for await (
      const { minute, row } of this.#parts.minutes.list(Math.ceil(from / MINUTE_MS), Infinity)
    ) {
      const lastMs = minute * MINUTE_MS;
      for (const id of this.#unpack(row).keys()) {
        spans.set(id, { firstMs: spans.get(id)?.firstMs ?? lastMs, lastMs });
      }
    }
    await this.#parts.directory.load();
    const listed: SeriesSpan[] = [];
    for (const [id, series] of this.#parts.directory.all()) {
      const [a, b] = [spans.get(id), await this.#parts.history.span(id, from)];
      if (!a && !b) continue;
      const firstMs = Math.min(a?.firstMs ?? Infinity, b?.firstMs ?? Infinity);
      const lastMs = Math.max(a?.lastMs ?? -Infinity, b?.lastMs ?? -Infinity);
      listed.push({ ...series, firstMs, lastMs });
    }
    return listed;
  }

  /** The series' buckets in minute rows, in order. */
  async *#fresh(id: number, fromMs: number, toMs: number): AsyncGenerator<Bucket> {
    const [from, to] = [Math.ceil(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
    for await (const { minute, part, row } of this.#parts.minutes.list(from, to)) {
      if (part !== partOf(id)) continue;
      const bytes = pickEntry(RowKind.minute, row, id);
      if (bytes === null) this.#parts.skipped();
      else if (bytes) yield decodeBucket(bytes, minute * MINUTE_MS);
    }
  }

  async #named(minute: number, entries: Iterable<[number, Uint8Array]>): Promise<SeriesBucket[]> {
    const rows: SeriesBucket[] = [];
    for (const [id, bytes] of entries) {
      const series = await this.#parts.directory.nameOf(id);
      if (series) rows.push({ series, bucket: decodeBucket(bytes, minute * MINUTE_MS) });
    }
    return rows;
  }

  #unpack(row: unknown): Map<number, Uint8Array> {
    const entries = unpackRow(RowKind.minute, row);
    if (!entries) this.#parts.skipped();
    return entries ?? new Map<number, Uint8Array>();
  }
}

/**
 * How large the trades of each series were, hour by hour: one row an hour (and part) with
 * every series in it. An hour that is over is never written again, so a write is small, and
 * a day passes out of them by itself.
 *
 * They are in no backup: they count for a day only, and two counts of one hour cannot be told
 * apart from one that was put back twice.
 */
import { isHourOfSizes } from "../market/head/size_counts.ts";
import type { Directory, SeriesId } from "./directory.ts";
import {
  entry,
  HOUR_MS,
  type Key,
  SIZES_KEEP_MS,
  SIZES_PER_PART,
  SIZES_PREFIX,
  sizesKey,
} from "./rows/keys.ts";
import type { Retention } from "./rows/retention.ts";
import { packRow, RowKind, unpackRow } from "./rows/row.ts";
import type { Kv, Writer } from "./writer.ts";

export interface SeriesSizes {
  readonly series: SeriesId;
  /** An hour, as `lib/market/head/size_counts.ts` has it. */
  readonly bytes: Uint8Array;
}

/** Series of one part in an hour, counted from the epoch. */
export interface SizesOfHour {
  readonly hour: number;
  readonly rows: readonly SeriesSizes[];
}

interface SizesOptions {
  readonly kv: Kv;
  readonly writer: Writer;
  readonly directory: Directory;
  readonly retention: Retention;
  /** Counts a stored row, or a series' part of it, that failed its check. */
  readonly skipped: () => void;
}

export class Sizes {
  readonly #options: SizesOptions;

  constructor(options: SizesOptions) {
    this.#options = options;
  }

  /** See `Store.writeSizes`. */
  async write(hour: number, rows: readonly SeriesSizes[]): Promise<void> {
    const { directory, retention } = this.#options;
    if (hour < retention.firstSizesHour()) return;
    const parts = new Map<number, Map<number, Uint8Array>>();
    for (const { series, bytes } of rows) {
      const id = await directory.idOf(series);
      const part = Math.floor(id / SIZES_PER_PART);
      entry(parts, part, () => new Map<number, Uint8Array>()).set(id, bytes);
    }
    for (const [part, entries] of parts) await this.#merge(hour, part, entries);
  }

  /** See `Store.readSizes`. */
  async *read(
    fromHour: number,
    toHour: number,
    wanted: readonly SeriesId[],
  ): AsyncGenerator<SizesOfHour> {
    const { kv, directory, skipped } = this.#options;
    const byId = new Map<number, SeriesId>();
    for (const series of wanted) {
      const id = await directory.find(series);
      if (id !== null) byId.set(id, series);
    }
    if (byId.size === 0) return;
    const range = { start: [SIZES_PREFIX, fromHour], end: [SIZES_PREFIX, toHour] };
    for await (const { key, value } of kv.list<unknown>(range)) {
      const hour = key[1];
      if (typeof hour !== "number") continue;
      const rows: SeriesSizes[] = [];
      for (const [id, bytes] of this.#unpack(value)) {
        const series = byId.get(id);
        if (!series) continue;
        if (isHourOfSizes(bytes)) rows.push({ series, bytes });
        else skipped();
      }
      yield { hour, rows };
    }
  }

  /** Keys of the hours that are no longer served. */
  async *expired(nowMs: number): AsyncGenerator<Key> {
    const { kv, retention } = this.#options;
    const range = { start: [SIZES_PREFIX], end: [SIZES_PREFIX, retention.firstSizesHour(nowMs)] };
    for await (const { key: [, hour, part] } of kv.list<unknown>(range)) {
      if (typeof hour === "number" && typeof part === "number") yield sizesKey(hour, part);
    }
  }

  #merge(hour: number, part: number, entries: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const { kv, writer, retention } = this.#options;
    return writer.update(`trade sizes of hour ${hour}`, async () => {
      const key = sizesKey(hour, part);
      const { value, versionstamp } = await kv.get<unknown>(key);
      const merged = versionstamp === null ? new Map<number, Uint8Array>() : this.#unpack(value);
      for (const [id, bytes] of entries) merged.set(id, bytes);
      return [{
        key,
        value: packRow(RowKind.sizes, merged),
        versionstamp,
        expireIn: retention.expireIn((hour + 1) * HOUR_MS, SIZES_KEEP_MS),
      }];
    });
  }

  #unpack(row: unknown): Map<number, Uint8Array> {
    const entries = unpackRow(RowKind.sizes, row);
    if (!entries) this.#options.skipped();
    return entries ?? new Map<number, Uint8Array>();
  }
}

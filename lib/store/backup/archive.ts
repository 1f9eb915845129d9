/**
 * What a backup needs of the store beyond its reads: every series that ever had a row, and
 * quarter-hours put back as they were, which otherwise only come of minutes.
 */
import type { Bucket } from "../../market/bucket.ts";
import type { SeriesId } from "../directory.ts";
import type { Parts } from "../parts.ts";
import { decodeBucket, encodeBucket } from "../rows/codec.ts";
import {
  chunks,
  DAY_MS,
  dayKey,
  dayOf,
  entry,
  QUARTER_MS,
  QUARTERS_KEEP_MS,
} from "../rows/keys.ts";
import { packRow, RowKind, unpackRow } from "../rows/row.ts";
import { type Change, type Kv, ROWS_PER_COMMIT } from "../writer.ts";
import { isBetter } from "./merge.ts";

export class Archive {
  readonly #kv: Kv;
  readonly #parts: Parts;

  constructor(kv: Kv, parts: Parts) {
    this.#kv = kv;
    this.#parts = parts;
  }

  /** Every series that has a number, by venue, then symbol. */
  async series(): Promise<SeriesId[]> {
    const { directory } = this.#parts;
    await directory.load();
    return directory.all().map(([, series]) => series)
      .sort((a, b) => order(a.venue, b.venue) || order(a.symbol, b.symbol));
  }

  /** The first times, ms, of minutes and quarter-hours that are served now. */
  get firstMs(): { readonly minute: number; readonly quarter: number } {
    const { retention } = this.#parts;
    return { minute: retention.firstMinuteMs(), quarter: retention.firstQuarterMs() };
  }

  /**
   * Puts quarter-hours of one series into their day rows where they are better than what is
   * there; returns how many were. Those that are no longer served are left out.
   * @throws {StoreWriteError} where not all was stored; doing it again is harmless
   */
  async putQuarters(series: SeriesId, buckets: readonly Bucket[]): Promise<number> {
    const days = new Map<number, Bucket[]>();
    const firstMs = this.firstMs.quarter;
    for (const bucket of buckets) {
      if (bucket.t >= firstMs) entry(days, dayOf(bucket.t), () => []).push(bucket);
    }
    if (days.size === 0) return 0;
    const id = await this.#parts.directory.idOf(series);
    let put = 0;
    for (const group of chunks(days, ROWS_PER_COMMIT)) put += await this.#putDays(id, group);
    return put;
  }

  async #putDays(id: number, days: readonly (readonly [number, Bucket[]])[]): Promise<number> {
    const { writer, retention } = this.#parts;
    const keys = days.map(([day]) => dayKey(id, day));
    let put = 0;
    await writer.update(`quarter-hours of series ${id}`, async () => {
      put = 0;
      const stored = await this.#kv.getMany<unknown[]>(keys);
      const changes: Change[] = [];
      for (const [index, [day, quarters]] of days.entries()) {
        const { value = null, versionstamp = null } = stored[index] ?? {};
        const merged = this.#entries(value, versionstamp);
        const better = this.#merge(merged, day, quarters);
        if (better === 0) continue;
        put += better;
        const expireIn = retention.expireIn((day + 1) * DAY_MS, QUARTERS_KEEP_MS);
        const row = packRow(RowKind.day, merged);
        changes.push({ key: keys[index] ?? [], value: row, versionstamp, expireIn });
      }
      return changes;
    });
    return put;
  }

  #entries(row: unknown, versionstamp: string | null): Map<number, Uint8Array> {
    const entries = versionstamp === null ? new Map() : unpackRow(RowKind.day, row);
    if (!entries) this.#parts.skipped();
    return entries ?? new Map<number, Uint8Array>();
  }

  /** Puts better quarter-hours into the day's entries; returns how many. */
  #merge(entries: Map<number, Uint8Array>, day: number, quarters: readonly Bucket[]): number {
    const firstMinuteMs = this.firstMs.minute;
    let put = 0;
    for (const bucket of quarters) {
      const slot = (bucket.t - day * DAY_MS) / QUARTER_MS;
      const held = entries.get(slot);
      if (held && !isWanted(bucket, decodeBucket(held, bucket.t), firstMinuteMs)) continue;
      entries.set(slot, encodeBucket(bucket));
      put++;
    }
    return put;
  }
}

/**
 * Of a quarter-hour whose first minutes are no longer served, a restored store may hold
 * what came of the last ones alone, which can cover as much and know less.
 */
function isWanted(given: Bucket, held: Bucket, firstMinuteMs: number): boolean {
  if (given.t < firstMinuteMs) return given.coverageMs >= held.coverageMs;
  return isBetter(given, held);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

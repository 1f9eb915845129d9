/**
 * Moves complete hours out of the minute rows, and takes away what is no longer served.
 *
 * The order is what makes it safe to kill: hour rows first, then the minute rows they
 * were made from, each delete checking that the row is still the one that was folded.
 * Folding an hour twice gives the same rows, and reads take a minute row before an hour
 * row, so every state in between reads the same.
 */
import { MINUTE_MS } from "../market/bucket.ts";
import type { Fold } from "./history.ts";
import { chunks, dayOf, HOUR_MS, type Key } from "./rows/keys.ts";
import type { MinuteRow } from "./minutes.ts";
import type { Parts } from "./parts.ts";
import { RowKind, unpackRow } from "./rows/row.ts";
import { ROWS_PER_COMMIT } from "./writer.ts";

/** Deletes of one commit: small, so that the log they need fits into a nearly full disk. */
const DELETES_PER_COMMIT = 50;

export interface RolledUp {
  /** Hours taken out of the minute rows. */
  readonly hours: number;
  /** Different series in them. */
  readonly series: number;
  /** Rows deleted because their time was over. */
  readonly expired: number;
}

export class RollUp {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(nowMs: number): Promise<RolledUp> {
    // First what makes room, so that a disk that ran full gets a chance.
    const expired = await this.#prune(nowMs);
    const seen = new Set<number>();
    let hours = 0;
    const end = this.#parts.retention.firstOpenHour(nowMs) * 60;
    for (let minute = await this.#firstMinute(0, end); minute !== null;) {
      const hour = Math.floor(minute / 60);
      const rows = await Array.fromAsync(this.#parts.minutes.list(hour * 60, (hour + 1) * 60));
      for (const id of await this.#foldHour(hour, rows)) seen.add(id);
      await this.#parts.minutes.drop(rows);
      hours++;
      minute = await this.#firstMinute((hour + 1) * 60, end);
    }
    return { hours, series: seen.size, expired };
  }

  async #firstMinute(from: number, end: number): Promise<number | null> {
    for await (const { minute } of this.#parts.minutes.list(from, end)) return minute;
    return null;
  }

  async #foldHour(hour: number, rows: readonly MinuteRow[]): Promise<Iterable<number>> {
    const series = new Map<number, Map<number, Uint8Array>>();
    for (const { minute, row } of rows) {
      const entries = unpackRow(RowKind.minute, row);
      if (!entries) this.#parts.skipped();
      for (const [id, bytes] of entries ?? []) {
        const slots = series.get(id) ?? new Map<number, Uint8Array>();
        series.set(id, slots.set(minute - hour * 60, bytes));
      }
    }
    const day = dayOf(hour * HOUR_MS);
    const folds: Fold[] = [...series]
      .map(([id, slots]) => ({ id, day, hours: new Map([[hour, slots]]) }));
    // Two rows each: the hour and the day.
    for (const group of chunks(folds, ROWS_PER_COMMIT / 2)) await this.#parts.history.fold(group);
    return series.keys();
  }

  async #prune(nowMs: number): Promise<number> {
    let count = 0;
    let keys: Key[] = [];
    const drop = async (): Promise<void> => {
      const changes = keys.map((key) => ({ key, value: undefined }));
      count += keys.length;
      keys = [];
      await this.#parts.writer.update("the end of old rows", () => Promise.resolve(changes));
    };
    for await (const key of this.#expired(nowMs)) {
      if (keys.push(key) === DELETES_PER_COMMIT) await drop();
    }
    await drop();
    return count;
  }

  async *#expired(nowMs: number): AsyncGenerator<Key> {
    const { directory, history, minutes, sizes, retention } = this.#parts;
    await directory.load();
    for (const [id] of directory.all()) yield* history.expired(id, nowMs);
    yield* sizes.expired(nowMs);
    const end = Math.floor(retention.firstQuarterMs(nowMs) / MINUTE_MS);
    for await (const { key } of minutes.list(0, end)) yield key;
  }
}

/** The older hours: one row per series and hour, and 15-minute rows per series and day. */
import { aggregate, type Bucket, MINUTE_MS } from "../market/bucket.ts";
import { decodeBucket, encodeBucket } from "./rows/codec.ts";
import {
  DAY_MS,
  DAY_PREFIX,
  dayKey,
  HOUR_MS,
  HOUR_PREFIX,
  hourKey,
  type Key,
  QUARTER_MS,
  QUARTERS_KEEP_MS,
} from "./rows/keys.ts";
import type { Retention } from "./rows/retention.ts";
import { type Entries, packRow, RowKind, unpackRow } from "./rows/row.ts";
import type { Change, Kv, Writer } from "./writer.ts";

/** Hours that one fold may carry: with the day row, as many rows as a commit checks. */
export const HOURS_PER_FOLD = 9;

/** Minutes of one series and day on their way into its rows: by hour, then minute of the hour. */
export interface Fold {
  readonly id: number;
  readonly day: number;
  readonly hours: ReadonlyMap<number, Entries>;
}

/** Day rows that are read at once: they are up to 20 kB each. */
const DAYS_PER_READ = 8;

type Stored = Deno.KvEntryMaybe<unknown> | undefined;

export class History {
  readonly #kv: Kv;
  readonly #writer: Writer;
  readonly #retention: Retention;
  readonly #skipped: () => void;

  constructor(kv: Kv, writer: Writer, retention: Retention, skipped: () => void) {
    this.#kv = kv;
    this.#writer = writer;
    this.#retention = retention;
    this.#skipped = skipped;
  }

  /**
   * Merges minutes into the hour rows and their quarters into the day rows, in one commit.
   * The folds are of different series or days, `ROWS_PER_COMMIT` rows in all.
   */
  fold(folds: readonly Fold[]): Promise<void> {
    const ids = folds.map((fold) => fold.id).join(", ");
    return this.#writer.update(`hours of series ${ids}`, async () => {
      const keys = folds.flatMap(keysOf);
      const stored = await this.#kv.getMany<unknown[]>(keys);
      const changes: Change[] = [];
      for (const fold of folds) {
        const [day, ...hours] = stored.splice(0, fold.hours.size + 1);
        changes.push(...this.#merge(fold, day, hours));
      }
      return changes;
    });
  }

  /** The minutes of the hour rows of `[fromHour, toHour)`, in order. */
  async minutes(id: number, fromHour: number, toHour: number): Promise<Bucket[]> {
    const range = { start: hourKey(id, fromHour), end: hourKey(id, toHour) };
    const found: Bucket[] = [];
    for await (const { key, value } of this.#kv.list<unknown>(range, { batchSize: 100 })) {
      const hour = key[2];
      if (typeof hour !== "number") continue;
      for (const [slot, bytes] of this.#read(RowKind.hour, value)) {
        found.push(decodeBucket(bytes, hour * HOUR_MS + slot * MINUTE_MS));
      }
    }
    return found;
  }

  /** The quarter-hours of the day rows of `[fromDay, toDay)` whose start is wanted, in order. */
  async *quarters(
    id: number,
    fromDay: number,
    toDay: number,
    wanted: (t: number) => boolean = () => true,
  ): AsyncGenerator<Bucket> {
    const range = { start: dayKey(id, fromDay), end: dayKey(id, toDay) };
    const listed = this.#kv.list<unknown>(range, { batchSize: DAYS_PER_READ });
    for await (const { key, value } of listed) {
      const day = key[2];
      if (typeof day !== "number") continue;
      const startMs = day * DAY_MS;
      const entries = this.#read(RowKind.day, value, (slot) => wanted(startMs + slot * QUARTER_MS));
      yield* decodeAll(entries, startMs, QUARTER_MS);
      letGo(value);
    }
  }

  /** These series' entries of one hour, by series. */
  async hour(ids: readonly number[], hour: number): Promise<Map<number, Entries>> {
    const found = new Map<number, Entries>();
    const stored = await this.#kv.getMany<unknown[]>(ids.map((id) => hourKey(id, hour)));
    ids.forEach((id, index) => {
      const held = stored[index];
      if (held?.versionstamp) found.set(id, this.#read(RowKind.hour, held.value));
    });
    return found;
  }

  /** First and last stored minute of the hour rows since `fromMs`, ms, or `null` without any. */
  async span(id: number, fromMs: number): Promise<{ firstMs: number; lastMs: number } | null> {
    const range = { start: hourKey(id, Math.floor(fromMs / HOUR_MS)), end: hourKey(id, Infinity) };
    const edge = async (reverse: boolean): Promise<number | null> => {
      for await (
        const { key, value } of this.#kv.list<unknown>(range, { reverse, batchSize: 1 })
      ) {
        const hour = Number(key[2]);
        const times = [...this.#read(RowKind.hour, value).keys()]
          .map((slot) => hour * HOUR_MS + slot * MINUTE_MS)
          .filter((timeMs) => timeMs >= fromMs);
        const timeMs = reverse ? times.at(-1) : times[0];
        if (timeMs !== undefined) return timeMs;
      }
      return null;
    };
    const [firstMs, lastMs] = [await edge(false), await edge(true)];
    return firstMs === null || lastMs === null ? null : { firstMs, lastMs };
  }

  /** Keys of a series' rows that ended before what is served. */
  async *expired(id: number, nowMs: number): AsyncGenerator<Key> {
    const hourEnd = Math.floor(this.#retention.firstMinuteMs(nowMs) / HOUR_MS);
    const dayEnd = Math.floor(this.#retention.firstQuarterMs(nowMs) / DAY_MS);
    const ranges = [
      { start: [HOUR_PREFIX, id], end: hourKey(id, hourEnd) },
      { start: [DAY_PREFIX, id], end: dayKey(id, dayEnd) },
    ];
    for (const range of ranges) {
      for await (const { key } of this.#kv.list<unknown>(range)) {
        const [prefix, , unit] = key;
        if (typeof unit === "number") yield prefix === "h" ? hourKey(id, unit) : dayKey(id, unit);
      }
    }
  }

  #merge(fold: Fold, day: Stored, hours: readonly Stored[]): Change[] {
    const changes: Change[] = [];
    const quarters = this.#held(RowKind.day, day) ?? new Map<number, Uint8Array>();
    let index = 0;
    for (const [hour, given] of fold.hours) {
      const stored = hours[index++];
      const endMs = (hour + 1) * HOUR_MS;
      const alive = endMs > this.#retention.firstMinuteMs();
      const held = this.#held(RowKind.hour, stored);
      const minutes = new Map([...held ?? [], ...given].sort((a, b) => a[0] - b[0]));
      // Without the hour's other minutes a quarter may be less than what the day row has.
      const whole = alive && held !== null && held.size > 0;
      this.#requarter(quarters, hour, given, minutes, whole);
      if (!alive) continue;
      changes.push({
        key: hourKey(fold.id, hour),
        value: packRow(RowKind.hour, minutes),
        versionstamp: stored?.versionstamp ?? null,
        expireIn: this.#retention.expireIn(endMs, this.#retention.minutesKeepMs),
      });
    }
    const endMs = (fold.day + 1) * DAY_MS;
    if (endMs <= this.#retention.firstQuarterMs()) return changes;
    changes.push({
      key: dayKey(fold.id, fold.day),
      value: packRow(RowKind.day, quarters),
      versionstamp: day?.versionstamp ?? null,
      expireIn: this.#retention.expireIn(endMs, QUARTERS_KEEP_MS),
    });
    return changes;
  }

  /** Replaces the quarters that hold a given minute; unless whole, never by one with less coverage. */
  #requarter(
    quarters: Map<number, Uint8Array>,
    hour: number,
    given: Entries,
    minutes: Entries,
    whole: boolean,
  ): void {
    const touched = new Set([...given.keys()].map((slot) => Math.floor(slot / 15)));
    for (const quarter of touched) {
      const slots = new Map([...minutes].filter(([slot]) => Math.floor(slot / 15) === quarter));
      const [bucket] = aggregate([...decodeAll(slots, hour * HOUR_MS, MINUTE_MS)], 15);
      if (!bucket) continue;
      const slot = (bucket.t % DAY_MS) / QUARTER_MS;
      const held = quarters.get(slot);
      const heldMs = held && !whole ? decodeBucket(held, bucket.t).coverageMs : 0;
      if (bucket.coverageMs >= heldMs) quarters.set(slot, encodeBucket(bucket));
    }
  }

  /** The stored entries; empty where there is no row, `null` where it fails its check. */
  #held(kind: RowKind, stored: Stored): Map<number, Uint8Array> | null {
    if (!stored || stored.versionstamp === null) return new Map();
    const entries = unpackRow(kind, stored.value);
    if (!entries) this.#skipped();
    return entries;
  }

  #read(
    kind: RowKind,
    row: unknown,
    wanted?: (number: number) => boolean,
  ): Map<number, Uint8Array> {
    const entries = unpackRow(kind, row, wanted);
    if (!entries) this.#skipped();
    return entries ?? new Map<number, Uint8Array>();
  }
}

function keysOf(fold: Fold): Key[] {
  return [
    dayKey(fold.id, fold.day),
    ...[...fold.hours.keys()].map((hour) => hourKey(fold.id, hour)),
  ];
}

function* decodeAll(entries: Entries, startMs: number, widthMs: number): Generator<Bucket> {
  for (const [slot, bytes] of entries) yield decodeBucket(bytes, startMs + slot * widthMs);
}

/**
 * Frees a row of which nothing is needed any more. The collector would come when 11 MB of them
 * lie around, and one reading of all series is some 36 MB.
 */
function letGo(row: unknown): void {
  if (!(row instanceof Uint8Array) || !(row.buffer instanceof ArrayBuffer)) return;
  if (row.buffer.byteLength === row.byteLength) row.buffer.transfer(0);
}

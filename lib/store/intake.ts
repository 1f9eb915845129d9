/**
 * Takes buckets in. A whole minute of many series goes into its minute row whatever its
 * age, one small commit; the next roll-up folds it into its hour. Many minutes of one
 * series go straight into old hours, where minute rows would cost a row each.
 */
import { type Bucket, MINUTE_MS } from "../market/bucket.ts";
import { encodeBucket } from "./rows/codec.ts";
import type { SeriesId } from "./directory.ts";
import { HOURS_PER_FOLD } from "./history.ts";
import { chunks, entry, HOUR_MS, hourOf } from "./rows/keys.ts";
import type { MinuteEntries } from "./minutes.ts";
import type { Parts } from "./parts.ts";
import type { SeriesBucket } from "./reader.ts";

type Slots = Map<number, Uint8Array>;

export class Intake {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** See `Store.writeMinute`. */
  async writeMinute(minute: number, rows: readonly SeriesBucket[]): Promise<void> {
    const { directory, minutes, retention } = this.#parts;
    if (rows.length === 0 || minute * MINUTE_MS < retention.firstQuarterMs()) return;
    const entries = new Map<number, Uint8Array>();
    for (const { series, bucket } of rows) {
      if (bucket.t !== minute * MINUTE_MS) {
        throw new RangeError(`Cannot write minute ${minute}: a bucket starts at ${bucket.t}`);
      }
      entries.set(await directory.idOf(series), encodeBucket(bucket));
    }
    await minutes.write([{ minute, entries }]);
  }

  /** See `Store.writeSeries`. */
  async writeSeries(series: SeriesId, buckets: readonly Bucket[]): Promise<void> {
    const { directory, minutes, retention } = this.#parts;
    const days = byDay(buckets.filter(({ t }) => t >= retention.firstQuarterMs()));
    if (days.size === 0) return;
    const id = await directory.idOf(series);
    for (const [day, hours] of days) {
      const closed: [number, Slots][] = [];
      for (const [hour, slots] of hours) {
        if (await this.#isOpen(hour)) await minutes.write(asMinutes(id, hour, slots));
        else closed.push([hour, slots]);
      }
      for (const group of chunks(closed, HOURS_PER_FOLD)) {
        await this.#parts.history.fold([{ id, day, hours: new Map(group) }]);
      }
    }
  }

  /** Whether the hour's values belong in minute rows: it is young, or has some already. */
  async #isOpen(hour: number): Promise<boolean> {
    const { minutes, retention } = this.#parts;
    if (hour >= retention.firstOpenHour()) return true;
    for await (const _ of minutes.list(hour * 60, (hour + 1) * 60)) return true;
    return false;
  }
}

/** The buckets as bytes by day, hour and minute of the hour. */
function byDay(buckets: readonly Bucket[]): Map<number, Map<number, Slots>> {
  const days = new Map<number, Map<number, Slots>>();
  for (const bucket of buckets) {
    if (bucket.t % MINUTE_MS !== 0) {
      throw new RangeError(`Cannot write a bucket at ${bucket.t}: it must start on a minute`);
    }
    const hour = hourOf(bucket.t);
    const hours = entry(days, Math.floor(hour / 24), () => new Map<number, Slots>());
    const slots = entry(hours, hour, (): Slots => new Map());
    slots.set((bucket.t - hour * HOUR_MS) / MINUTE_MS, encodeBucket(bucket));
  }
  return days;
}

function* asMinutes(id: number, hour: number, slots: Slots): Generator<MinuteEntries> {
  for (const [slot, bytes] of slots) {
    yield { minute: hour * 60 + slot, entries: new Map([[id, bytes]]) };
  }
}

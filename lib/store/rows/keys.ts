// This module is pure.
/**
 * The key schema, and the time maths that goes with it.
 *
 * | key | value |
 * | --- | --- |
 * | `["schema"]` | `{app, version}` |
 * | `["ids"]` | the number that the next new series gets |
 * | `["s", venue, symbol]` | the series' number; never reused, never deleted |
 * | `["m", minute, part]` | every series' bucket of a minute, `SERIES_PER_PART` series a part |
 * | `["h", id, hour]` | 60 minutes of one series |
 * | `["q", id, day]` | 96 quarter-hours of one series |
 * | `["l", hour, part]` | how large the trades of an hour were, `SIZES_PER_PART` series a part |
 * | `["r", …]` | small records: settings, watch lists, rules |
 *
 * What is not named here is left alone, so that one may go back to an older version.
 *
 * `minute`, `hour` and `day` count from the epoch.
 */
import { MINUTE_MS } from "../../market/bucket.ts";

export const HOUR_MS: number = 60 * MINUTE_MS;
export const QUARTER_MS: number = 15 * MINUTE_MS;
export const DAY_MS: number = 24 * HOUR_MS;

/** How long 15-minute rows are kept. */
export const QUARTERS_KEEP_MS: number = 30 * DAY_MS;

/** 200 of the longest buckets are 47 kB: under the 64 KiB of a value, whatever they hold. */
export const SERIES_PER_PART = 200;

/** 24 hours of trade sizes make the day of a percentile, however long minutes are kept. */
export const SIZES_KEEP_MS: number = DAY_MS;

/** 150 hours of trade sizes, the longest ones, are 59 kB. */
export const SIZES_PER_PART = 150;

export const SCHEMA_KEY: readonly string[] = ["schema"];
export const IDS_KEY: readonly string[] = ["ids"];
export const SERIES_PREFIX = "s";
export const MINUTE_PREFIX = "m";
export const HOUR_PREFIX = "h";
export const DAY_PREFIX = "q";
export const SIZES_PREFIX = "l";
export const RECORD_PREFIX = "r";

export type Key = readonly (string | number)[];

export function seriesRowKey(venue: string, symbol: string): Key {
  return [SERIES_PREFIX, venue, symbol];
}

export function partOf(id: number): number {
  return Math.floor(id / SERIES_PER_PART);
}

export function minuteKey(minute: number, part: number): Key {
  return [MINUTE_PREFIX, minute, part];
}

export function hourKey(id: number, hour: number): Key {
  return [HOUR_PREFIX, id, hour];
}

export function dayKey(id: number, day: number): Key {
  return [DAY_PREFIX, id, day];
}

export function sizesKey(hour: number, part: number): Key {
  return [SIZES_PREFIX, hour, part];
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS);
}

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** The values in groups of at most `size`. */
export function* chunks<T>(values: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const value of values) {
    chunk.push(value);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** The map's value at a key, made where there is none. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const held = map.get(key);
  if (held !== undefined) return held;
  const made = make();
  map.set(key, made);
  return made;
}

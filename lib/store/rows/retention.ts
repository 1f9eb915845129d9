// This module is pure.
/**
 * How long rows live. Two hands take them away. Our own deletes, in each roll-up, do it
 * on time: they are plain commits, and on a full disk a failed commit is an error that
 * one can catch. `expireIn` is the backstop a week later, for a KV that no roll-up
 * visits any more: the KV's own collector kills the process when it meets a full disk,
 * so nothing that we still serve may ever come due.
 */
import { DAY_MS, HOUR_MS, QUARTERS_KEEP_MS, SIZES_KEEP_MS } from "./keys.ts";

/** How far `expireIn` trails the store's own deletes. */
export const EXPIRY_SLACK_MS: number = 7 * DAY_MS;

/** How many whole hours, beside the open one, stay as minute rows. */
export const KEEP_MINUTE_HOURS = 2;

/** Twenty years: a replay keeps recordings of different years side by side. */
export const MAX_RETENTION_HOURS = 20 * 366 * 24;

export class Retention {
  readonly nowMs: () => number;
  readonly minutesKeepMs: number;
  readonly keepMinuteHours: number;

  constructor(retentionHours: number, keepMinuteHours: number, nowMs: () => number) {
    if (!(retentionHours >= 1 && retentionHours <= MAX_RETENTION_HOURS)) {
      throw new RangeError(
        `Cannot keep minutes for ${retentionHours} h: give 1 to ${MAX_RETENTION_HOURS}`,
      );
    }
    this.minutesKeepMs = retentionHours * HOUR_MS;
    this.keepMinuteHours = keepMinuteHours;
    this.nowMs = nowMs;
  }

  /** Minutes before this are no longer served. */
  firstMinuteMs(nowMs: number = this.nowMs()): number {
    return nowMs - this.minutesKeepMs;
  }

  /** Quarter-hours before this are no longer served; they never go before their minutes. */
  firstQuarterMs(nowMs: number = this.nowMs()): number {
    return nowMs - Math.max(QUARTERS_KEEP_MS, this.minutesKeepMs);
  }

  /** Hours before this one are rolled up. */
  firstOpenHour(nowMs: number = this.nowMs()): number {
    return Math.floor(nowMs / HOUR_MS) - this.keepMinuteHours;
  }

  /** Trade sizes of hours before this one are no longer served. */
  firstSizesHour(nowMs: number = this.nowMs()): number {
    return Math.floor((nowMs - SIZES_KEEP_MS) / HOUR_MS);
  }

  /**
   * `expireIn` of a row that ends at `endMs` and is served for `keepMs` from there, by the
   * store's clock: a replay of years ago writes rows that live as long as today's.
   */
  expireIn(endMs: number, keepMs: number): number {
    return Math.ceil(Math.max(0, endMs + keepMs - this.nowMs()) + EXPIRY_SLACK_MS);
  }
}

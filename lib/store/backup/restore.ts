/** Puts the rows of a backup into a store, some hundred at a time. */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { SeriesId } from "../directory.ts";
import { dayOf } from "../rows/keys.ts";
import type { Store } from "../store.ts";
import type { BucketType, Tally } from "./lines.ts";
import { isBetter } from "./merge.ts";
import type { BackupRow } from "./read.ts";

/** What became of the rows. */
export interface Restored {
  /** Written. */
  readonly written: Tally;
  /** Left as the store had them, as good or better. */
  held: number;
  /** Older than what the store keeps. */
  old: number;
}

/** Buckets that go into the store together: of one series, type and stretch of days, by time. */
interface Batch {
  readonly type: BucketType;
  readonly series: SeriesId;
  readonly stretch: number;
  readonly buckets: Map<number, Bucket>;
}

/** A day of minutes is 1440 buckets; ten days of quarter-hours, which go in one commit, 960. */
const DAYS: Readonly<Record<BucketType, number>> = { minute: 1, quarter: 10 };

/**
 * One restoring. Where it ends early, what was written stays: every row is whole, and
 * doing it all again is harmless.
 */
export class Restorer {
  readonly restored: Restored = {
    written: { minutes: 0, quarters: 0, records: 0 },
    held: 0,
    old: 0,
  };
  readonly #store: Pick<Store, "read" | "writeSeries" | "records" | "archive">;
  #batch: Batch | null = null;

  constructor(store: Pick<Store, "read" | "writeSeries" | "records" | "archive">) {
    this.#store = store;
  }

  /** @throws {StoreWriteError} where rows could not be stored */
  async put(row: BackupRow): Promise<void> {
    if (row.type === "record") {
      if (await this.#store.records.put(row.record)) this.restored.written.records++;
      else this.restored.old++;
      return;
    }
    const { type, series, bucket } = row;
    const stretch = Math.floor(dayOf(bucket.t) / DAYS[type]);
    const batch = this.#batch;
    if (batch?.series === series && batch.stretch === stretch && batch.type === type) {
      batch.buckets.set(bucket.t, bucket);
      return;
    }
    await this.finish();
    this.#batch = { type, series, stretch, buckets: new Map([[bucket.t, bucket]]) };
  }

  /** Writes what still waits for its fellows. */
  async finish(): Promise<void> {
    const batch = this.#batch;
    this.#batch = null;
    if (!batch) return;
    const firstMs = this.#store.archive.firstMs[batch.type];
    const buckets = [...batch.buckets.values()].filter(({ t }) => t >= firstMs)
      .sort((a, b) => a.t - b.t);
    this.restored.old += batch.buckets.size - buckets.length;
    const written = batch.type === "minute"
      ? await this.#putMinutes(batch.series, buckets)
      : await this.#store.archive.putQuarters(batch.series, buckets);
    this.restored.held += buckets.length - written;
    if (batch.type === "minute") this.restored.written.minutes += written;
    else this.restored.written.quarters += written;
  }

  async #putMinutes(series: SeriesId, buckets: readonly Bucket[]): Promise<number> {
    const [first, last] = [buckets[0], buckets.at(-1)];
    if (!first || !last) return 0;
    const stored = await this.#store.read(series, first.t, last.t + MINUTE_MS);
    const held = new Map(stored.map((bucket) => [bucket.t, bucket]));
    const better = buckets.filter((bucket) => {
      const other = held.get(bucket.t);
      return other === undefined || isBetter(bucket, other);
    });
    if (better.length > 0) await this.#store.writeSeries(series, better);
    return better.length;
  }
}

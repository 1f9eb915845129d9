/** The newest hours: one row per minute (and part) with every series in it. */
import { MINUTE_MS } from "../market/bucket.ts";
import {
  chunks,
  type Key,
  MINUTE_PREFIX,
  minuteKey,
  partOf,
  QUARTERS_KEEP_MS,
} from "./rows/keys.ts";
import type { Retention } from "./rows/retention.ts";
import { type Entries, packRow, RowKind, unpackRow } from "./rows/row.ts";
import { type Change, type Kv, ROWS_PER_COMMIT, type Writer } from "./writer.ts";

/** Buckets of one minute as bytes, by series number. */
export interface MinuteEntries {
  readonly minute: number;
  readonly entries: Entries;
}

/** A stored minute row, not yet checked. */
export interface MinuteRow {
  readonly minute: number;
  readonly part: number;
  readonly key: Key;
  readonly versionstamp: string;
  readonly row: unknown;
}

export class Minutes {
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

  /** Puts the entries into their minutes; other series' entries stay. Minutes are distinct. */
  async write(minutes: Iterable<MinuteEntries>): Promise<void> {
    for (const group of chunks(inParts(minutes), ROWS_PER_COMMIT)) {
      const first = group[0]?.minute ?? 0;
      await this.#writer.update(`minute ${first}`, () => this.#merge(group));
    }
  }

  /** The rows of `[fromMinute, toMinute)`, by minute, then part. */
  async *list(fromMinute: number, toMinute: number): AsyncGenerator<MinuteRow> {
    const range = { start: [MINUTE_PREFIX, fromMinute], end: [MINUTE_PREFIX, toMinute] };
    const listed = this.#kv.list<unknown>(range, { batchSize: 60 });
    for await (const { key, value, versionstamp } of listed) {
      const [, minute, part] = key;
      if (typeof minute !== "number" || typeof part !== "number") continue;
      yield { minute, part, key: minuteKey(minute, part), versionstamp, row: value };
    }
  }

  /** Deletes rows that are still as they were listed; one that changed since stays. */
  async drop(rows: readonly MinuteRow[]): Promise<void> {
    for (const group of chunks(rows, ROWS_PER_COMMIT)) {
      const first = group[0]?.minute ?? 0;
      await this.#writer.update(`the end of minute ${first}`, async () => {
        const stored = await this.#kv.getMany<unknown[]>(group.map(({ key }) => key));
        return group
          .filter(({ versionstamp }, index) => stored[index]?.versionstamp === versionstamp)
          .map(({ key, versionstamp }) => ({ key, value: undefined, versionstamp }));
      });
    }
  }

  async #merge(group: readonly Part[]): Promise<Change[]> {
    const keys = group.map(({ minute, part }) => minuteKey(minute, part));
    const stored = await this.#kv.getMany<unknown[]>(keys);
    return group.map(({ minute, entries }, index) => {
      const held = stored[index];
      const merged = held && held.versionstamp !== null
        ? this.#read(held.value)
        : new Map<number, Uint8Array>();
      for (const [id, bytes] of entries) merged.set(id, bytes);
      return {
        key: keys[index] ?? [],
        value: packRow(RowKind.minute, merged),
        versionstamp: held?.versionstamp ?? null,
        // A minute that missed its roll-up is still worth a quarter-hour's thirty days.
        expireIn: this.#retention.expireIn((minute + 1) * MINUTE_MS, QUARTERS_KEEP_MS),
      };
    });
  }

  #read(row: unknown): Map<number, Uint8Array> {
    const entries = unpackRow(RowKind.minute, row);
    if (!entries) this.#skipped();
    return entries ?? new Map<number, Uint8Array>();
  }
}

interface Part {
  readonly minute: number;
  readonly part: number;
  readonly entries: Entries;
}

function* inParts(minutes: Iterable<MinuteEntries>): Generator<Part> {
  for (const { minute, entries } of minutes) {
    const parts = new Map<number, Map<number, Uint8Array>>();
    for (const [id, bytes] of entries) {
      const part = parts.get(partOf(id)) ?? new Map<number, Uint8Array>();
      parts.set(partOf(id), part.set(id, bytes));
    }
    for (const [part, held] of parts) yield { minute, part, entries: held };
  }
}

/** Small records: settings, watch lists, rules, the outbox. */
import { type Key, RECORD_PREFIX } from "./rows/keys.ts";
import { EXPIRY_SLACK_MS } from "./rows/retention.ts";
import type { Change, Kv, Writer } from "./writer.ts";

export interface StoredRecord {
  readonly key: readonly string[];
  readonly value: unknown;
}

/** A record with all that is kept of it. */
export interface KeptRecord extends StoredRecord {
  /** When its time is over; `null`: never. */
  readonly untilMs: number | null;
}

/** One of several changes that are stored together, or none of them. */
export interface RecordChange {
  readonly key: readonly string[];
  /** `undefined` deletes the record. */
  readonly value: unknown;
  readonly expireInMs?: number;
  /** Only while the record is so; it is given `undefined` where there is none. */
  readonly onlyIf?: (held: unknown) => boolean;
}

/** What is stored: the KV returns rows past their time, so they carry it themselves. */
interface Envelope {
  readonly value: unknown;
  readonly untilMs: number | null;
}

export class Records {
  readonly #kv: Kv;
  readonly #writer: Writer;
  readonly #nowMs: () => number;

  constructor(kv: Kv, writer: Writer, nowMs: () => number) {
    this.#kv = kv;
    this.#writer = writer;
    this.#nowMs = nowMs;
  }

  /** The record's value, or `undefined` where there is none or its time is over. */
  async get(key: readonly string[]): Promise<unknown> {
    const { value } = await this.#kv.get<unknown>(keyOf(key));
    return this.#alive(value)?.value;
  }

  /**
   * Stores a value that JSON can hold, under 64 kB, for `expireInMs` or for ever.
   * @throws {StoreWriteError} where it was not stored
   */
  set(key: readonly string[], value: unknown, expireInMs?: number): Promise<void> {
    const change = expireInMs === undefined ? { key, value } : { key, value, expireInMs };
    return this.#writer.update(
      `the record ${key.join("/")}`,
      () => Promise.resolve([this.#changeOf(change)]),
    );
  }

  /**
   * Stores all the changes at once, or none where one of their conditions does not hold;
   * returns whether it did. At most ten of them may have one (a limit of KV Connect).
   * @throws {StoreWriteError} where they were not stored
   */
  async commit(what: string, changes: readonly RecordChange[]): Promise<boolean> {
    let holds = true;
    await this.#writer.update(what, async () => {
      holds = true;
      const rows: Change[] = [];
      for (const change of changes) {
        const row = this.#changeOf(change);
        if (!change.onlyIf) {
          rows.push(row);
          continue;
        }
        const { value, versionstamp } = await this.#kv.get<unknown>(row.key);
        holds &&= change.onlyIf(this.#alive(value)?.value);
        rows.push({ ...row, versionstamp });
      }
      return holds ? rows : [];
    });
    return holds;
  }

  delete(key: readonly string[]): Promise<void> {
    const change = { key: keyOf(key), value: undefined };
    return this.#writer.update(`the record ${key.join("/")}`, () => Promise.resolve([change]));
  }

  /** The records below a prefix (not the one at it), in key order, or the last ones first. */
  async *list(
    prefix: readonly string[],
    { reverse = false }: { readonly reverse?: boolean } = {},
  ): AsyncGenerator<StoredRecord> {
    const rows = this.#kv.list<unknown>({ prefix: keyOf(prefix) }, { reverse });
    for await (const { key, value } of rows) {
      const envelope = this.#alive(value);
      if (envelope) yield { key: key.slice(1).map(String), value: envelope.value };
    }
  }

  /** Every record whose time is not over, in key order. */
  async *all(): AsyncGenerator<KeptRecord> {
    for await (const { key, value } of this.#kv.list<unknown>({ prefix: [RECORD_PREFIX] })) {
      const envelope = this.#alive(value);
      if (envelope) yield { key: key.slice(1).map(String), ...envelope };
    }
  }

  /** Stores a record as `all` gave it; returns false, and does not, where its time is over. */
  async put({ key, value, untilMs }: KeptRecord): Promise<boolean> {
    const envelope = { value, untilMs } satisfies Envelope;
    if (!this.#alive(envelope)) return false;
    const forEver = { key: keyOf(key), value: envelope };
    const change: Change = untilMs === null
      ? forEver
      : { ...forEver, expireIn: Math.ceil(untilMs - this.#nowMs()) + EXPIRY_SLACK_MS };
    await this.#writer.update(`the record ${key.join("/")}`, () => Promise.resolve([change]));
    return true;
  }

  /** Deletes the records whose time is over at `nowMs`; returns how many. */
  async prune(nowMs: number): Promise<number> {
    let count = 0;
    for await (
      const { key, value, versionstamp } of this.#kv.list<unknown>({ prefix: [RECORD_PREFIX] })
    ) {
      if (!isEnvelope(value) || value.untilMs === null || value.untilMs > nowMs) continue;
      const path = key.map(String);
      await this.#writer.update(`the end of the record ${path.slice(1).join("/")}`, async () => {
        const now = await this.#kv.get(path);
        return now.versionstamp === versionstamp
          ? [{ key: path, value: undefined, versionstamp }]
          : [];
      });
      count++;
    }
    return count;
  }

  #changeOf({ key, value, expireInMs }: RecordChange): Change {
    if (value === undefined) return { key: keyOf(key), value };
    const untilMs = expireInMs === undefined ? null : this.#nowMs() + expireInMs;
    const row = { key: keyOf(key), value: { value, untilMs } satisfies Envelope };
    return expireInMs === undefined
      ? row
      : { ...row, expireIn: Math.ceil(expireInMs) + EXPIRY_SLACK_MS };
  }

  #alive(value: unknown): Envelope | undefined {
    if (!isEnvelope(value)) return undefined;
    return value.untilMs !== null && value.untilMs <= this.#nowMs() ? undefined : value;
  }
}

function keyOf(key: readonly string[]): Key {
  return [RECORD_PREFIX, ...key];
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === "object" && value !== null && "value" in value && "untilMs" in value &&
    (value.untilMs === null || typeof value.untilMs === "number");
}

/**
 * What is to be told and has not arrived yet, kept in the store: every firing arrives,
 * across restarts, kills, limits and lost connections. Telegram knows no idempotence key,
 * so a call whose answer was lost is made again, and says so.
 */
import type { Log } from "../../log.ts";
import type { RecordChange } from "../../store/records.ts";
import type { Book, RuleRecords } from "../run/book.ts";
import { isItem, type Item } from "./firing.ts";
import { Lane, type Posted } from "./lane.ts";
import { chatOf, isOutgoing, OUTGOING, SHUT, WAITING } from "./outbox_rows.ts";

export type { Posted };

export interface OutboxOptions {
  readonly records: RuleRecords;
  readonly book: Pick<Book, "commit" | "isSuperseded">;
  readonly instance: string;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly post: (
    person: string,
    items: readonly Item[],
    repeat: boolean,
    before: () => Promise<void>,
  ) => Promise<Posted>;
  readonly sent: (
    person: string,
    items: readonly Item[],
    messageId: number,
  ) => readonly RecordChange[];
  /** A chat does not take messages any more. */
  readonly shut: (person: string, reason: string) => void;
  readonly log: Log;
}

/** Items that wait for one person; the least severe and newest beyond are dropped, and counted. */
const MOST_WAITING = 2000;
/** What waits for a shut chat is news for three days. */
const KEEP_MS = 72 * 3_600_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly stats = { queued: 0, delivered: 0, repeated: 0, dropped: 0, refused: 0 };
  #signal: AbortSignal | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Reads what an earlier process left. */
  async load(): Promise<void> {
    const { records } = this.#options;
    for await (const { key: [, person], value } of records.list([WAITING])) {
      if (person !== undefined && isItem(value)) this.#laneOf(person)?.add(value);
    }
    for await (const { key: [, person], value } of records.list([OUTGOING])) {
      const lane = person === undefined ? undefined : this.#laneOf(person);
      if (lane && isOutgoing(value)) lane.outgoing = value;
    }
    for await (const { key: [, person], value } of records.list([SHUT])) {
      const lane = person === undefined ? undefined : this.#laneOf(person);
      if (lane) lane.shut = String(value);
    }
  }

  /** Items that have not arrived yet, of all people. */
  get waiting(): number {
    return [...this.#lanes.keys()].reduce((sum, person) => sum + this.waitingFor(person), 0);
  }

  /** Items of one person that have not arrived yet. */
  waitingFor(person: string): number {
    const lane = this.#lanes.get(person);
    return lane ? lane.waiting.length + (lane.outgoing?.items.length ?? 0) : 0;
  }

  /** The changes that store items; `accept` follows when they are stored. */
  changesFor(items: readonly Item[]): RecordChange[] {
    return items.map((item) => ({
      key: [WAITING, item.person, item.id],
      value: item,
      expireInMs: KEEP_MS,
    }));
  }

  /** Items are stored, or could not be: they go out in any case. */
  accept(items: readonly Item[]): void {
    for (const item of items) {
      const lane = this.#laneOf(item.person);
      if (!lane) continue;
      lane.add(item);
      this.stats.queued++;
      if (lane.waiting.length > MOST_WAITING) {
        const dropped = lane.waiting.pop();
        this.stats.dropped++;
        if (dropped) void this.#forget(dropped);
      }
    }
    this.#start();
  }

  /** Stores one item by itself and sends it. */
  async put(item: Item): Promise<void> {
    await this.#commit(this.changesFor([item]), true);
    this.accept([item]);
  }

  /** Why a person's chat is shut; `null` where it is not. */
  shutReason(person: string): string | null {
    return this.#lanes.get(person)?.shut ?? null;
  }

  /** A person was heard from: what waited goes out. */
  async reopen(person: string): Promise<void> {
    const lane = this.#lanes.get(person);
    if (!lane || lane.shut === null) return;
    lane.shut = null;
    await this.#commit([{ key: [SHUT, person], value: undefined }], false);
    this.#start();
  }

  /** Sends until aborted; what is under way then is kept. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start();
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
    this.#signal = null;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.run()));
  }

  #start(): void {
    if (!this.#signal) return;
    for (const lane of this.#lanes.values()) {
      if (lane.isIdle || lane.shut !== null) continue;
      lane.run().catch((error) => {
        this.#options.log.error("outbox stopped", { error });
      });
    }
  }

  #isOver(): boolean {
    return this.#options.book.isSuperseded || (this.#signal?.aborted ?? true);
  }

  #laneOf(person: string): Lane | undefined {
    const held = this.#lanes.get(person);
    if (held) return held;
    if (chatOf(person) === null) return undefined;
    const { instance, nowMs, sleep, post, sent, shut, log } = this.#options;
    const { stats } = this;
    const lane = new Lane({
      person,
      instance,
      nowMs,
      sleep: async (ms) => {
        if (this.#signal) await sleep(ms, this.#signal);
      },
      isOver: () => this.#isOver(),
      commit: (changes, guarded) => this.#commit(changes, guarded),
      post(items, repeat, before) {
        if (repeat) stats.repeated++;
        return post(person, items, repeat, before);
      },
      sent(items, messageId) {
        stats.delivered += items.length;
        return sent(person, items, messageId);
      },
      faulty(reason) {
        log.rateLimited("outbox fault", 60_000, nowMs())?.error("message not sent yet", { reason });
      },
      failed(why, reason, items) {
        log.warn(why === "shut" ? "chat is shut" : "message refused", { person, reason });
        if (why === "shut") return shut(person, reason);
        stats.refused += items.length;
      },
    });
    this.#lanes.set(person, lane);
    return lane;
  }

  async #forget({ person, id }: Item): Promise<void> {
    await this.#commit([{ key: [WAITING, person, id], value: undefined }], true);
  }

  /**
   * `false` where a newer process has taken over. A store that cannot be written holds
   * nothing up: what is in memory goes out, and the log says that a restart may lose it.
   */
  async #commit(changes: readonly RecordChange[], guarded: boolean): Promise<boolean> {
    const { records, book, log, nowMs } = this.#options;
    try {
      return guarded
        ? await book.commit("the outbox", changes)
        : await records.commit("the outbox", changes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.rateLimited("outbox", 60_000, nowMs())?.error("outbox not stored", { reason });
      return true;
    }
  }
}

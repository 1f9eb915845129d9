/**
 * One person's messages: what waits is put into a message, the most severe first; the
 * message is kept while it goes out, so that a kill between any two steps loses nothing.
 *
 *     waiting ──▶ ready ──▶ sending ──answered──▶ gone
 *                   ▲          └─ 429, refused connection ─▶ ready, as it is
 *                   └──────────── lost connection, kill ───▶ ready, marked (repeat)
 */
import type { RecordChange } from "../../store/records.ts";
import type { Item } from "./firing.ts";
import { LINES } from "./card.ts";
import { OUTGOING, type Outgoing, SHUT, WAITING } from "./outbox_rows.ts";

/** What became of a call; see the bot's `Posted`. */
export type Posted =
  | { readonly kind: "sent"; readonly messageId: number }
  | { readonly kind: "limited"; readonly waitMs: number }
  | { readonly kind: "unsent" | "unknown" | "shut" | "refused"; readonly reason: string };

export interface LaneOptions {
  readonly person: string;
  /** Names this process. */
  readonly instance: string;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isOver: () => boolean;
  /** Stores changes together; `false` where a newer process has taken over. */
  readonly commit: (changes: readonly RecordChange[], guarded: boolean) => Promise<boolean>;
  readonly post: (
    items: readonly Item[],
    repeat: boolean,
    before: () => Promise<void>,
  ) => Promise<Posted>;
  /** Told what arrived, and returns what is to be stored with it. */
  readonly sent: (items: readonly Item[], messageId: number) => readonly RecordChange[];
  /** Told of what never will arrive, and of a chat that is shut. */
  readonly failed: (why: "refused" | "shut", reason: string, items: readonly Item[]) => void;
  /** Told of what went wrong here; it is tried again. */
  readonly faulty: (reason: string) => void;
}

/** Firings that come within this time of a message go out together. */
const GROUP_MS = 5_000;
/**
 * A call of a process before this one may still be answered; and a process that is about
 * to die again should not put the same message in doubt twice.
 */
const HANDOVER_MS = 3_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export class Lane {
  readonly waiting: Item[] = [];
  outgoing: Outgoing | null = null;
  /** Why nothing goes out; `null` while it does. */
  shut: string | null = null;
  readonly #options: LaneOptions;
  #running: Promise<void> | null = null;
  #sentMs = -Infinity;
  readonly #startedMs: number;
  #failures = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#startedMs = options.nowMs();
  }

  /** Puts an item in its place: by severity, then by time. */
  add(item: Item): void {
    let at = this.waiting.length;
    while (at > 0 && (this.waiting[at - 1]?.id ?? "") > item.id) at--;
    this.waiting.splice(at, 0, item);
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.outgoing === null;
  }

  /** Sends until nothing waits; resolves then. Calls that overlap are one. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // Only from here on there is something to be taken back below.
    await Promise.resolve();
    try {
      // Looked at and ended in one step: what is added after it begins a run of its own.
      while (!this.isIdle && !this.#options.isOver() && this.shut === null) {
        if (this.outgoing !== null || await this.#compose()) await this.#send();
      }
    } finally {
      this.#running = null;
    }
  }

  /** Makes a message of what waits; `false` where nothing does. */
  async #compose(): Promise<boolean> {
    const { person, instance, nowMs, sleep, commit, isOver } = this.#options;
    if (this.waiting.length === 0) return false;
    const waitMs = this.#sentMs + GROUP_MS - nowMs();
    const grouped = this.waiting.length < LINES && this.waiting[0]?.kind === "firing";
    if (grouped && waitMs > 0) await sleep(Math.min(waitMs, GROUP_MS));
    if (isOver()) return true;
    const [first] = this.waiting;
    if (!first) return false;
    // A note is a message of its own.
    const count = first.kind === "note"
      ? 1
      : Math.min(LINES, firstNote(this.waiting), this.waiting.length);
    const items = this.waiting.slice(0, count);
    const outgoing: Outgoing = {
      ...{ items, state: "ready", repeat: false, by: instance, sinceMs: nowMs() },
    };
    const moved = await commit([
      ...items.map(({ id }) => ({ key: [WAITING, person, id], value: undefined })),
      { key: [OUTGOING, person], value: outgoing },
    ], true);
    if (!moved) return true;
    const taken = new Set(items.map(({ id }) => id));
    this.waiting.splice(0, Infinity, ...this.waiting.filter(({ id }) => !taken.has(id)));
    this.outgoing = outgoing;
    return true;
  }

  async #send(): Promise<void> {
    const { nowMs, sleep, instance, isOver, post } = this.#options;
    let outgoing = this.outgoing;
    if (outgoing?.state === "sending" && outgoing.by !== instance) {
      const waitMs = Math.max(outgoing.sinceMs, this.#startedMs) + HANDOVER_MS - nowMs();
      if (waitMs > 0) await sleep(Math.min(waitMs, HANDOVER_MS));
      outgoing = { ...outgoing, repeat: true };
    }
    if (!outgoing || isOver()) return;
    const { items, repeat } = outgoing;
    let [mine, begun] = [true, false];
    const posted = await post(items, repeat, async () => {
      mine = await this.#keep({ items, state: "sending", repeat });
      if (!mine) throw new Error("Cannot send: a newer process has taken over");
      begun = true;
    }).catch((error): Posted => {
      if (!mine) return { kind: "unsent", reason: "a newer process has taken over" };
      // A fault of ours, as where a setting cannot be read: what waits must not wait for ever.
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.faulty(reason);
      return { kind: begun ? "unknown" : "unsent", reason };
    });
    if (mine) await this.#settle(posted, items, repeat);
  }

  async #settle(posted: Posted, items: readonly Item[], repeat: boolean): Promise<void> {
    const { person, nowMs, sleep, commit, sent, failed } = this.#options;
    const gone = { key: [OUTGOING, person], value: undefined };
    switch (posted.kind) {
      case "sent":
        this.outgoing = null;
        this.#sentMs = nowMs();
        this.#failures = 0;
        // Even a process that was taken over from says what has arrived.
        await commit([gone, ...sent(items, posted.messageId)], false);
        return;
      case "refused":
        this.outgoing = null;
        await commit([gone], false);
        return failed("refused", posted.reason, items);
      case "shut":
        this.shut = posted.reason;
        await this.#keep({ items, state: "ready", repeat });
        await commit([{ key: [SHUT, person], value: posted.reason }], true);
        return failed("shut", posted.reason, items);
      case "limited":
      case "unsent":
        await this.#keep({ items, state: "ready", repeat });
        return await sleep(posted.kind === "limited" ? posted.waitMs : this.#backOffMs());
      case "unknown":
        await this.#keep({ items, state: "ready", repeat: true });
        return await sleep(this.#backOffMs());
    }
  }

  async #keep(more: Pick<Outgoing, "items" | "state" | "repeat">): Promise<boolean> {
    const { person, instance, nowMs, commit } = this.#options;
    this.outgoing = { ...more, by: instance, sinceMs: nowMs() };
    return await commit([{ key: [OUTGOING, person], value: this.outgoing }], true);
  }

  #backOffMs(): number {
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
  }
}

function firstNote(items: readonly Item[]): number {
  const index = items.findIndex(({ kind }) => kind === "note");
  return index < 0 ? items.length : index;
}

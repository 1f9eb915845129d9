/** Cards are edited 15 and 60 minutes later with what the price did since. */
import type { RecordChange } from "../../store/records.ts";
import { isRecord } from "../run/armed.ts";
import type { RuleRecords } from "../run/book.ts";
import type { After } from "./card.ts";
import { type Firing, isItem } from "./firing.ts";
import type { Posted } from "./lane.ts";

const KEY = "alert-follow";
/** Minutes after the firing. */
const LOOKS = [15, 60];
const MINUTE_MS = 60_000;
/** A look that could not be had by then is left out. */
const GIVE_UP_MS = 30 * MINUTE_MS;
/** Messages followed at a time; the oldest beyond are left as they are. */
const MOST = 300;

interface Followed {
  readonly id: string;
  readonly person: string;
  readonly messageId: number;
  readonly firings: readonly Firing[];
  readonly after: readonly After[];
}

export interface FollowOptions {
  readonly records: RuleRecords;
  /** Price of an asset at a time; `null` unknown. */
  readonly priceAt: (asset: string, timeMs: number) => Promise<number | null>;
  readonly edit: (
    person: string,
    messageId: number,
    firings: readonly Firing[],
    after: readonly After[],
  ) => Promise<Posted>;
}

export class Follow {
  readonly #options: FollowOptions;
  readonly #followed = new Map<string, Followed>();
  /** Until then a chat is left alone, for Telegram said so. */
  readonly #waitMs = new Map<string, number>();

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for await (const { key: [, id], value } of this.#options.records.list([KEY])) {
      if (id === undefined || !isRecord(value)) continue;
      const { person, messageId, firings, after } = value;
      if (typeof person !== "string" || typeof messageId !== "number") continue;
      if (!Array.isArray(firings) || !Array.isArray(after)) continue;
      const kept = firings.filter((one): one is Firing => isItem(one) && one.kind === "firing");
      this.#followed.set(id, {
        id,
        person,
        messageId,
        firings: kept,
        after: after.filter(isAfter),
      });
    }
  }

  /** Follows a message from now on; returns what is to be stored of it. */
  add(person: string, messageId: number, firings: readonly Firing[]): RecordChange[] {
    const [first] = firings;
    if (!first || firings.every(({ price }) => price === null)) return [];
    const followed = { id: `${first.id}-${person}`, person, messageId, firings, after: [] };
    this.#followed.set(followed.id, followed);
    const over = [...this.#followed.keys()].slice(0, Math.max(0, this.#followed.size - MOST));
    for (const id of over) this.#followed.delete(id);
    return [
      ...over.map((id) => ({ key: [KEY, id], value: undefined })),
      { key: [KEY, followed.id], value: followed },
    ];
  }

  /** Edits what is due; one message at a time, for they share Telegram's limits with the rest. */
  async tick(nowMs: number): Promise<void> {
    for (const followed of [...this.#followed.values()]) {
      const minutes = LOOKS[followed.after.length];
      const dueMs = atOf(followed) + (minutes ?? 0) * MINUTE_MS;
      if (minutes !== undefined && nowMs < dueMs) continue;
      if (nowMs < (this.#waitMs.get(followed.person) ?? 0) && nowMs <= dueMs + GIVE_UP_MS) continue;
      if (minutes === undefined || nowMs > dueMs + GIVE_UP_MS) {
        await this.#forget(followed);
        continue;
      }
      const looked = {
        ...followed,
        after: [...followed.after, await this.#look(followed, minutes)],
      };
      const { person, messageId, firings, after } = looked;
      const posted = await this.#options.edit(person, messageId, firings, after);
      if (posted.kind === "limited") {
        this.#waitMs.set(person, nowMs + posted.waitMs);
        continue;
      }
      this.#waitMs.delete(person);
      // Telegram is not there for anybody.
      if (posted.kind === "unsent" || posted.kind === "unknown") return;
      if (posted.kind !== "sent" || after.length >= LOOKS.length) await this.#forget(followed);
      else await this.#keep(looked);
    }
  }

  async #look({ firings, ...followed }: Followed, minutes: number): Promise<After> {
    const changes: Record<string, number | null> = {};
    const prices = new Map<string, number | null>();
    const timeMs = atOf({ firings, ...followed }) + minutes * MINUTE_MS;
    for (const { id, asset, price } of firings) {
      let now = prices.get(asset);
      if (now === undefined) {
        now = await this.#options.priceAt(asset, timeMs);
        prices.set(asset, now);
      }
      changes[id] = now === null || price === null || !(price > 0) ? null : now / price - 1;
    }
    return { minutes, changes };
  }

  async #keep(followed: Followed): Promise<void> {
    this.#followed.set(followed.id, followed);
    await this.#options.records.set([KEY, followed.id], followed);
  }

  async #forget({ id }: Followed): Promise<void> {
    this.#followed.delete(id);
    await this.#options.records.delete([KEY, id]);
  }
}

function atOf({ firings }: Pick<Followed, "firings">): number {
  return Math.max(0, ...firings.map(({ atMs }) => atMs));
}

function isAfter(value: unknown): value is After {
  return isRecord(value) && typeof value.minutes === "number" && isRecord(value.changes) &&
    Object.values(value.changes).every((one) => one === null || typeof one === "number");
}

/** The morning note: one command a day at a local time, asked for a person. */
import type { Reply } from "../../reply/command.ts";
import type { Zone } from "../../reply/zone.ts";
import { isRecord } from "../run/armed.ts";
import type { Book, RuleRecords } from "../run/book.ts";
import { itemId, type Note } from "./firing.ts";
import type { Outbox } from "./outbox.ts";
import { localTime } from "./quiet.ts";

const KEY = "alert-daily";
/** After a break it still comes within this; later it would be no morning note. */
const LATE_MINUTES = 90;

export interface DailyOptions {
  readonly records: RuleRecords;
  readonly book: Pick<Book, "commit">;
  readonly outbox: Pick<Outbox, "changesFor" | "accept">;
  readonly mayHear: (person: string) => boolean;
  readonly zoneOf: (person: string) => Promise<Zone>;
  /** The note itself. */
  readonly write: (person: string) => Promise<Reply>;
}

interface Daily {
  readonly minute: number;
  /** Local day of the newest note. */
  readonly day: number;
}

export class DailyNotes {
  readonly #options: DailyOptions;
  readonly #people = new Map<string, Daily>();

  constructor(options: DailyOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for await (const { key: [, person], value } of this.#options.records.list([KEY])) {
      if (person === undefined || !isRecord(value)) continue;
      const { minute, day } = value;
      if (typeof minute !== "number" || typeof day !== "number") continue;
      this.#people.set(person, { minute, day });
    }
  }

  /** Local minute of a person's note; `null` for none. */
  minuteOf(person: string): number | null {
    return this.#people.get(person)?.minute ?? null;
  }

  /** The first note comes at the next such minute. */
  async set(person: string, minute: number | null, nowMs: number): Promise<void> {
    const { records, zoneOf } = this.#options;
    if (minute === null) {
      this.#people.delete(person);
      return await records.delete([KEY, person]);
    }
    const local = localTime(nowMs, await zoneOf(person));
    const daily = { minute, day: local.minute >= minute ? local.day : local.day - 1 };
    this.#people.set(person, daily);
    await records.set([KEY, person], daily);
  }

  /**
   * Writes the notes that are due; any rate from once a minute on is right. One that fails
   * holds up no other, and the next round tries it again.
   */
  async tick(nowMs: number): Promise<void> {
    const failures: unknown[] = [];
    for (const [person, daily] of this.#people) {
      try {
        await this.#note(person, daily, nowMs);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #note(person: string, daily: Daily, nowMs: number): Promise<void> {
    const { book, outbox, mayHear, zoneOf, write } = this.#options;
    if (!mayHear(person)) return;
    const local = localTime(nowMs, await zoneOf(person));
    if (local.day <= daily.day || local.minute < daily.minute) return;
    const items: Note[] = [];
    if (local.minute < daily.minute + LATE_MINUTES) {
      const { html, buttons = [] } = await write(person);
      const id = itemId("normal", nowMs, local.day);
      items.push({
        ...{ kind: "note", id, person, html, severity: "normal", atMs: nowMs, buttons },
      });
    }
    // Changed or taken back while the note was written: the next round sees to that.
    if (this.#people.get(person) !== daily) return;
    const next = { ...daily, day: local.day };
    // Together, so that a restart neither leaves a note out nor writes it twice.
    const stored = await book.commit("the morning note", [
      { key: [KEY, person], value: next },
      ...outbox.changesFor(items),
    ]);
    if (this.#people.get(person) === daily) this.#people.set(person, next);
    if (stored) outbox.accept(items);
  }
}

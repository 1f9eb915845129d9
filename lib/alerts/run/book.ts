/** The armed rules of all people, and where they are kept. */
import type { RecordChange, Records } from "../../store/records.ts";
import type { Rule } from "../rule/rule.ts";
import { type Armed, fromRecord, newlyArmed, toRecord } from "./armed.ts";

export type RuleRecords = Pick<Records, "get" | "set" | "delete" | "list" | "commit">;

const KEY = "alert";
/** The number of a person's newest rule, with what else is kept of them: no name is given twice. */
const NEWEST_KEY = "newest-rule";
/** Under this name stands who evaluates and sends: the last process that started. */
export const ENGINE_KEY = ["alert-engine"] as const;
/** Up to which minute's end rules were judged. */
const JUDGED_KEY = ["alert-judged"] as const;
/** Rules of one person, and of all. */
export const MOST_RULES = 1000;
export const MOST_IN_ALL = 5000;
/** Rules written at once: a record with many places is some kB. */
const AT_ONCE = 40;

export class Book {
  readonly #records: RuleRecords;
  readonly #instance: string;
  readonly #rules = new Map<string, Armed>();
  readonly #newest = new Map<string, number>();
  /** Records that this version could not read; they stay as they are. */
  unread = 0;
  /** A newer process evaluates and sends now: this one has nothing to say any more. */
  isSuperseded = false;
  /** Up to here minutes have been judged, by this process or the one before it. */
  judgedMs: number | null = null;
  #judgedKeptMs: number | null = null;
  /** Counts up with every change of what is armed. */
  version = 0;

  constructor(records: RuleRecords, instance: string) {
    this.#records = records;
    this.#instance = instance;
  }

  /** Reads all rules; from now on no other book that was loaded before can change them. */
  async load(): Promise<void> {
    await this.#records.set(ENGINE_KEY, this.#instance);
    const judgedMs = await this.#records.get(JUDGED_KEY);
    if (typeof judgedMs === "number") this.judgedMs = this.#judgedKeptMs = judgedMs;
    for await (const { key: [, person, id], value } of this.#records.list([KEY])) {
      if (person === undefined || id === undefined) continue;
      this.#count(person, id);
      const armed = fromRecord(person, id, value);
      if (armed) this.#rules.set(keyOf(person, id), armed);
      else this.unread++;
    }
    for await (const { key: [, person, name], value } of this.#records.list(["asker"])) {
      if (person === undefined || name !== NEWEST_KEY || typeof value !== "number") continue;
      this.#count(person, `a${value}`);
    }
    this.version++;
  }

  get size(): number {
    return this.#rules.size;
  }

  all(): Iterable<Armed> {
    return this.#rules.values();
  }

  /** Everybody who has a rule. */
  people(): readonly string[] {
    return [...new Set([...this.#rules.values()].map(({ person }) => person))];
  }

  of(person: string): Armed[] {
    return [...this.#rules.values()].filter((armed) => armed.person === person);
  }

  find(person: string, id: string): Armed | undefined {
    return this.#rules.get(keyOf(person, id.toLowerCase()));
  }

  /** Arms a rule; `null` where the person, or all together, have too many. */
  async add(person: string, rule: Rule, nowMs: number): Promise<Armed | null> {
    if (this.of(person).length >= MOST_RULES || this.size >= MOST_IN_ALL) return null;
    const number = (this.#newest.get(person) ?? 0) + 1;
    const armed = newlyArmed(`a${number}`, person, rule, nowMs);
    this.#newest.set(person, number);
    this.#rules.set(keyOf(person, armed.id), armed);
    try {
      await this.save(armed);
    } catch (error) {
      // Who is told that it failed must not find it listed until the next restart.
      this.#rules.delete(keyOf(person, armed.id));
      throw error;
    }
    this.version++;
    return armed;
  }

  /** Disarms a rule; where that cannot be stored it stays armed. */
  async remove(armed: Armed): Promise<void> {
    const key = keyOf(armed.person, armed.id);
    // First here: what is judged meanwhile must not store it again.
    this.#rules.delete(key);
    this.version++;
    try {
      await this.#keep(armed);
    } catch (error) {
      this.#rules.set(key, armed);
      this.version++;
      throw error;
    }
  }

  async save(armed: Armed): Promise<void> {
    try {
      await this.#keep(armed);
    } catch (error) {
      armed.dirty = true;
      throw error;
    }
  }

  /** @throws {Error} where it was not stored: rules are those of the process that judges them */
  async #keep(armed: Armed): Promise<void> {
    const { person, id } = armed;
    // With a deletion, too: a store of before has no number yet.
    const newest = { key: ["asker", person, NEWEST_KEY], value: this.#newest.get(person) };
    if (await this.commit(`the rule ${id}`, [this.changeOf(armed), newest])) return;
    throw new Error("Cannot change alert rules: a newer process has taken over; ask it");
  }

  /** The change that stores a rule together with what came of it. */
  changeOf(armed: Armed) {
    armed.dirty = false;
    const held = this.#rules.get(keyOf(armed.person, armed.id)) === armed;
    const key = [KEY, armed.person, armed.id];
    return { key, value: held ? toRecord(armed) : undefined };
  }

  /** Stores changes together; `false`, and nothing is stored, where a newer process has taken over. */
  async commit(what: string, changes: readonly RecordChange[]): Promise<boolean> {
    const value = this.#instance;
    const guard = { key: ENGINE_KEY, value, onlyIf: (held: unknown) => held === value };
    const mine = await this.#records.commit(what, [guard, ...changes]);
    if (!mine) this.isSuperseded = true;
    return mine;
  }

  /** Writes what changed without firing. */
  async flush(): Promise<void> {
    const dirty = [...this.#rules.values()].filter((armed) => armed.dirty);
    for (let i = 0; i < dirty.length; i += AT_ONCE) {
      const some = dirty.slice(i, i + AT_ONCE);
      const changes = some.map((armed) => this.changeOf(armed));
      try {
        await this.commit("alert rules", changes);
        if (this.isSuperseded) return;
      } catch (error) {
        for (const armed of some) armed.dirty = true;
        throw error;
      }
    }
    await this.#keepJudged();
  }

  /** Behind the rules: a minute that is judged again does no harm, one left out would. */
  async #keepJudged(): Promise<void> {
    const { judgedMs } = this;
    if (judgedMs === null || judgedMs === this.#judgedKeptMs) return;
    await this.commit("what was judged", [{ key: JUDGED_KEY, value: judgedMs }]);
    this.#judgedKeptMs = judgedMs;
  }

  #count(person: string, id: string): void {
    const number = Number(/^a(\d+)$/.exec(id)?.[1] ?? 0);
    this.#newest.set(person, Math.max(number, this.#newest.get(person) ?? 0));
  }
}

function keyOf(person: string, id: string): string {
  return `${person} ${id}`;
}

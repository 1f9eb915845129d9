// This module is pure.
/**
 * Which trades of a series are new: by the venue's sequence where it has one, which also
 * shows every hole, else by a bounded memory of recent ids.
 */
import type { Coverage, Hole } from "./coverage.ts";
import { RecentIds } from "./recent_ids.ts";
import { type IdGap, Sequence } from "./sequence.ts";

/** Trades come no later than this; an id seen to be missing is of no earlier time. */
const LATE_MS = 1_000;

export class TradeIds {
  /** Holes seen in the sequence since the start. */
  gaps = 0;
  readonly #sequence: Sequence | null;
  #recent: RecentIds | null;
  readonly #coverage: Coverage;
  readonly #holes = new WeakMap<IdGap["jump"], Hole>();
  #restored = false;
  /** Ids without order are all remembered from here on, as far as memory reaches. */
  #knownFromMs: number | null = null;

  constructor(sequential: boolean, coverage: Coverage) {
    this.#sequence = sequential ? new Sequence() : null;
    this.#recent = sequential ? null : new RecentIds();
    this.#coverage = coverage;
  }

  /** Newest id of a sequence; `null` before the first, and where ids have no order. */
  get lastId(): number | null {
    return this.#sequence?.lastId ?? null;
  }

  /** Takes an id; `false` where its trade was taken before. Holes go to the coverage. */
  take(id: number, timeMs: number): boolean {
    if (this.#recent) {
      // What traded before the return may be in a stored row, whose ids we do not know.
      if (this.#restored && timeMs < (this.#knownFromMs ?? 0)) return false;
      return this.#recent.add(id);
    }
    const seen = this.#sequence?.see(id, timeMs);
    if (!seen || seen.verdict === "next") return true;
    if (seen.verdict === "repeat") return false;
    if (seen.verdict === "jumped") this.gaps++;
    if (!seen.gap) return true;
    const { jump, fromMs, toMs } = seen.gap;
    if (seen.verdict === "jumped") this.#holes.set(jump, this.#coverage.open(fromMs, toMs));
    else this.#coverage.close(this.#holes.get(jump) ?? []);
    return true;
  }

  /** Whether an id was taken before, as far as is remembered. */
  has(id: number): boolean {
    if (this.#recent) return this.#recent.has(id);
    const { lastId, gaps } = this.#sequence ?? { lastId: null, gaps: [] };
    const missing = gaps.some((gap) => id >= gap.fromId && id <= gap.toId);
    return lastId !== null && id <= lastId && !missing;
  }

  /** Remembers an id whose trade is in a rebuilt minute; later copies of it are repeats. */
  note(id: number): void {
    this.#recent?.add(id);
  }

  /** Continue after a stored trade. */
  resume(lastId: number, lastMs: number): void {
    this.#sequence?.resume(lastId, lastMs);
  }

  /** Minutes were read back from the store. */
  restored(): void {
    this.#restored = true;
  }

  /** The stream delivers from `nowMs` on; only the first call since the start counts. */
  begin(nowMs: number): void {
    this.#knownFromMs ??= nowMs;
  }

  /** Nothing is known of the trades before a time but that they are in stored rows. */
  beginAt(timeMs: number): void {
    if (this.#recent) this.#recent = new RecentIds();
    const { lastId } = this;
    // A trade that the stored rows lack may be of the minute before.
    if (lastId !== null) this.#sequence?.resume(lastId, timeMs - LATE_MS);
    this.#restored = true;
    this.#knownFromMs = timeMs;
  }

  /** Whether a print of that time, had it come, would be remembered. */
  knownAt(timeMs: number): boolean {
    return this.#knownFromMs !== null && timeMs >= this.#knownFromMs;
  }
}

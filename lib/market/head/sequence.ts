// This module is pure.
/**
 * Trade ids that grow by one per symbol (Binance `a`): what is new, what is a repeat,
 * and what was skipped. The skipped ids are kept as spans, so a trade that comes late
 * fills its hole and a second copy of it does not.
 */

/** Ids `fromId … toId` are missing; they were traded between two times we know. */
export interface IdGap {
  readonly fromId: number;
  readonly toId: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** How many ids of the jump are still missing; the pieces that are left of it share this. */
  readonly jump: { missing: number };
}

/** More holes than this at once is a broken feed: the oldest are given up to repair. */
const MAX_GAPS = 64;
/** No venue trades so often that a cut of hours skips more. */
const MAX_JUMP = 10_000_000;
/** An old id this much newer than the newest trade is no repeat. */
const NEWER_MS = 1_000;
/** One id that cannot be is garbage; so many in a row are a venue that counts anew. */
const OUT_OF_LINE = 5;

/** What an id was, before it was taken: `gap` is what it opened or closed. */
export interface Seen {
  readonly verdict: "next" | "repeat" | "jumped" | "filled";
  /** With `jumped`: the span skipped. With `filled`: the last piece, if this id completed the jump. */
  readonly gap: IdGap | null;
}

const NEXT: Seen = { verdict: "next", gap: null };
const REPEAT: Seen = { verdict: "repeat", gap: null };

export class Sequence {
  /** The id expected next; `null` before the first. */
  #expected: number | null = null;
  #lastMs = 0;
  #outOfLine = 0;
  readonly #gaps: IdGap[] = [];

  get lastId(): number | null {
    return this.#expected === null ? null : this.#expected - 1;
  }

  /** Spans still missing, oldest first. */
  get gaps(): readonly IdGap[] {
    return this.#gaps;
  }

  /** Continue after a stored id, so that the first live trade shows what was missed. */
  resume(lastId: number, lastMs: number): void {
    this.#expected = lastId + 1;
    this.#lastMs = lastMs;
    this.#gaps.length = 0;
  }

  /** Take an id that traded at `timeMs`. */
  see(id: number, timeMs: number): Seen {
    const expected = this.#expected;
    if (expected === null || id === expected) {
      this.#outOfLine = 0;
      this.#expected = id + 1;
      this.#lastMs = timeMs;
      return NEXT;
    }
    if (id < expected) {
      const filled = this.#fill(id);
      if (filled || timeMs <= this.#lastMs + NEWER_MS) return filled ?? REPEAT;
    }
    const inLine = id > expected && id - expected <= MAX_JUMP;
    if (!inLine && ++this.#outOfLine < OUT_OF_LINE) return REPEAT;
    return this.#jump(inLine ? expected : id, id, timeMs);
  }

  /** Ids from `fromId` on were skipped; none are known to be where the venue counts anew. */
  #jump(fromId: number, id: number, timeMs: number): Seen {
    const times = { fromMs: Math.min(this.#lastMs, timeMs), toMs: timeMs };
    const gap = { fromId, toId: id - 1, ...times, jump: { missing: id - fromId } };
    if (this.#gaps.length === MAX_GAPS) this.#gaps.shift();
    if (fromId < id) this.#gaps.push(gap);
    this.#outOfLine = 0;
    this.#expected = id + 1;
    this.#lastMs = timeMs;
    return { verdict: "jumped", gap };
  }

  #fill(id: number): Seen | null {
    const index = this.#gaps.findIndex((gap) => id >= gap.fromId && id <= gap.toId);
    const gap = this.#gaps[index];
    if (!gap) return null;
    gap.jump.missing--;
    // A hole in the middle of a span leaves two pieces of the same jump.
    const rest = [{ ...gap, toId: id - 1 }, { ...gap, fromId: id + 1 }]
      .filter(({ fromId, toId }) => fromId <= toId);
    this.#gaps.splice(index, 1, ...rest);
    // A piece that is given up is never completed: its jump stays open for good.
    while (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
    return { verdict: "filled", gap: gap.jump.missing === 0 ? gap : null };
  }
}

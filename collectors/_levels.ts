// This module is pure.
/**
 * Book levels, `[["64000.1","0.5"],…]`, read from the text of a frame. Most of what a venue sends
 * are these: as JSON each decimal would become a string, and V8 puts short strings of JSON
 * among the old objects, each only once: at 20 symbols of four venues 3 MB until the next
 * collection, and a table of them of 1 MB. Read so, a frame of 40 levels takes 3.6 µs, not 9.
 */
import type { Level } from "../lib/market/events.ts";

/** The lists of levels of one frame, in order. */
export type LevelLists = readonly (readonly Level[])[];

/** A frame as JSON in which each list of levels is its number among `lists`. */
export interface CutFrame {
  readonly rest: string;
  readonly lists: LevelLists;
}

const BEGINNING = '[["';
const [ZERO, NINE, DOT, QUOTE, COMMA, CLOSE] = [0x30, 0x39, 0x2e, 0x22, 0x2c, 0x5d];

/** So many digits are a whole number that a double holds, and so is this power of ten. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

/** `null` where a frame has no levels, or they are not all pairs of decimals: it is JSON then. */
export function cutLevels(frame: string): CutFrame | null {
  let at = frame.indexOf(BEGINNING);
  if (at < 0) return null;
  const reader = new LevelReader(frame);
  const lists: (readonly Level[])[] = [];
  let rest = "";
  let from = 0;
  for (; at >= 0; at = frame.indexOf(BEGINNING, from)) {
    const list = reader.listAt(at);
    if (list === null) return null;
    rest += frame.slice(from, at) + lists.length;
    lists.push(list);
    from = reader.end;
  }
  return { rest: rest + frame.slice(from), lists };
}

class LevelReader {
  readonly #text: string;
  /** Behind what was read. */
  end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The list that begins at a place; `null` where it is another one. */
  listAt(from: number): Level[] | null {
    const levels: Level[] = [];
    this.end = from + 1;
    // `["64000.1","0.5"]`, then a comma or the end.
    for (;;) {
      if (!this.#has("[") || !this.#has('"')) return null;
      const price = this.#decimal();
      if (!this.#has(",") || !this.#has('"')) return null;
      const size = this.#decimal();
      if (price !== price || size !== size || !this.#has("]")) return null;
      levels.push([price, size]);
      const next = this.#text.charCodeAt(this.end++);
      if (next === CLOSE) return levels;
      if (next !== COMMA) return null;
    }
  }

  #has(character: string): boolean {
    return this.#text[this.end++] === character;
  }

  /** What `Number` makes of the digits up to a quote, which is passed; NaN where there are others. */
  #decimal(): number {
    const from = this.end;
    // One by one: as a list they would be one for each decimal.
    let value = 0;
    let digits = 0;
    let fraction = -1;
    for (;;) {
      const code = this.#text.charCodeAt(this.end++);
      if (code >= ZERO && code <= NINE) {
        value = value * 10 + code - ZERO;
        digits++;
        if (fraction >= 0) fraction++;
      } else if (code === DOT && fraction < 0) fraction = 0;
      else if (code === QUOTE) break;
      else return NaN;
    }
    if (digits === 0) return NaN;
    // Of two numbers that a double holds the quotient is the nearest double.
    if (digits <= EXACT_DIGITS) return value / (POWERS[Math.max(0, fraction)] ?? 1);
    return Number(this.#text.slice(from, this.end - 1));
  }
}

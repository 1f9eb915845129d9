// This module is pure.
/**
 * A long JSON list, read row by row while it comes. A venue lists all its markets in one body
 * of some megabytes, of which a few fields are wanted: decoded as a whole that is 50 MB of
 * heap for a moment, and 15 MB of it never go back to the system.
 */

/** Which list of a body is long, and what of its rows is kept. */
export interface LongList {
  /** The property that it is, at any depth; `null` where the body itself is the list. */
  readonly name: string | null;
  /** Other fields of a row are left out. */
  readonly fields: readonly string[];
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = { open: 0x5b, close: 0x5d } as const;
const RECORD = { open: 0x7b, close: 0x7d } as const;

/** A name, its colon and some blanks are within so many characters before its list. */
const BEFORE_CHARS = 100;

export class JsonRows {
  readonly #list: LongList;
  readonly #rows: unknown[] = [];
  /** The body as far as it is not rows. */
  #rest = "";
  /** What has come of the row under way. */
  #part = "";
  /** Brackets that are open, in the row while there are rows. */
  #depth = 0;
  #state: "before" | "rows" | "after" = "before";
  #inText = false;
  #escaped = false;

  constructor(list: LongList) {
    this.#list = list;
  }

  /**
   * Takes the next piece of the body.
   * @throws {SyntaxError} where a row is no JSON
   */
  add(piece: string): void {
    let from = 0;
    for (let at = 0; at < piece.length && this.#state !== "after"; at++) {
      const code = piece.charCodeAt(at);
      if (this.#inText) this.#readText(code);
      else if (code === QUOTE) this.#inText = true;
      else if (this.#state === "before") {
        if (code !== LIST.open || !this.#opens(piece.slice(from, at))) continue;
        this.#rest += piece.slice(from, at + 1);
        from = at + 1;
        this.#state = "rows";
      } else if (code === LIST.open || code === RECORD.open) this.#depth++;
      else if (this.#depth > 0) {
        if (code === LIST.close || code === RECORD.close) this.#depth--;
      } else if (code === COMMA || code === LIST.close) {
        this.#end(piece.slice(from, at), code === LIST.close);
        from = code === LIST.close ? at : at + 1;
      }
    }
    if (this.#state === "rows") this.#part += piece.slice(from);
    else this.#rest += piece.slice(from);
  }

  /**
   * The whole body, decoded, the rows of the list with the wanted fields alone.
   * @throws {SyntaxError} where it is no JSON
   */
  body(): unknown {
    const { name } = this.#list;
    const rest: unknown = JSON.parse(
      this.#rest,
      (key, value) => name !== null && key === name && isEmptyList(value) ? this.#rows : value,
    );
    return name === null && isEmptyList(rest) ? this.#rows : rest;
  }

  #readText(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inText = false;
  }

  /** Whether a list that begins after this text is the one. */
  #opens(before: string): boolean {
    const { name } = this.#list;
    const near = (this.#rest.slice(-BEFORE_CHARS) + before.slice(-BEFORE_CHARS)).trimEnd();
    if (name === null) return near === "";
    return near.endsWith(":") && near.slice(0, -1).trimEnd().endsWith(`"${name}"`);
  }

  #end(last: string, closes: boolean): void {
    const text = this.#part + last;
    this.#part = "";
    if (closes) this.#state = "after";
    if (closes && this.#rows.length === 0 && text.trim() === "") return;
    const row: unknown = JSON.parse(text);
    this.#rows.push(isRecord(row) ? picked(row, this.#list.fields) : row);
  }
}

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function picked(row: Json, fields: readonly string[]): Json {
  const kept: Record<string, unknown> = {};
  for (const field of fields) if (field in row) kept[field] = row[field];
  return kept;
}

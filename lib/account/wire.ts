// This module is pure.
/** Strict readers of signed replies: the value in our units, or a `SyntaxError` naming the field. */

/** A decoded JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

export function record(value: unknown, name: string): Json {
  return isRecord(value) ? value : refuse(name, value, "an object");
}

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The rows of a list, each an object. */
export function rows(value: unknown, name: string): Json[] {
  if (!Array.isArray(value)) return refuse(name, value, "a list");
  return value.map((row) => record(row, `a row of ${name}`));
}

export function text(row: Json, name: string): string {
  const value = row[name];
  return typeof value === "string" && value !== "" ? value : refuse(name, value, "a text");
}

/** A decimal text or a number. */
export function number(row: Json, name: string): number {
  const read = maybe(row, name);
  return read ?? refuse(name, row[name], "a number");
}

/** The same; `null` where the venue leaves the field out or empty, as it does for "no value". */
export function maybe(row: Json, name: string): number | null {
  const value = row[name];
  if (value === undefined || value === null || value === "") return null;
  const read = typeof value === "number"
    ? value
    : typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : NaN;
  return Number.isFinite(read) ? read : refuse(name, value, "a number");
}

/** A price, of which venues write "none" as 0. */
export function priceOrNone(row: Json, name: string): number | null {
  const read = maybe(row, name);
  return read !== null && read > 0 ? read : null;
}

/** Whole milliseconds since the epoch, as a number or a text of digits. */
export function timeMs(row: Json, name: string): number {
  const read = number(row, name);
  return Number.isSafeInteger(read) && read > 0 ? read : refuse(name, row[name], "a time in ms");
}

function refuse(name: string, value: unknown, wanted: string): never {
  const shown = typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : value === null
    ? "null"
    : typeof value;
  throw new SyntaxError(`${name} is ${shown}, not ${wanted}`);
}

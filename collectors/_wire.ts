// This module is pure.
/**
 * Strict readers of what a venue sent. Each returns the value in our units or throws a
 * `SyntaxError` that names the field; `parserOf` and `replyOf` add the frame or the call.
 */
import type { Collector, Notice } from "../lib/market/collector.ts";
import type { Level, MarketEvent } from "../lib/market/events.ts";
import { cutLevels, type LevelLists } from "./_levels.ts";

/** The largest frame of a public stream is some 200 kB; ten times that is not market data. */
const FRAME_CHARS_MAX = 1_000_000;
const CLIP_CHARS = 200;

/** The beginning of a venue's text, short enough for a log line. */
export function clip(text: string): string {
  return text.slice(0, CLIP_CHARS);
}

/** A decoded JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** What one frame says; an event is not put into a list of one on the hot path. */
export type Reading = MarketEvent | readonly MarketEvent[] | Notice | undefined;

const NO_LISTS: LevelLists = [];

/**
 * The `parse` of a collector: decodes a frame, has it read as a whole, and only then
 * calls the sink, so that a frame which is broken halfway leaves nothing behind.
 */
export function parserOf(
  venue: string,
  read: (decoded: unknown, lists: LevelLists) => Reading,
): Collector["parse"] {
  return (frame, sink) => {
    let reading: Reading;
    try {
      if (frame.length > FRAME_CHARS_MAX) {
        throw new SyntaxError(
          `${frame.length} characters are over the limit of ${FRAME_CHARS_MAX}`,
        );
      }
      const cut = cutLevels(frame);
      reading = cut ? read(JSON.parse(cut.rest), cut.lists) : read(JSON.parse(frame), NO_LISTS);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      const clipped = frame.slice(0, CLIP_CHARS);
      throw new SyntaxError(`Cannot read a ${venue} frame: ${cause.message}: ${clipped}`, {
        cause,
      });
    }
    if (reading === undefined) return undefined;
    if (isList(reading)) {
      for (const event of reading) sink(event);
      return undefined;
    }
    switch (reading.kind) {
      case "ack":
      case "refused":
      case "pong":
      case "closing":
        return reading;
      default:
        sink(reading);
        return undefined;
    }
  };
}

// Array.isArray does not narrow a readonly array out of a union.
function isList(
  reading: MarketEvent | readonly MarketEvent[] | Notice,
): reading is readonly MarketEvent[] {
  return Array.isArray(reading);
}

/** The `read` of an endpoint, whose complaints name the call. */
export function replyOf<P, R>(
  call: string,
  read: (body: unknown, params: P) => R,
): (body: unknown, params: P) => R {
  return (body, params) => {
    try {
      return read(body, params);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new SyntaxError(`Cannot read the reply of ${call}: ${cause.message}`, { cause });
    }
  };
}

function refuse(name: string, value: unknown, wanted: string): never {
  const shown = typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : Array.isArray(value)
    ? "a list"
    : typeof value === "object" && value !== null
    ? "an object"
    : String(value);
  throw new SyntaxError(`${name} is ${shown}, not ${wanted}`);
}

export function record(value: unknown, name: string): Json {
  return isRecord(value) ? value : refuse(name, value, "an object");
}

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function list(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(name, value, "a list");
}

export function text(value: unknown, name: string): string {
  return typeof value === "string" && value !== "" ? value : refuse(name, value, "a text");
}

export function flag(value: unknown, name: string): boolean {
  return typeof value === "boolean" ? value : refuse(name, value, "true or false");
}

/** Venues send decimals as strings; a JSON number in their place is not theirs. */
function decimal(value: unknown): number {
  return typeof value === "string" && value !== "" ? Number(value) : NaN;
}

function positive(read: number, name: string, value: unknown): number {
  return read > 0 && read < Infinity ? read : refuse(name, value, "a positive decimal string");
}

function notNegative(read: number, name: string, value: unknown): number {
  return read >= 0 && read < Infinity ? read : refuse(name, value, "a decimal string");
}

/** A price of one real coin, from a decimal string for `multiplier` of them. */
export function price(value: unknown, name: string, multiplier: number): number {
  return positive(decimal(value) / multiplier, name, value);
}

/** A size above zero in real coins, from a decimal string in units of `multiplier` coins. */
export function size(value: unknown, name: string, multiplier: number): number {
  return positive(decimal(value) * multiplier, name, value);
}

/** As `size`, where zero is a value too: an open interest, a volume, a deleted level. */
export function amount(value: unknown, name: string, multiplier: number): number {
  return notNegative(decimal(value) * multiplier, name, value);
}

/** A decimal string of either sign: a funding rate, a change. */
export function signed(value: unknown, name: string): number {
  const read = decimal(value);
  return Number.isFinite(read) ? read : refuse(name, value, "a decimal string");
}

/** An integer from zero on, sent as a JSON number: an id, a count. */
export function whole(value: unknown, name: string): number {
  return typeof value === "number" && value >= 0 && Number.isSafeInteger(value)
    ? value
    : refuse(name, value, "an integer");
}

/** Milliseconds since the epoch, sent as a JSON number. */
export function time(value: unknown, name: string): number {
  return typeof value === "number" && value > 0 && Number.isSafeInteger(value)
    ? value
    : refuse(name, value, "a time in ms");
}

/** Milliseconds since the epoch, sent as a string of digits. */
export function timeText(value: unknown, name: string): number {
  const read = decimal(value);
  return read > 0 && Number.isSafeInteger(read) ? read : refuse(name, value, "a time in ms");
}

/** Venues say "no value" by leaving a field out, by `null` and by `""`. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Book levels, `[["64000.1","0.5"],…]`, or their number among `lists`; see `cutLevels`. */
export function levels(
  value: unknown,
  name: string,
  multiplier: number,
  lists: LevelLists,
): readonly Level[] {
  const cut = typeof value === "number" ? lists[value] : undefined;
  const priceName = `a price of ${name}`;
  const sizeName = `a size of ${name}`;
  if (cut) {
    const real = multiplier === 1
      ? cut
      : cut.map((level): Level => [level[0] / multiplier, level[1] * multiplier]);
    for (const level of real) {
      // By index, here and above: a pair that is taken apart is an iterator for each level.
      positive(level[0], priceName, level[0]);
      notNegative(level[1], sizeName, level[1]);
    }
    return real;
  }
  return list(value, name).map((entry): Level => {
    const level = list(entry, `a level of ${name}`);
    return [
      price(level[0], priceName, multiplier),
      amount(level[1], sizeName, multiplier),
    ];
  });
}

// This module is pure.
/**
 * The text of a backup, one JSON object a line:
 *
 * | line | what |
 * | --- | --- |
 * | first | `{"format":"tapewatch","version":1,"exportedMs":…,"app":"0.1.0","series":80}` |
 * | `"type":"minute"` | a minute of one market, in the fields of `/api/v1/buckets` and what else it holds |
 * | `"type":"quarter"` | a quarter-hour of one market, likewise |
 * | `"type":"record"` | `key`, `value` and `untilMs` of a rule, a setting … |
 * | last | `{"type":"end","lines":…,"sha256":…}`, of all lines before it with their line ends |
 */
import type { Bucket } from "../../market/bucket.ts";

export const FORMAT = "tapewatch";
/** What this program writes, and the newest that it reads. */
export const VERSION = 1;

export type BucketType = "minute" | "quarter";

interface Names {
  readonly venue: string;
  readonly symbol: string;
}

interface RecordRow {
  readonly key: readonly string[];
  readonly value: unknown;
  /** When its time is over; `null`: never. */
  readonly untilMs: number | null;
}

/** Lines of each type. */
export interface Tally {
  minutes: number;
  quarters: number;
  records: number;
}

export interface Header {
  readonly exportedMs: number;
  /** The program's version. */
  readonly app: string;
  readonly series: number;
}

export function headerLine({ exportedMs, app, series }: Header): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, exportedMs, app, series })}\n`;
}

/** What the bucket lines of a series begin with, the same for thousands of them. */
export function bucketHead(type: BucketType, { venue, symbol }: Names): string {
  const names = `"venue":${JSON.stringify(venue)},"symbol":${JSON.stringify(symbol)}`;
  return `{"type":"${type}",${names},"t":`;
}

/** Written by hand: `JSON.stringify` makes 0 of −0. The API's fields first, in its order. */
export function bucketLine(head: string, b: Bucket): string {
  const source = b.source === null ? "null" : `"${b.source}"`;
  return `${head}${b.t},"o":${text(b.o)},"h":${text(b.h)},"l":${text(b.l)},"c":${text(b.c)},` +
    `"buyBase":${text(b.buyBase)},"sellBase":${text(b.sellBase)},` +
    `"buyQuote":${text(b.buyQuote)},"sellQuote":${text(b.sellQuote)},` +
    `"buys":${text(b.buys)},"sells":${text(b.sells)},` +
    `"largeBuyQuote":${text(b.largeBuyQuote)},"largeSellQuote":${text(b.largeSellQuote)},` +
    `"liqLongQuote":${text(b.liqLongQuote)},"liqShortQuote":${text(b.liqShortQuote)},` +
    `"oiBase":${text(b.oiBase)},"fundingRate":${text(b.fundingRate)},` +
    `"markPrice":${text(b.markPrice)},"imbalance":${text(b.imbalance)},` +
    `"coverageMs":${count(b.coverageMs)},"source":${source},` +
    `"volBase":${text(b.volBase)},"volQuote":${text(b.volQuote)},` +
    `"liqLongs":${text(b.liqLongs)},"liqShorts":${text(b.liqShorts)},` +
    `"fundingIntervalHours":${text(b.fundingIntervalHours)},` +
    `"imbalanceSamples":${count(b.imbalanceSamples)},` +
    `"firstId":${text(b.firstId)},"lastId":${text(b.lastId)}}\n`;
}

export function recordLine({ key, value, untilMs }: RecordRow): string {
  return `${JSON.stringify({ type: "record", key, value, untilMs })}\n`;
}

/** `lines` counts all before this one. */
export function endLine(lines: number, tally: Tally, sha256: string): string {
  return `${JSON.stringify({ type: "end", lines, ...tally, sha256 })}\n`;
}

/** What is no number is not known; JSON has no word for it either. */
function text(value: number | null): string {
  return value === null || !Number.isFinite(value) ? "null" : count(value);
}

function count(value: number): string {
  if (!Number.isFinite(value)) return "0";
  return Object.is(value, -0) ? "-0" : String(value);
}

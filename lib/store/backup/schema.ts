/** The shapes of a backup's lines, and what is wrong with a line in plain words. */
import * as z from "zod/mini";
import { MINUTE_MS } from "../../market/bucket.ts";
import { QUARTER_MS } from "../rows/keys.ts";
import { FORMAT } from "./lines.ts";

const number = "is not a number or null";
const known = z.nullable(z.number(number));
const count = z.number("is not a number from 0 on").check(z.gte(0, "is not a number from 0 on"));
const wholeMs = "is not a time in whole milliseconds";
const timeMs = z.int(wholeMs).check(z.gte(0, wholeMs), z.lte(8.64e15, wholeMs));
const word = "is not a text of 1 to 64 characters";
const name = z.string(word).check(
  z.minLength(1, word),
  z.maxLength(64, word),
  z.refine((text) => text.isWellFormed(), word),
);
const text = z.string("is not a text");

function bucket<T extends string>(type: T, widthMs: number, wants: string) {
  return z.strictObject({
    type: z.literal(type),
    venue: name,
    symbol: name,
    t: timeMs.check(z.multipleOf(widthMs, wants)),
    ...{ o: known, h: known, l: known, c: known },
    ...{ buyBase: known, sellBase: known, buyQuote: known, sellQuote: known },
    ...{ buys: known, sells: known, largeBuyQuote: known, largeSellQuote: known },
    ...{ liqLongQuote: known, liqShortQuote: known },
    ...{ oiBase: known, fundingRate: known, markPrice: known, imbalance: known },
    coverageMs: count,
    source: z.nullable(
      z.enum(["live", "repaired", "candle"], "is not live, repaired, candle or null"),
    ),
    ...{ volBase: known, volQuote: known, liqLongs: known, liqShorts: known },
    fundingIntervalHours: known,
    imbalanceSamples: count,
    ...{ firstId: known, lastId: known },
  });
}

export const MinuteLine = bucket("minute", MINUTE_MS, "is not the start of a minute");
export const QuarterLine = bucket("quarter", QUARTER_MS, "is not the start of a quarter-hour");

const keyWords = "is not a key of 1 to 8 texts";
export const RecordLine = z.strictObject({
  type: z.literal("record"),
  key: z.array(z.string(keyWords).check(z.maxLength(200, keyWords)), keyWords)
    .check(z.minLength(1, keyWords), z.maxLength(8, keyWords)),
  value: z.unknown(),
  untilMs: z.nullable(timeMs),
});
export type RecordLine = z.infer<typeof RecordLine>;

/** Loose: a newer program's header may say more, and is then told by its version. */
export const HeaderLine = z.object({
  format: z.literal(FORMAT),
  version: z.int("is not a whole number"),
  exportedMs: timeMs,
  app: text,
});

export const EndLine = z.strictObject({
  type: z.literal("end"),
  lines: z.int("is not a whole number"),
  ...{ minutes: count, quarters: count, records: count },
  sha256: text,
});

/** The first fault of a line, with the value that is there. */
export function lineFault(error: z.core.$ZodError, line: object): string {
  const issue = error.issues[0];
  if (!issue) return "cannot be read";
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")} is not known here`;
  const [field = ""] = issue.path;
  const value: unknown = Reflect.get(line, field);
  const shown = String(field);
  if (value === undefined) return `${shown} is missing`;
  return `${shown} ${issue.message}: ${clipped(JSON.stringify(value))}`;
}

export function clipped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

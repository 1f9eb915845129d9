/**
 * The shapes of requests and replies. They check what comes in, and write the OpenAPI
 * document; a reply's shape is held by the tests.
 */
import * as z from "zod/mini";

export const MAX_BUCKETS = 10_000;
export const MAX_BODY_BYTES = 8 * 1024;

const LATEST_MS = 8.64e15;
const timeMs = z.int("wants whole milliseconds since the epoch, as in 1760000000000")
  .check(
    z.gte(0, "wants milliseconds since the epoch, from 0 on"),
    z.lte(LATEST_MS, "wants milliseconds since the epoch, at most 8640000000000000"),
  );

function name(wants: string) {
  return z.string(wants).check(z.minLength(1, wants), z.maxLength(64, wants));
}

const minutes = "wants whole minutes from 1 to 1440";

export const BucketsQuery = z.strictObject({
  venue: name("wants a venue, as in binance-perp"),
  symbol: name("wants an asset or a venue's own name, as in BTC or BTCUSDT"),
  from: z.optional(timeMs),
  to: z.optional(timeMs),
  tf: z.prefault(z.int(minutes).check(z.gte(1, minutes), z.lte(1440, minutes)), 1),
});

const text = "wants a command, as in /cvd BTC 15m, of at most 4096 characters";

export const AskBody = z.strictObject({
  text: z.string(text).check(z.minLength(1, text), z.maxLength(4096, text)),
}, "wants a JSON object");

const known = z.nullable(z.number());

export const BucketRow = z.object({
  t: z.int(),
  o: known,
  h: known,
  l: known,
  c: known,
  buyBase: known,
  sellBase: known,
  buyQuote: known,
  sellQuote: known,
  buys: known,
  sells: known,
  largeBuyQuote: known,
  largeSellQuote: known,
  liqLongQuote: known,
  liqShortQuote: known,
  oiBase: known,
  fundingRate: known,
  markPrice: known,
  imbalance: known,
  coverageMs: z.number(),
  source: z.nullable(z.enum(["live", "repaired", "candle"])),
  volBase: known,
  volQuote: known,
});
export type BucketRow = z.infer<typeof BucketRow>;

export const Buckets = z.object({
  venue: z.string(),
  symbol: z.string(),
  tf: z.int(),
  buckets: z.array(BucketRow),
});

export const Symbols = z.object({
  symbols: z.array(z.object({
    venue: z.string(),
    market: z.enum(["spot", "perp", "options"]),
    symbol: z.string(),
    base: z.string(),
    quote: z.string(),
  })),
  assets: z.array(z.string()),
});

export const AnswerBody = z.object({ html: z.string(), text: z.string(), data: z.unknown() });

export const Health = z.object({ status: z.literal("ok") });

export const Ready = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  progress: z.optional(z.unknown()),
});

export const PriceEvent = z.object({
  t: z.number(),
  prices: z.array(z.object({
    venue: z.string(),
    market: z.enum(["spot", "perp", "options"]),
    symbol: z.string(),
    base: z.string(),
    price: known,
    tradeMs: known,
  })),
});
export type PriceEvent = z.infer<typeof PriceEvent>;

export const Problem = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});

/** The first fault of a request in plain words, with the value that was given. */
export function faultText(error: z.core.$ZodError, given: unknown): string {
  const issue = error.issues[0];
  if (!issue) return "The request cannot be read";
  if (issue.code === "unrecognized_keys") {
    return `${issue.keys.join(", ")} is not known here: leave it out`;
  }
  const field = issue.path.join(".");
  if (field === "") return `The body ${issue.message}`;
  const value = typeof given === "object" && given !== null ? Reflect.get(given, field) : given;
  if (value === undefined) return `${field} is missing: it ${issue.message}`;
  const shown = JSON.stringify(value) ?? String(value);
  return `${field} ${issue.message}, not ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}`;
}

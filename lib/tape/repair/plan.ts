// This module is pure.
/**
 * What is still to be repaired, told by the coverage of the minutes alone: after a
 * restart the stored rows say the same, so nothing need be remembered.
 */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";

/** Whole minutes `[fromMs, toMs)` of one series that lack something. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a venue can repair. */
export interface Means {
  /** Trades can be read back by id, as far as the venue keeps them. */
  readonly byId: boolean;
  /** Candles tell the taker sides, so that a minute can be replaced exactly. */
  readonly exactCandles: boolean;
}

/** Spans up to this long are rebuilt trade by trade: candles know no counts and no large trades. */
export const BY_ID_MINUTES = 10;

export function isWhole(bucket: Bucket): boolean {
  return bucket.coverageMs >= MINUTE_MS;
}

/**
 * Whether a minute is as good as it can be. Where candles lack the sides, a candle is
 * the last word on a minute that nobody saw.
 */
export function isFinal(bucket: Bucket | null | undefined, means: Means): boolean {
  if (!bucket || bucket.source === null) return false;
  return isWhole(bucket) || (!means.exactCandles && bucket.source === "candle");
}

/**
 * The spans of `[fromMs, toMs)` whose minutes are not final, newest first; both ends are
 * whole minutes.
 */
export function missingSpans(
  isFinalAt: (t: number) => boolean,
  fromMs: number,
  toMs: number,
): Span[] {
  const spans: Span[] = [];
  let endMs: number | null = null;
  for (let t = toMs - MINUTE_MS; t >= fromMs; t -= MINUTE_MS) {
    if (!isFinalAt(t)) endMs ??= t + MINUTE_MS;
    else if (endMs !== null) {
      spans.push({ fromMs: t + MINUTE_MS, toMs: endMs });
      endMs = null;
    }
  }
  if (endMs !== null) spans.push({ fromMs, toMs: endMs });
  return spans;
}

export function minutesIn({ fromMs, toMs }: Span): number {
  return (toMs - fromMs) / MINUTE_MS;
}

/** The newest part of a span, at most `minutes` long. */
export function newestPart(span: Span, minutes: number): Span {
  return { fromMs: Math.max(span.fromMs, span.toMs - minutes * MINUTE_MS), toMs: span.toMs };
}

/**
 * The newest part of a span that is best mended in one way: short spans as a whole, of
 * long ones the minutes that the stream has seen something of, or those that it has not.
 */
export function nextPart(
  span: Span,
  isSeen: (t: number) => boolean,
  mostMinutes: number,
): Span {
  if (minutesIn(span) <= BY_ID_MINUTES) return span;
  const seen = isSeen(span.toMs - MINUTE_MS);
  let fromMs = span.toMs - MINUTE_MS;
  while (fromMs > span.fromMs && isSeen(fromMs - MINUTE_MS) === seen) fromMs -= MINUTE_MS;
  return newestPart({ fromMs, toMs: span.toMs }, seen ? BY_ID_MINUTES : mostMinutes);
}

// This module is pure.
/**
 * The quarter-hour, aligned to the epoch: what a question about a whole day needs of its
 * fifteen minutes. Its values are those of the minutes' 15-minute bar (`aggregate`), so
 * whoever has the bars can work out the same numbers.
 */
import { aggregate, barStart, type Bucket, emptyBucket, MINUTE_MS } from "./bucket.ts";
import { sidesKnown } from "./flow.ts";
import { isComplete, type Trust, trustFrom } from "./trust.ts";
import type { Span } from "./windows.ts";

export const QUARTER_MINUTES = 15;
export const QUARTER_MS = QUARTER_MINUTES * MINUTE_MS;

/** A set bit for each of the fifteen minutes, the first one lowest. */
const ALL_MINUTES = (1 << QUARTER_MINUTES) - 1;

export interface Quarter extends
  Pick<
    Bucket,
    | "t"
    | "c"
    | "volQuote"
    | "buyQuote"
    | "sellQuote"
    | "liqLongQuote"
    | "liqShortQuote"
    | "oiBase"
    | "fundingRate"
    | "fundingIntervalHours"
    | "coverageMs"
    | "source"
  > {
  /** Bits of the minutes that are whole. */
  readonly wholeMinutes: number;
  /** Bits of the whole minutes whose taker sides are known. */
  readonly sidedMinutes: number;
  /** Minutes that were rebuilt from trades by id, and that come from a venue's candles. */
  readonly repaired: number;
  readonly candle: number;
}

/** One quarter-hour from its ordered minutes; those of other quarters must not be among them. */
export function quarterFrom(t: number, minutes: readonly Bucket[]): Quarter {
  const [bar = emptyBucket(t)] = aggregate(minutes, QUARTER_MINUTES);
  let [wholeMinutes, sidedMinutes, repaired, candle] = [0, 0, 0, 0];
  for (const minute of minutes) {
    if (minute.source === "repaired") repaired++;
    if (minute.source === "candle") candle++;
    if (!isComplete(minute)) continue;
    const bit = 1 << (minute.t - t) / MINUTE_MS;
    wholeMinutes |= bit;
    if (sidesKnown(minute)) sidedMinutes |= bit;
  }
  const { c, volQuote, buyQuote, sellQuote, liqLongQuote, liqShortQuote } = bar;
  const { oiBase, fundingRate, fundingIntervalHours, coverageMs, source } = bar;
  return {
    ...{ t, c, volQuote, buyQuote, sellQuote, liqLongQuote, liqShortQuote },
    ...{ oiBase, fundingRate, fundingIntervalHours, coverageMs, source },
    ...{ wholeMinutes, sidedMinutes, repaired, candle },
  };
}

/** The quarter-hours that ordered minutes lie in, in order; none where there is no minute. */
export function quartersFrom(minutes: readonly Bucket[]): Quarter[] {
  const quarters: Quarter[] = [];
  for (let at = 0; at < minutes.length;) {
    const t = barStart(minutes[at]?.t ?? 0, QUARTER_MINUTES);
    let end = at + 1;
    while ((minutes[end]?.t ?? Infinity) < t + QUARTER_MS) end++;
    quarters.push(quarterFrom(t, minutes.slice(at, end)));
    at = end;
  }
  return quarters;
}

/** Whether every minute of it is whole. */
export function isWholeQuarter({ wholeMinutes }: Quarter): boolean {
  return wholeMinutes === ALL_MINUTES;
}

/** The last `quarters` closed quarter-hours: it ends where the forming one begins. */
export function closedQuarters(quarters: number, nowMs: number): Span {
  const toMs = barStart(nowMs, QUARTER_MINUTES);
  return { fromMs: toMs - quarters * QUARTER_MS, toMs };
}

/** What is held of one series, in quarter-hours. */
export interface HeldQuarters {
  readonly venue: string;
  readonly quarters: readonly Quarter[];
  /** Exchange time of its newest data, ms. */
  readonly newestMs: number | null;
}

/**
 * Judges the minutes of a span of closed quarter-hours as `trustOf` does; `bits` says
 * which minutes count as complete.
 */
export function quarterTrust(
  series: readonly HeldQuarters[],
  span: Span,
  nowMs: number,
  bits: "wholeMinutes" | "sidedMinutes" = "wholeMinutes",
): Trust {
  const count = Math.max(0, (span.toMs - span.fromMs) / QUARTER_MS);
  const everywhere = new Uint16Array(count).fill(ALL_MINUTES);
  const judged = series.map(({ venue, quarters, newestMs }) => {
    const held = new Uint16Array(count);
    let [complete, repaired, candle] = [0, 0, 0];
    for (const quarter of quarters) {
      const index = (quarter.t - span.fromMs) / QUARTER_MS;
      if (index < 0 || index >= count) continue;
      held[index] = quarter[bits];
      complete += bitsIn(quarter[bits]);
      repaired += quarter.repaired;
      candle += quarter.candle;
    }
    for (let i = 0; i < count; i++) everywhere[i] = (everywhere[i] ?? 0) & (held[i] ?? 0);
    return { venue, complete, repaired, candle, newestMs };
  });
  const minutesComplete = judged.length === 0
    ? 0
    : everywhere.reduce((sum, minutes) => sum + bitsIn(minutes), 0);
  return trustFrom(judged, minutesComplete, count * QUARTER_MINUTES, nowMs);
}

function bitsIn(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

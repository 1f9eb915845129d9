/**
 * Quarter-hours worked out the plain way, from the minutes' 15-minute bar: what memory keeps is
 * compared with them. The bar itself is compared with plain sums in bucket_test.ts.
 */
import {
  aggregate,
  barStart,
  type Bucket,
  emptyBucket,
  knownOrNull,
  MINUTE_MS,
  QUARTER_MINUTES,
  QUARTER_MS,
} from "../../lib/market/bucket.ts";
import { sidesKnown } from "../../lib/market/flow.ts";
import { countBits } from "../../lib/market/past/bits.ts";
import type { DayRing } from "../../lib/market/past/day_ring.ts";
import { type Past, QuarterWalk } from "../../lib/market/past/past.ts";
import { QuarterColumns } from "../../lib/market/past/quarter_columns.ts";
import { isComplete } from "../../lib/market/trust.ts";

/** What is compared of a quarter-hour: the values of its minutes' 15-minute bar, and counts. */
export interface Quarter {
  readonly t: number;
  readonly close: number | null;
  readonly delta: number | null;
  readonly liquidated: number | null;
  readonly oiBase: number | null;
  readonly fundingRate: number | null;
  readonly fundingIntervalHours: number | null;
  readonly coverageMs: number;
  /** Bits of the minutes that are whole, and of those whose taker sides are known too. */
  readonly wholeMinutes: number;
  readonly sidedMinutes: number;
  readonly repaired: number;
  readonly candle: number;
}

/** What memory tells of the quarter at `t`; nothing of one that it does not hold. */
export function heldQuarter(day: DayRing, t: number): Quarter {
  const columns = new QuarterColumns(1);
  day.copyQuarters(t, t + QUARTER_MS, columns, 0);
  const known = ([value]: Float64Array) => knownOrNull(value);
  return {
    t,
    close: known(columns.close),
    delta: known(columns.delta),
    liquidated: known(columns.liquidated),
    oiBase: known(columns.oiBase),
    fundingRate: known(columns.fundingRate),
    fundingIntervalHours: known(columns.fundingIntervalHours),
    coverageMs: columns.coverageMs[0] ?? NaN,
    wholeMinutes: day.bits("whole", t),
    sidedMinutes: day.bits("sided", t),
    repaired: countBits(day.bits("repaired", t)),
    candle: countBits(day.bits("candle", t)),
  };
}

/** What memory tells of the quarters of a past, one after the other. */
export function heldQuarters(past: Past): Quarter[] {
  const { firstMs, toMs } = new QuarterWalk(past, past);
  const count = Math.max(0, Math.ceil((toMs - firstMs) / QUARTER_MS));
  return Array.from(
    { length: count },
    (_, i) => heldQuarter(past.ring.day, firstMs + i * QUARTER_MS),
  );
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
  const { c: close, oiBase, fundingRate, fundingIntervalHours, coverageMs } = bar;
  const isLive = bar.source === "live";
  return {
    ...{ t, close, oiBase, fundingRate, fundingIntervalHours, coverageMs },
    delta: difference(bar.buyQuote, bar.sellQuote),
    liquidated: isLive ? total(bar.liqLongQuote, bar.liqShortQuote) : null,
    ...{ wholeMinutes, sidedMinutes, repaired, candle },
  };
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function total(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
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

/**
 * Quarter-hours worked out the plain way, from the minutes' 15-minute bar: the truth that
 * what memory keeps is compared with.
 */
import {
  aggregate,
  barStart,
  type Bucket,
  emptyBucket,
  MINUTE_MS,
  QUARTER_MINUTES,
  QUARTER_MS,
} from "../../lib/market/bucket.ts";
import { sidesKnown } from "../../lib/market/flow.ts";
import type { Quarter } from "../../lib/market/quarter.ts";
import { isComplete } from "../../lib/market/trust.ts";

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

// This module is pure.
/** RVOL of a closed bar against the bars at the same time of earlier days. */
import { type Bucket, QUARTER_MS } from "../bucket.ts";
import { lastClosedBar, type Span, type Timeframe } from "../windows.ts";
import { type BarStudy, type MinuteVolumes, rvolOf, volumeAt } from "./volume.ts";

/** For so many days quarter-hours are kept. */
export const EARLIER_DAYS = 30;

/** Less than a week is weekdays or a weekend, which trade differently. */
export const LEAST_DAYS = 7;

/** Bars of whole quarter-hours: shorter ones are not kept for so long. */
const BARS: readonly Timeframe[] = [15, 30, 60];

const DAY_MS = 96 * QUARTER_MS;

/**
 * Quote volumes of one series' bars that closed last, as they were on each of the earlier
 * days: apart, because a day counts only where it is whole in all the series compared.
 */
export class EarlierBars {
  /** The end of the closed quarter-hours for which it was worked out. */
  readonly closedMs: number;
  /** A row of days a bar; NaN where the bar of a day is not whole. */
  readonly #volumes: Float64Array;

  /** Of the volumes of whole quarter-hours by their start. */
  constructor(closedMs: number, quarters: ReadonlyMap<number, number>) {
    this.closedMs = closedMs;
    this.#volumes = Float64Array.from(BARS.flatMap((timeframe) => {
      const { fromMs, toMs } = lastClosedBar(timeframe, closedMs);
      return Array.from({ length: EARLIER_DAYS }, (_, i) => {
        const earlierMs = (i + 1) * DAY_MS;
        let sum = 0;
        for (let t = fromMs; t < toMs; t += QUARTER_MS) sum += quarters.get(t - earlierMs) ?? NaN;
        return sum;
      });
    }));
  }

  /**
   * The bar's volumes a day earlier, two days earlier and so on, NaN where it is not whole;
   * `null` where it is not a bar that these are of.
   */
  of(timeframe: Timeframe, fromMs: number): Float64Array | null {
    const nth = BARS.indexOf(timeframe);
    if (nth < 0 || lastClosedBar(timeframe, this.closedMs).fromMs !== fromMs) return null;
    return this.#volumes.subarray(nth * EARLIER_DAYS, (nth + 1) * EARLIER_DAYS);
  }
}

/** Which quarter-hours of the days before make those bars. */
export interface EarlierQuarters extends Span {
  /** Whether the one at `t` is at the time of day of a bar. */
  readonly wants: (t: number) => boolean;
}

export function earlierQuarters(closedMs: number): EarlierQuarters {
  const times = new Set<number>();
  let firstMs = closedMs;
  for (const timeframe of BARS) {
    const { fromMs, toMs } = lastClosedBar(timeframe, closedMs);
    firstMs = Math.min(firstMs, fromMs);
    for (let t = fromMs; t < toMs; t += QUARTER_MS) times.add(t % DAY_MS);
  }
  return {
    fromMs: firstMs - EARLIER_DAYS * DAY_MS,
    toMs: closedMs - DAY_MS,
    wants: (t) => times.has(t % DAY_MS),
  };
}

/** The volume of a stored quarter-hour that is whole, else `null`. */
export function wholeVolume({ coverageMs, volQuote }: Bucket): number | null {
  // A whole minute's volume is known, so a whole quarter's is the volume of all its minutes.
  return coverageMs >= QUARTER_MS ? volQuote : null;
}

// A type alias: it leaves as JSON.

export type SameTimeStudy = {
  /** Volume ÷ mean volume at the same time of earlier days. */
  readonly rvol: number | null;
  /** Earlier days whose bar is whole in all series; `null` where that is not known. */
  readonly days: number | null;
  /** Those of the bar's series that were left out, by their place in the list given. */
  readonly without: readonly number[];
};

const UNKNOWN: SameTimeStudy = { rvol: null, days: null, without: [] };

/**
 * Compares like with like, as `studyBar` does: of the series that `bar` counts, and of days
 * on which the bar is whole in all of them. A series with too few days is left out where it
 * would take away those of the others. Days on which nothing traded are part of the mean.
 */
export function studySameTime(
  series: readonly MinuteVolumes[],
  earlier: readonly (EarlierBars | null)[],
  { fromMs, used }: BarStudy,
  timeframe: Timeframe,
): SameTimeStudy {
  const known = used.flatMap((i) => {
    const volumes = earlier[i]?.of(timeframe, fromMs);
    return volumes ? [{ i, volumes }] : [];
  });
  // What is still to be worked out may have days or not.
  if (known.length === 0 || known.length < used.length) return UNKNOWN;
  let counted = known;
  let days = daysOf(counted);
  if (days.length < LEAST_DAYS) {
    const older = known.filter((one) => daysOf([one]).length >= LEAST_DAYS);
    if (older.length > 0) [counted, days] = [older, daysOf(older)];
  }
  const places = counted.map(({ i }) => i);
  const volume = volumeAt(series, places, timeframe, fromMs);
  return {
    rvol: rvolOf(volume, days, LEAST_DAYS),
    days: days.length,
    without: used.filter((i) => !places.includes(i)),
  };
}

/** Volumes of the days that are whole in all. */
function daysOf(all: readonly { readonly volumes: Float64Array }[]): Float64Array {
  const sums = new Float64Array(EARLIER_DAYS);
  for (const { volumes } of all) {
    for (let day = 0; day < sums.length; day++) {
      sums[day] = (sums[day] ?? NaN) + (volumes[day] ?? NaN);
    }
  }
  return sums.filter((sum) => sum === sum);
}

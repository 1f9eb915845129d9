// This module is pure.
/** Everything /volume says, computed from a tape. */
import type { Bucket } from "../lib/market/bucket.ts";
import type { ByMarket } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
import { type EarlierBars, studySameTime } from "../lib/market/study/same_time.ts";
import {
  barVolume,
  type MinuteVolumes,
  minuteVolumes,
  studyBar,
  volumeSpan,
} from "../lib/market/study/volume.ts";
import { sigmasFrom, type Vwap, vwapOf } from "../lib/market/study/vwap.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import {
  rollingWindow,
  type Span,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
  utcDay,
} from "../lib/market/windows.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOf,
  readTape,
  seriesOf,
  type TapeMarket,
  venuesOf,
} from "./_tape.ts";

// Type aliases: the study leaves as the reply's data.

export type VolumeRow = {
  /** The last closed bar. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly volQuote: ByMarket<number | null>;
  readonly rvol: number | null;
  /** Against the bars at the same time of earlier days; `null` with less than a week of them. */
  readonly rvolSameTime: number | null;
  /** Those days; `null` where they are not known, and of bars shorter than a quarter-hour. */
  readonly sameTimeDays: number | null;
  readonly spikeScore: number | null;
  readonly baselineBars: number;
  /** Venues whose bar is whole and compares: the only ones in the numbers. */
  readonly venues: readonly string[];
  /** Venues that lack some of the bar's minutes, or a baseline which the others have. */
  readonly without: readonly string[];
  /** Venues in the numbers that have too few days for `rvolSameTime` and are not in it. */
  readonly sameTimeWithout: readonly string[];
};

export type DayVwap = ByMarket<Vwap | null> & {
  readonly fromMs: number;
  readonly toMs: number;
  /** The last close of `priceVenue` at the end of the day so far. */
  readonly price: number | null;
  readonly priceVenue: string | null;
  /** The price's distance from the VWAP of all, in σ. */
  readonly sigmas: number | null;
  readonly trust: Trust;
};

export type VolumeStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  readonly timeframes: { readonly [timeframe: string]: VolumeRow };
  readonly vwap: DayVwap;
  readonly trust: Trust;
};

export async function studyVolume(source: Source, asset: string): Promise<VolumeStudy> {
  const nowMs = source.nowMs();
  const tape = await readTape(source, asset, volumeSpan(TIMEFRAMES, nowMs));
  return volumeOver(asset, tape, earlierOf(source, tape), nowMs);
}

/** What the series of a tape traded on earlier days: see `Source.earlierBars`. */
export function earlierOf(source: Source, tape: readonly HeldSeries[]): (EarlierBars | null)[] {
  return tape.map(({ info }) => info && source.earlierBars(info));
}

/** Of the timeframes `told` only; the span behind them and the trust are those of all. */
export function volumeOver(
  asset: string,
  tape: readonly HeldSeries[],
  earlier: readonly (EarlierBars | null)[],
  nowMs: number,
  told: readonly Timeframe[] = TIMEFRAMES,
): VolumeStudy {
  const span = volumeSpan(TIMEFRAMES, nowMs);
  const volumes = tape.map((series) => minuteVolumes(series, span));
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(tape),
    timeframes: Object.fromEntries(told.map((timeframe) => [
      timeframeName(timeframe),
      volumeRow(tape, volumes, earlier, timeframe, nowMs),
    ])),
    vwap: dayVwap(tape, nowMs),
    trust: trustOf(tape, span, nowMs, "volumed"),
  };
}

function volumeRow(
  tape: readonly HeldSeries[],
  volumes: readonly MinuteVolumes[],
  earlier: readonly (EarlierBars | null)[],
  timeframe: Timeframe,
  nowMs: number,
): VolumeRow {
  const study = studyBar(volumes, timeframe, nowMs);
  const { used, volQuote, ...bar } = study;
  const sameTime = studySameTime(volumes, earlier, study, timeframe);
  const of = (market: TapeMarket): number | null => {
    const parts = used.flatMap((i) => {
      const volume = volumes[i];
      const part = volume && tape[i]?.market === market
        ? barVolume(volume, bar.fromMs, timeframe)
        : null;
      return part === null ? [] : [part];
    });
    return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0);
  };
  return {
    ...bar,
    volQuote: { spot: of("spot"), perp: of("perp"), all: volQuote },
    rvolSameTime: sameTime.rvol,
    sameTimeDays: sameTime.days,
    venues: venuesOf(tape.filter((_, i) => used.includes(i))),
    without: venuesOf(tape.filter((_, i) => !used.includes(i))),
    sameTimeWithout: venuesOf(tape.filter((_, i) => sameTime.without.includes(i))),
  };
}

export function dayVwap(tape: readonly HeldSeries[], nowMs: number): DayVwap {
  const day = utcDay(nowMs);
  const spot = seriesOf(tape, "spot");
  const perp = seriesOf(tape, "perp");
  const all = vwapOf([...spot, ...perp], day);
  const closeOf = ({ buckets }: HeldSeries) => closeIn(buckets, rollingWindow(60, nowMs));
  const series = priceSeriesOf(tape, nowMs, (one) => closeOf(one) === null ? 0 : 1);
  const price = series && closeOf(series);
  return {
    ...day,
    spot: vwapOf(spot, day),
    perp: vwapOf(perp, day),
    all,
    price,
    priceVenue: price === null ? null : series?.venue ?? null,
    sigmas: sigmasFrom(price, all),
    trust: trustOf(tape, day, nowMs, "volumed"),
  };
}

/** The last known close of a span. */
function closeIn(buckets: readonly Bucket[], { fromMs, toMs }: Span): number | null {
  const newest = buckets.findLast(({ t, c }) => t < toMs && c !== null);
  return newest && newest.t >= fromMs ? newest.c : null;
}

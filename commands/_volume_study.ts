// This module is pure.
/** Everything /volume says, computed from a tape. */
import type { Bucket } from "../lib/market/bucket.ts";
import type { ByMarket } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
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
  readonly spikeScore: number | null;
  readonly baselineBars: number;
  /** Venues whose bar is whole and compares: the only ones in the numbers. */
  readonly venues: readonly string[];
  /** Venues that lack some of the bar's minutes, or a baseline which the others have. */
  readonly without: readonly string[];
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
  return volumeOver(asset, tape, nowMs);
}

/** Of the timeframes `told` only; the span behind them and the trust are those of all. */
export function volumeOver(
  asset: string,
  tape: readonly HeldSeries[],
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
      volumeRow(tape, volumes, timeframe, nowMs),
    ])),
    vwap: dayVwap(tape, nowMs),
    trust: trustOf(tape, span, nowMs, "volumed"),
  };
}

function volumeRow(
  tape: readonly HeldSeries[],
  volumes: readonly MinuteVolumes[],
  timeframe: Timeframe,
  nowMs: number,
): VolumeRow {
  const { used, volQuote, ...bar } = studyBar(volumes, timeframe, nowMs);
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
    venues: venuesOf(tape.filter((_, i) => used.includes(i))),
    without: venuesOf(tape.filter((_, i) => !used.includes(i))),
  };
}

export function dayVwap(tape: readonly HeldSeries[], nowMs: number): DayVwap {
  const day = utcDay(nowMs);
  const spot = seriesOf(tape, "spot");
  const perp = seriesOf(tape, "perp");
  const all = vwapOf([...spot, ...perp], day);
  const series = priceSeriesOf(tape, nowMs);
  const price = series ? closeIn(series.buckets, rollingWindow(60, nowMs)) : null;
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

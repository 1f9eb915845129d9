// This module is pure.
/** Everything /flow says, computed from a tape: who presses, how large, and against what. */
import { type Bucket, MINUTE_MS } from "../lib/market/bucket.ts";
import { type ByMarket, sidesKnown, within } from "../lib/market/flow.ts";
import { BOOK_LEVELS } from "../lib/market/head/book.ts";
import type { Source } from "../lib/market/source.ts";
import { type Divergence, divergenceOf } from "../lib/market/study/divergence.ts";
import { Sum } from "../lib/market/sum.ts";
import { isComplete, type Trust, trustOf } from "../lib/market/trust.ts";
import {
  rollingWindow,
  type Span,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
} from "../lib/market/windows.ts";
import { type FlowWindow, studyWindow } from "./_flow_study.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOver,
  readTape,
  type TapeMarket,
  venuesOf,
} from "./_tape.ts";

/** Shorter windows have no part before and after in which to look for an extreme. */
const DIVERGENCE_WINDOWS: readonly Timeframe[] = [15, 30, 60];
const LONGEST = Math.max(...TIMEFRAMES);

// Type aliases: the study leaves as the reply's data.

export type LargeTrades = {
  readonly largeBuyQuote: number | null;
  readonly largeSellQuote: number | null;
  readonly largeDelta: number | null;
  /** Large ÷ all taker volume of the same minutes. */
  readonly largeShare: number | null;
  /** Minutes, summed over the series, whose large trades are unknown. */
  readonly missing: number;
};

export type PressureWindow = FlowWindow & {
  readonly large: LargeTrades;
  /** Spot's part of the volume whose sides are known. */
  readonly spotShare: number | null;
  /** Whether spot and perpetuals press the same way; `null` where one is unknown or zero. */
  readonly spotWithPerp: boolean | null;
};

export type BookRow = {
  readonly venue: string;
  readonly market: TapeMarket;
  /** The newest sample of a live venue, −1 … 1. */
  readonly imbalance: number | null;
  /** Means of the samples of the last 5 and 60 closed minutes. */
  readonly imbalance5m: number | null;
  readonly imbalance60m: number | null;
};

export type WindowDivergence = Divergence & {
  readonly priceVenue: string | null;
  /** The venues in the CVD: those that are whole in the window. */
  readonly venues: readonly string[];
};

export type PressureStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  readonly windows: { readonly [timeframe: string]: PressureWindow };
  readonly book: { readonly levels: number; readonly rows: readonly BookRow[] };
  readonly divergence: { readonly [timeframe: string]: WindowDivergence };
  readonly trust: Trust;
};

export async function studyPressure(source: Source, asset: string): Promise<PressureStudy> {
  const nowMs = source.nowMs();
  const tape = await readTape(source, asset, rollingWindow(LONGEST, nowMs));
  return pressureOver(source, asset, tape, nowMs);
}

export function pressureOver(
  source: Source,
  asset: string,
  tape: readonly HeldSeries[],
  nowMs: number,
): PressureStudy {
  const named = <T>(timeframes: readonly Timeframe[], study: (span: Span) => T) =>
    Object.fromEntries(
      timeframes.map((minutes) => [timeframeName(minutes), study(rollingWindow(minutes, nowMs))]),
    );
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(tape),
    windows: named(TIMEFRAMES, (span) => pressureWindow(tape, span)),
    book: { levels: BOOK_LEVELS, rows: bookRows(source, tape, nowMs) },
    divergence: named(DIVERGENCE_WINDOWS, (span) => windowDivergence(tape, span)),
    trust: trustOf(tape, rollingWindow(LONGEST, nowMs), nowMs, sidesKnown),
  };
}

function pressureWindow(tape: readonly HeldSeries[], span: Span): PressureWindow {
  const window = studyWindow(tape, span);
  const { spot, perp } = window;
  const volume = ({ buyQuote, sellQuote }: ByMarket<typeof spot>["spot"]): number | null =>
    buyQuote === null || sellQuote === null ? null : buyQuote + sellQuote;
  const [spotVolume, perpVolume] = [volume(spot), volume(perp)];
  const known = spotVolume !== null && perpVolume !== null && spotVolume + perpVolume > 0;
  return {
    ...window,
    large: largeTrades(tape, span),
    spotShare: known ? spotVolume / (spotVolume + perpVolume) : null,
    spotWithPerp: spot.delta === null || perp.delta === null || spot.delta * perp.delta === 0
      ? null
      : spot.delta > 0 === perp.delta > 0,
  };
}

function largeTrades(tape: readonly HeldSeries[], span: Span): LargeTrades {
  const [buys, sells, all] = [new Sum(), new Sum(), new Sum()];
  let known = 0;
  for (const { buckets } of tape) {
    for (const bucket of within(buckets, span)) {
      const { largeBuyQuote, largeSellQuote, buyQuote, sellQuote } = bucket;
      if (largeBuyQuote === null || largeSellQuote === null) continue;
      if (buyQuote === null || sellQuote === null) continue;
      buys.add(largeBuyQuote);
      sells.add(largeSellQuote);
      all.add(buyQuote + sellQuote);
      known++;
    }
  }
  const missing = tape.length * (span.toMs - span.fromMs) / MINUTE_MS - known;
  const [buy, sell] = [buys.value, sells.value];
  return known === 0
    ? { largeBuyQuote: null, largeSellQuote: null, largeDelta: null, largeShare: null, missing }
    : {
      largeBuyQuote: buy,
      largeSellQuote: sell,
      largeDelta: buy - sell,
      // A cluster may begin in one minute and trade in the next.
      largeShare: all.value > 0 ? Math.min(1, (buy + sell) / all.value) : null,
      missing,
    };
}

function bookRows(source: Source, tape: readonly HeldSeries[], nowMs: number): BookRow[] {
  const live = new Set(source.venues().flatMap(({ venue, live }) => live ? [venue] : []));
  return tape.flatMap(({ info, venue, market, buckets }) =>
    info === null ? [] : [{
      venue,
      market,
      imbalance: live.has(venue) ? source.latest(info)?.imbalance ?? null : null,
      imbalance5m: meanImbalance(buckets, rollingWindow(5, nowMs)),
      imbalance60m: meanImbalance(buckets, rollingWindow(60, nowMs)),
    }]
  );
}

/** Mean of all samples of a span; `null` without any. */
function meanImbalance(buckets: readonly Bucket[], span: Span): number | null {
  let [sum, samples] = [0, 0];
  for (const bucket of within(buckets, span)) {
    if (bucket.imbalance === null) continue;
    sum += bucket.imbalance * bucket.imbalanceSamples;
    samples += bucket.imbalanceSamples;
  }
  return samples > 0 ? sum / samples : null;
}

function windowDivergence(tape: readonly HeldSeries[], span: Span): WindowDivergence {
  const count = (span.toMs - span.fromMs) / MINUTE_MS;
  const wholeOnes = tape.filter(({ buckets }) => {
    const held = within(buckets, span);
    return held.length === count &&
      held.every((bucket) => isComplete(bucket) && sidesKnown(bucket));
  });
  const price = priceSeriesOver(wholeOnes, span);
  return {
    ...divergenceOf(price?.buckets ?? [], wholeOnes.map((series) => series.buckets), span),
    priceVenue: price?.venue ?? null,
    venues: venuesOf(wholeOnes),
  };
}

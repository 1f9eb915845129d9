// This module is pure.
/** Everything /momentum says, computed from a tape. */
import { barStart, MINUTE_MS } from "../lib/market/bucket.ts";
import type { SeriesInfo, Source } from "../lib/market/source.ts";
import type { Knows } from "../lib/market/study/leading.ts";
import {
  type Agreement,
  agreementOf,
  type Direction,
  directionOf,
  type Momentum,
  momentumOf,
  partOfBars,
} from "../lib/market/study/momentum.ts";
import { type PriceBar, priceBars } from "../lib/market/study/price_bars.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import {
  lastClosedBar,
  type Span,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
} from "../lib/market/windows.ts";
import { flows } from "./_flow_study.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOf,
  readTape,
  type TapeMarket,
  venuesOf,
  withPrice,
} from "./_tape.ts";

/** Wilder's means forget their first value slowly: 48 bars of the longest timeframe. */
const HISTORY_HOURS = 48;
/** After so many bars nothing of it is left to see. */
const HISTORY_BARS = 240;
const LONGEST = Math.max(...TIMEFRAMES);

// Type aliases: the study leaves as the reply's data.

export type MomentumRow = Momentum & {
  /** The last closed bar. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whose price is measured: one that has enough closed bars; `null` where none is held. */
  readonly priceVenue: string | null;
  /** Of the last closed bar, all venues. */
  readonly delta: number | null;
  readonly deltaPct: number | null;
  /** Where most of ROC 1, ROC 14, RSI − 50, EMA gap and delta point. */
  readonly direction: Direction | null;
};

export type PriceMarket = {
  readonly venue: string;
  readonly market: TapeMarket;
  readonly fromMs: number;
  readonly toMs: number;
  readonly minutesComplete: number;
  readonly minutesAsked: number;
};

export type MomentumStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  /** The market whose price is measured over the longest timeframe; `null` where none is held. */
  readonly price: PriceMarket | null;
  readonly timeframes: { readonly [timeframe: string]: MomentumRow };
  readonly agreement: Agreement;
  /** Of the minutes behind the deltas. */
  readonly trust: Trust;
};

export async function studyMomentum(source: Source, asset: string): Promise<MomentumStudy> {
  const nowMs = source.nowMs();
  const tape = await readTape(source, asset, momentumSpan(source, asset, nowMs));
  return momentumOver(asset, await withPrices(source, tape, nowMs), nowMs);
}

/** The tape with the prices that momentum is measured by. */
export function withPrices(
  source: Source,
  tape: readonly HeldSeries[],
  nowMs: number,
): Promise<readonly HeldSeries[]> {
  const knows: Knows<HeldSeries> = (series) =>
    Math.min(...TIMEFRAMES.map((timeframe) => partOfBars(barsOf(series, timeframe, nowMs).length)));
  return withPrice(source, tape, priceSpan(nowMs), knows);
}

/** Perpetuals, else spot markets, as far back as the price needs; the others for their delta. */
export function momentumSpan(
  source: Source,
  asset: string,
  nowMs: number,
  rest: Span = deltaSpan(nowMs),
): (info: SeriesInfo) => Span {
  const deep = priceSpan(nowMs);
  return ({ market }) => {
    const perps = source.seriesOf(asset).some((info) => info.market === "perp");
    return market === "perp" || !perps ? deep : rest;
  };
}

export function momentumOver(
  asset: string,
  tape: readonly HeldSeries[],
  nowMs: number,
): MomentumStudy {
  const found = TIMEFRAMES.map((timeframe) => momentumRow(tape, timeframe, nowMs));
  const rows = found.map(({ row }) => row);
  const price = found.at(-1)?.price ?? null;
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(tape),
    price: price && priceMarket(price, nowMs),
    timeframes: Object.fromEntries(
      TIMEFRAMES.flatMap((timeframe, i) => {
        const row = rows[i];
        return row ? [[timeframeName(timeframe), row]] : [];
      }),
    ),
    agreement: agreementOf(rows.map((row) => row.direction)),
    trust: trustOf(tape, deltaSpan(nowMs), nowMs, "sided"),
  };
}

function momentumRow(
  tape: readonly HeldSeries[],
  timeframe: Timeframe,
  nowMs: number,
): { readonly row: MomentumRow; readonly price: HeldSeries | null } {
  const bar = lastClosedBar(timeframe, nowMs);
  const bars = new Map<HeldSeries, readonly PriceBar[]>();
  const price = priceSeriesOf(tape, nowMs, (one) => {
    const made = barsOf(one, timeframe, nowMs);
    bars.set(one, made);
    return partOfBars(made.length);
  });
  const momentum = momentumOf(price ? bars.get(price) ?? [] : []);
  const { delta, deltaPct } = flows(tape, bar).all;
  const { roc1, roc14, rsi14, emaGapAtr } = momentum;
  const strength = rsi14 === null ? null : rsi14 - 50;
  const direction = directionOf([roc1, roc14, strength, emaGapAtr, deltaPct]);
  const priceVenue = price?.venue ?? null;
  return { row: { ...bar, priceVenue, ...momentum, delta, deltaPct, direction }, price };
}

function barsOf(series: HeldSeries, timeframe: Timeframe, nowMs: number): readonly PriceBar[] {
  const { toMs } = lastClosedBar(timeframe, nowMs);
  const fromMs = Math.max(priceSpan(nowMs).fromMs, toMs - HISTORY_BARS * timeframe * MINUTE_MS);
  return priceBars(series, timeframe, nowMs, fromMs);
}

function priceMarket(price: HeldSeries, nowMs: number): PriceMarket {
  const span = priceSpan(nowMs);
  const { minutesComplete, minutesAsked } = trustOf([price], span, nowMs);
  return { venue: price.venue, market: price.market, ...span, minutesComplete, minutesAsked };
}

function priceSpan(nowMs: number): Span {
  const fromMs = barStart(nowMs, LONGEST) - HISTORY_HOURS * 60 * MINUTE_MS;
  return { fromMs, toMs: barStart(nowMs, 1) };
}

/** From the start of the last closed bar of the longest timeframe. */
function deltaSpan(nowMs: number): Span {
  return { fromMs: barStart(nowMs, LONGEST) - LONGEST * MINUTE_MS, toMs: barStart(nowMs, 1) };
}

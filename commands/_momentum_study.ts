// This module is pure.
/** Everything /momentum says, computed from a tape. */
import { barStart, MINUTE_MS } from "../lib/market/bucket.ts";
import type { SeriesInfo, Source } from "../lib/market/source.ts";
import {
  type Agreement,
  agreementOf,
  type Direction,
  directionOf,
  type Momentum,
  momentumOf,
} from "../lib/market/study/momentum.ts";
import { priceBars } from "../lib/market/study/price_bars.ts";
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
  /** The market whose price is measured; `null` where none is held. */
  readonly price: PriceMarket | null;
  readonly timeframes: { readonly [timeframe: string]: MomentumRow };
  readonly agreement: Agreement;
  /** Of the minutes behind the deltas. */
  readonly trust: Trust;
};

export async function studyMomentum(source: Source, asset: string): Promise<MomentumStudy> {
  const nowMs = source.nowMs();
  const tape = await readTape(source, asset, momentumSpan(source, asset, nowMs));
  return momentumOver(asset, await withPrice(source, tape, nowMs), nowMs);
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
  const price = priceSeriesOf(tape, nowMs);
  const rows = TIMEFRAMES.map((timeframe) => momentumRow(tape, price, timeframe, nowMs));
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
  price: HeldSeries | null,
  timeframe: Timeframe,
  nowMs: number,
): MomentumRow {
  const bar = lastClosedBar(timeframe, nowMs);
  const fromMs = Math.max(priceSpan(nowMs).fromMs, bar.toMs - HISTORY_BARS * timeframe * MINUTE_MS);
  const momentum = momentumOf(priceBars(price ?? [], timeframe, nowMs, fromMs));
  const { delta, deltaPct } = flows(tape, bar).all;
  const { roc1, roc14, rsi14, emaGapAtr } = momentum;
  const strength = rsi14 === null ? null : rsi14 - 50;
  const direction = directionOf([roc1, roc14, strength, emaGapAtr, deltaPct]);
  return { ...bar, ...momentum, delta, deltaPct, direction };
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

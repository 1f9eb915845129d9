// This module is pure.
/** Everything /analysis says: each other command's main number, from one reading of the tape. */
import type { ByMarket } from "../lib/market/flow.ts";
import { BOOK_LEVELS } from "../lib/market/head/book.ts";
import type { Source } from "../lib/market/source.ts";
import {
  changeOf,
  type InterestChange,
  interestChange,
  type Quadrant,
  quadrantOf,
} from "../lib/market/study/interest.ts";
import {
  liquidationsOf,
  type LiquidationTotals,
} from "../lib/market/study/liquidation/liquidations.ts";
import type { Agreement } from "../lib/market/study/momentum.ts";
import { volumeSpan } from "../lib/market/study/volume.ts";
import type { Trust } from "../lib/market/trust.ts";
import { rollingWindow, type Span, TIMEFRAMES, utcDay } from "../lib/market/windows.ts";
import { flows, type FlowWindow, studyWindow } from "./_flow_study.ts";
import { meanFunding, measure } from "./_funding_study.ts";
import { momentumOver, momentumSpan, withPrices } from "./_momentum_study.ts";
import { type BookRow, pressureOver } from "./_pressure_study.ts";
import { isFresh, priceOf, type PriceRow } from "./_price_study.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOver,
  readTape,
  seriesOf,
  venuesOf,
} from "./_tape.ts";
import { type DayVwap, earlierOf, volumeOver, type VolumeRow } from "./_volume_study.ts";

/** OI, liquidations and the book are looked at over the last hour. */
const WINDOW = 60;

// Type aliases: the study leaves as the reply's data.

export type AnalysisFunding = {
  /** OI-weighted over the venues, fractions. */
  readonly rate8h: number | null;
  readonly apr: number | null;
};

export type AnalysisStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  readonly price: PriceRow | null;
  readonly vwap: DayVwap;
  readonly cvd: {
    readonly "15m": FlowWindow;
    readonly "60m": FlowWindow;
    readonly day: ByMarket<number | null> & { readonly fromMs: number; readonly toMs: number };
  };
  readonly volume: { readonly "15m": VolumeRow | null; readonly "60m": VolumeRow | null };
  readonly momentum: Agreement & { readonly priceVenue: string | null };
  readonly interest: InterestChange & {
    readonly fromMs: number;
    readonly toMs: number;
    /** Of `priceVenue` over the same window, a fraction. */
    readonly priceChange: number | null;
    readonly priceVenue: string | null;
    readonly quadrant: Quadrant | null;
  };
  readonly funding: AnalysisFunding;
  /** Of the oldest rate in that mean. */
  readonly fundingAgeMs: number | null;
  readonly liquidations: LiquidationTotals & {
    readonly fromMs: number;
    readonly toMs: number;
    /** Some venue publishes a sample only: the totals are lower bounds. */
    readonly lowerBound: boolean;
  };
  /** Of `priceVenue`. */
  readonly book: (BookRow & { readonly levels: number }) | null;
  /** Over the day behind the volumes, all venues. */
  readonly trust: Trust;
};

export async function studyAnalysis(source: Source, asset: string): Promise<AnalysisStudy> {
  const nowMs = source.nowMs();
  const day = volumeSpan(TIMEFRAMES, nowMs);
  const read = await readTape(source, asset, momentumSpan(source, asset, nowMs, day));
  const tape = await withPrices(source, read, nowMs);
  const { rows } = priceOf(source, asset, tape, nowMs);
  const perps = rows.filter((row) => row.market === "perp");
  const volume = volumeOver(asset, tape, earlierOf(source, tape), nowMs, [15, WINDOW]);
  const momentum = momentumOver(asset, tape, nowMs);
  const hour = rollingWindow(WINDOW, nowMs);
  const price = priceSeriesOver(tape, hour);
  const today = utcDay(nowMs);
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(tape),
    price: rows.find(isFresh) ?? rows.find((row) => row.price !== null) ?? null,
    vwap: volume.vwap,
    cvd: {
      "15m": studyWindow(tape, rollingWindow(15, nowMs)),
      "60m": studyWindow(tape, rollingWindow(60, nowMs)),
      day: { ...today, ...levels(tape, nowMs) },
    },
    volume: {
      "15m": volume.timeframes["15m"] ?? null,
      "60m": volume.timeframes["60m"] ?? null,
    },
    momentum: { ...momentum.agreement, priceVenue: momentum.price?.venue ?? null },
    interest: interest(tape, price, hour),
    funding: meanFunding(perps.map(({ fundingRate, fundingIntervalHours, oiQuote }) => ({
      ...measure(fundingRate, fundingIntervalHours),
      oiQuote,
    }))),
    fundingAgeMs: oldestRate(perps),
    liquidations: liquidations(tape, nowMs),
    book: bookOf(source, asset, tape, price, nowMs),
    trust: volume.trust,
  };
}

function levels(tape: readonly HeldSeries[], nowMs: number): ByMarket<number | null> {
  const { spot, perp, all } = flows(tape, utcDay(nowMs));
  return { spot: spot.delta, perp: perp.delta, all: all.delta };
}

function interest(
  tape: readonly HeldSeries[],
  price: HeldSeries | null,
  span: Span,
): AnalysisStudy["interest"] {
  const change = interestChange(tape.filter((series) => series.market === "perp"), span);
  const priceChange = price && changeOf(price.buckets, span, (bucket) => bucket.c);
  return {
    ...span,
    ...change,
    priceChange,
    priceVenue: price?.venue ?? null,
    quadrant: quadrantOf(priceChange, change.deltaPct),
  };
}

/** `null` where no rate is known, or the age of one is not. */
function oldestRate(perps: readonly PriceRow[]): number | null {
  const ages = perps.flatMap(({ fundingRate, oiQuote, fundingAgeMs }) =>
    fundingRate === null || oiQuote === null ? [] : [fundingAgeMs ?? Infinity]
  );
  const oldest = Math.max(...ages);
  return Number.isFinite(oldest) ? oldest : null;
}

function liquidations(
  tape: readonly HeldSeries[],
  nowMs: number,
): AnalysisStudy["liquidations"] {
  const span = rollingWindow(WINDOW, nowMs);
  const perps = tape.filter((series) => series.market === "perp");
  const lowerBound = perps.some((series) => series.info?.liquidations === "sampled");
  return { ...span, ...liquidationsOf(seriesOf(tape, "perp"), span), lowerBound };
}

function bookOf(
  source: Source,
  asset: string,
  tape: readonly HeldSeries[],
  price: HeldSeries | null,
  nowMs: number,
): AnalysisStudy["book"] {
  const { book } = pressureOver(source, asset, price ? [price] : tape, nowMs);
  const row = book.rows[0];
  return row ? { ...row, levels: BOOK_LEVELS } : null;
}

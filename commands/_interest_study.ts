// This module is pure.
/** Everything /oi says, computed: OI now, its changes, and what price and takers did. */
import { flowOf, sidesKnown } from "../lib/market/flow.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import type { Source } from "../lib/market/source.ts";
import {
  CARRY_MINUTES,
  changeOf,
  cvdBaseOf,
  cvdPerInterest,
  type InterestChange,
  interestChange,
  type Quadrant,
  quadrantOf,
} from "../lib/market/study/interest.ts";
import { isHeardAt } from "../lib/market/study/leading.ts";
import { sumOf } from "../lib/market/sum.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow, type Span, timeframeName, TIMEFRAMES } from "../lib/market/windows.ts";
import { isOld, OI_FRESH_MS } from "./_ages.ts";
import { perpsOf } from "./_perps.ts";
import { priceOf } from "./_price_study.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOver,
  readTape,
  seriesOf,
} from "./_tape.ts";

// Type aliases: the study leaves as the reply's data.

export type InterestRow = {
  readonly venue: string;
  readonly symbol: string;
  readonly oiBase: number | null;
  /** At the mark price, else at the last one. */
  readonly oiQuote: number | null;
  readonly oiAgeMs: number | null;
  readonly markPrice: number | null;
  readonly markAgeMs: number | null;
  /** Older than five minutes, or of an age that nobody knows. */
  readonly stale: boolean;
};

export type InterestWindow = InterestChange & {
  readonly fromMs: number;
  readonly toMs: number;
  /** Fraction, on `priceVenue`, whose price stands for the asset in the window. */
  readonly priceChange: number | null;
  readonly priceVenue: string | null;
  /** Of the perpetuals, anchored at the window's start. */
  readonly cvd: number | null;
  readonly cvdBase: number | null;
  /** CVD ÷ OI, both in coins, of the venues that know their OI. */
  readonly cvdPerOi: number | null;
  readonly quadrant: Quadrant | null;
};

export type InterestStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly rows: readonly InterestRow[];
  /** Sums over the venues that know it; the others are in `without`. */
  readonly all: {
    readonly oiBase: number | null;
    readonly oiQuote: number | null;
    readonly without: readonly string[];
  };
  readonly windows: { readonly [timeframe: string]: InterestWindow };
  readonly trust: Trust;
};

export async function studyInterest(source: Source, asset: string): Promise<InterestStudy> {
  const perps = perpsOf(source);
  const nowMs = perps.nowMs();
  const hour = rollingWindow(Math.max(...TIMEFRAMES), nowMs);
  // The value at the hour's start may be a carried one.
  const fromMs = hour.fromMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  const span = { fromMs, toMs: hour.toMs };
  const tape = await readTape(perps, asset, span);
  // Where no perpetual is heard, spot's price stands for the asset, here as everywhere.
  const heard = tape.some((series) => isHeardAt(series, hour.toMs));
  const priced = heard ? tape : await readTape(source, asset, span);
  const { rows: prices, without } = priceOf(perps, asset, tape, nowMs);
  const rows = prices.map((row): InterestRow => {
    const { venue, symbol, oiBase, oiQuote, oiAgeMs, markPrice, markAgeMs } = row;
    const stale = isOld(oiBase, oiAgeMs, OI_FRESH_MS);
    return { venue, symbol, oiBase, oiQuote, oiAgeMs, markPrice, markAgeMs, stale };
  });
  const all = {
    oiBase: knownSum(rows.map((row) => row.oiBase)),
    oiQuote: knownSum(rows.map((row) => row.oiQuote)),
    without: [
      ...rows.filter((row) => row.oiBase === null).map((row) => row.venue),
      ...without,
    ],
  };
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    rows,
    all,
    windows: Object.fromEntries(TIMEFRAMES.map((minutes) => [
      timeframeName(minutes),
      studyWindow(tape, priced, rollingWindow(minutes, nowMs)),
    ])),
    trust: trustOf(tape, hour, nowMs, sidesKnown),
  };
}

function studyWindow(
  tape: readonly HeldSeries[],
  priced: readonly HeldSeries[],
  span: Span,
): InterestWindow {
  const minutes = seriesOf(tape, "perp");
  const change = interestChange(tape, span);
  const price = priceSeriesOver(priced, span);
  const priceChange = price && changeOf(price.buckets, span, (row) => row.c);
  const cvdOf = (series: readonly HeldSeries[]) =>
    cvdBaseOf(series.map(({ buckets }) => buckets), span);
  // Of the same venues as the OI: else the takers of two would stand over the OI of one.
  const cvdOfInterest = cvdOf(minutes.filter(({ venue }) => !change.without.includes(venue)));
  return {
    ...span,
    ...change,
    priceChange,
    priceVenue: priceChange === null ? null : price?.venue ?? null,
    cvd: flowOf(minutes, span).delta,
    cvdBase: cvdOf(minutes),
    cvdPerOi: cvdPerInterest(cvdOfInterest, change.toBase),
    quadrant: quadrantOf(priceChange, change.deltaPct),
  };
}

function knownSum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sumOf(known);
}

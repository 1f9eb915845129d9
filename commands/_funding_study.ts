// This module is pure.
/** Everything /funding says, computed: one asset venue by venue, or the whole market's ends. */
import type { Source } from "../lib/market/source.ts";
import {
  aprOf,
  ASSUMED_HOURS,
  eightHourRate,
  extremesOf,
  weightedMean,
} from "../lib/market/study/funding.ts";
import type { Trust } from "../lib/market/trust.ts";
import { isOld, MARK_FRESH_MS } from "./_ages.ts";
import { perpsOf } from "./_perps.ts";
import { studyPrice } from "./_price_study.ts";
import type { Origin } from "./_tape.ts";
import { type TickerTrust, tickerTrust } from "./_tickers.ts";

/** Rows at each end of the market. */
const EXTREMES = 5;

// Type aliases: the studies leave as the replies' data.

export type FundingRow = {
  readonly venue: string;
  readonly symbol: string;
  /** Fraction per interval. */
  readonly fundingRate: number | null;
  readonly fundingAgeMs: number | null;
  readonly fundingIntervalHours: number;
  /** Nobody told the interval: it is the usual 8 h. */
  readonly intervalAssumed: boolean;
  readonly nextFundingMs: number | null;
  /** Fractions. */
  readonly rate8h: number | null;
  readonly apr: number | null;
  readonly oiBase: number | null;
  /** At the mark price, else at the last one. */
  readonly oiQuote: number | null;
  readonly oiAgeMs: number | null;
  readonly markPrice: number | null;
  readonly markAgeMs: number | null;
};

export type FundingStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly rows: readonly FundingRow[];
  /** Weighted by OI in USD. */
  readonly mean: {
    readonly rate8h: number | null;
    readonly apr: number | null;
    readonly venues: readonly string[];
    /** Venues whose rate or OI is unknown, or of which nothing is. */
    readonly without: readonly string[];
  };
  readonly trust: Trust;
};

export async function studyFunding(source: Source, asset: string): Promise<FundingStudy> {
  const study = await studyPrice(perpsOf(source), asset);
  const { nowMs, tape, rows: prices, trust } = study;
  const rows = prices.map((row): FundingRow => ({
    venue: row.venue,
    symbol: row.symbol,
    ...measure(row.fundingRate, row.fundingIntervalHours),
    fundingAgeMs: row.fundingAgeMs,
    // A time that has passed belongs to the rate before.
    nextFundingMs: row.nextFundingMs !== null && row.nextFundingMs > nowMs
      ? row.nextFundingMs
      : null,
    oiBase: row.oiBase,
    oiQuote: row.oiQuote,
    oiAgeMs: row.oiAgeMs,
    markPrice: row.markPrice,
    markAgeMs: row.markAgeMs,
  }));
  const weighed = rows.filter(({ rate8h, oiQuote }) =>
    rate8h !== null && oiQuote !== null && oiQuote > 0
  );
  return {
    symbol: asset,
    nowMs,
    tape,
    rows,
    mean: {
      ...meanFunding(rows),
      venues: weighed.map((row) => row.venue),
      without: [
        ...rows.filter((row) => !weighed.includes(row)).map((row) => row.venue),
        ...study.without,
      ],
    },
    trust,
  };
}

/** Over perpetuals, weighted by OI in USD. */
export function meanFunding(rows: readonly Pick<FundingRow, "rate8h" | "apr" | "oiQuote">[]) {
  const meanOf = (pick: "rate8h" | "apr") =>
    weightedMean(rows.map((row) => ({ value: row[pick], weight: row.oiQuote })));
  return { rate8h: meanOf("rate8h"), apr: meanOf("apr") };
}

/** A rate as it compares with others; without an interval it is of the assumed one. */
export function measure(fundingRate: number | null, hours: number | null) {
  const known = hours !== null && hours > 0;
  const fundingIntervalHours = known ? hours : ASSUMED_HOURS;
  return {
    fundingRate,
    fundingIntervalHours,
    intervalAssumed: !known,
    rate8h: eightHourRate(fundingRate, fundingIntervalHours),
    apr: aprOf(fundingRate, fundingIntervalHours),
  };
}

export type ExtremeRow = {
  readonly base: string;
  readonly venue: string;
  readonly fundingRate: number;
  readonly fundingIntervalHours: number;
  readonly intervalAssumed: boolean;
  readonly rate8h: number;
  readonly apr: number;
};

export type FundingExtremes = {
  readonly nowMs: number;
  /** Markets whose rate is known, of all listed perpetuals. */
  readonly known: number;
  readonly listed: number;
  /** By 8 h equivalent, the most extreme first. */
  readonly highest: readonly ExtremeRow[];
  readonly lowest: readonly ExtremeRow[];
  readonly trust: TickerTrust;
};

/**
 * The market's highest and lowest rates: from the streams of watched markets while they
 * tell it, else from the tickers that carry one.
 */
export function studyExtremes(source: Source): FundingExtremes {
  const nowMs = source.nowMs();
  const rows = new Map<string, ExtremeRow>();
  const listed = new Set<string>();
  const add = (base: string, venue: string, rate: number | null, hours: number | null) => {
    listed.add(`${venue}:${base}`);
    const { fundingIntervalHours, intervalAssumed, rate8h, apr } = measure(rate, hours);
    if (rate === null || rate8h === null || apr === null) return;
    const row = { base, venue, fundingRate: rate, fundingIntervalHours, intervalAssumed };
    rows.set(`${venue}:${base}`, { ...row, rate8h, apr });
  };
  for (const { base, venue, fundingRate, fundingIntervalHours } of source.tickers("perp")) {
    add(base, venue, fundingRate, fundingIntervalHours ?? null);
  }
  for (const info of source.allSeries()) {
    if (info.market !== "perp") continue;
    const { fundingRate = null, fundingIntervalHours = null, markMs = null } =
      source.latest(info) ?? {};
    // A stream that fell silent knows less than the list, whose age stands below.
    const silent = isOld(fundingRate, markMs === null ? null : nowMs - markMs, MARK_FRESH_MS);
    add(info.base, info.venue, silent ? null : fundingRate, fundingIntervalHours);
  }
  return {
    nowMs,
    known: rows.size,
    listed: listed.size,
    ...extremesOf([...rows.values()], (row) => row.rate8h, EXTREMES),
    trust: tickerTrust(source, "perp"),
  };
}

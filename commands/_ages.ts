// This module is pure.
/** What a reply shows although it is old is told in one short line each. */
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { CARRY_MINUTES } from "../lib/market/study/interest.ts";
import { escape } from "../lib/reply/html.ts";
import { age } from "../lib/reply/times.ts";
import type { PriceRow } from "./_price_study.ts";

/** The lists are read every minute: one that is older was missed. */
export const TICKER_FRESH_MS: number = 2 * MINUTE_MS;

/** As long as a closed minute without OI takes an earlier one's. */
export const OI_FRESH_MS: number = CARRY_MINUTES * MINUTE_MS;

/** A live stream tells the mark price, and with it the funding rate, every few seconds. */
export const MARK_FRESH_MS: number = 2 * MINUTE_MS;

/** A known value that is older than it may be, or of an age that nobody knows. */
export function isOld(value: number | null, ageMs: number | null, freshMs: number): boolean {
  return value !== null && (ageMs === null || ageMs > freshMs);
}

/** `8 min old`, also where nobody knows. */
export function ageText(ageMs: number | null): string {
  return ageMs === null ? "of unknown age" : age(ageMs);
}

/** `24 h tickers: perp 20 min old`: of prices that are tickers themselves it is told already. */
export function oldTickers(rows: readonly PriceRow[]): string[] {
  const old = rows.filter(({ priceFrom, change24h, quoteVolume24h, tickerAgeMs }) =>
    priceFrom !== "ticker" && isOld(change24h ?? quoteVolume24h, tickerAgeMs, TICKER_FRESH_MS)
  );
  const texts = new Set(old.map(({ market, tickerAgeMs }) => `${market} ${ageText(tickerAgeMs)}`));
  return texts.size === 0 ? [] : [`24 h tickers: ${[...texts].join(", ")}`];
}

/** `bybit-perp: mark 8 min old`, for sums that are valued by it, too. */
export function oldMarks(
  rows: readonly Pick<PriceRow, "venue" | "markPrice" | "markAgeMs">[],
): string[] {
  return oldMarksAndRates(rows.map((row) => ({ ...row, fundingRate: null, fundingAgeMs: null })));
}

/** `bybit-perp: mark, funding 8 min old` */
export function oldMarksAndRates(
  rows: readonly Pick<
    PriceRow,
    "venue" | "markPrice" | "markAgeMs" | "fundingRate" | "fundingAgeMs"
  >[],
): string[] {
  return rows.flatMap(({ venue, markPrice, markAgeMs, fundingRate, fundingAgeMs }) => {
    const mark = isOld(markPrice, markAgeMs, MARK_FRESH_MS);
    const funding = isOld(fundingRate, fundingAgeMs, MARK_FRESH_MS);
    if (!mark && !funding) return [];
    const told = mark && funding && markAgeMs === fundingAgeMs
      ? `mark, funding ${ageText(markAgeMs)}`
      : [
        ...(mark ? [`mark ${ageText(markAgeMs)}`] : []),
        ...(funding ? [`funding ${ageText(fundingAgeMs)}`] : []),
      ].join(", ");
    return [`${escape(venue)}: ${told}`];
  });
}

/** `bybit-perp: OI 8 min old` */
export function oldInterest(
  rows: readonly Pick<PriceRow, "venue" | "oiBase" | "oiAgeMs">[],
): string[] {
  return rows.filter(({ oiBase, oiAgeMs }) => isOld(oiBase, oiAgeMs, OI_FRESH_MS))
    .map(({ venue, oiAgeMs }) => `${escape(venue)}: OI ${ageText(oiAgeMs)}`);
}

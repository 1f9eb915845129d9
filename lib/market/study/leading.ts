// This module is pure.
/**
 * Which market's price stands for an asset. Two venues are some hundredths of a percent
 * apart, a perpetual and spot by their basis: a change, a bar or a range is always of one
 * market, and a reply, an alert and its dry run over stored minutes mean the same one.
 *
 * The rule: a market that was heard lately before one that fell silent, a perpetual before
 * spot, and of those that are left the first in venue order, unless another knows more of
 * what is asked: what one market can tell is not unknown because another cannot. It is not
 * the market with the largest volume or open interest, for those change places from one
 * minute to the next, and not all of a tape knows them.
 */
import { barStart, type Bucket, MINUTE_MS } from "../bucket.ts";
import type { Market } from "../collector.ts";
import type { Latest } from "../source.ts";
import type { Span } from "../windows.ts";
import { CARRY_MINUTES, changeOf, standingAt } from "./interest.ts";

interface Named {
  readonly market: Market;
}

interface Priced<Row> extends Named {
  readonly buckets: readonly Row[];
}

/** How much of what is asked a market knows, from 0, nothing, to 1, all of it. */
export type Knows<S> = (series: S) => number;

/** Whether a market was heard before `endMs`: its price stands there, told in the last six minutes. */
export function isHeardAt<Row extends Pick<Bucket, "t" | "c">>(
  { buckets }: { readonly buckets: readonly Row[] },
  endMs: number,
): boolean {
  return standingAt(buckets, endMs, (row) => row.c) !== null;
}

/** The same by its newest print, with the forming minute for the last one. */
export function isHeardBy(
  latest: Readonly<Pick<Latest, "tradeMs">> | null,
  nowMs: number,
): boolean {
  const sinceMs = barStart(nowMs, 1) - CARRY_MINUTES * MINUTE_MS;
  return (latest?.tradeMs ?? -Infinity) >= sinceMs;
}

/** The markets that may stand for their asset at a minute's end; they come in venue order. */
export function leadersAt<S extends Priced<Pick<Bucket, "t" | "c">>>(
  series: readonly S[],
  endMs: number,
): readonly S[] {
  return leadersOf(series, (one) => isHeardAt(one, endMs));
}

/** The first of the leaders that knows all of what is asked, else the one that knows most. */
export function mostKnowing<S>(leaders: readonly S[], knows: Knows<S>): S | null {
  let best: { readonly one: S; readonly known: number } | null = null;
  for (const one of leaders) {
    const known = knows(one);
    if (!best || known > best.known) best = { one, known };
    if (known >= 1) break;
  }
  return best?.one ?? null;
}

/**
 * The market whose price is followed over a span: of the leaders at its end the first that
 * knows the price at its start, too. `null` without any market.
 */
export function leadingOver<S extends Priced<Bucket>>(series: readonly S[], span: Span): S | null {
  const knows = ({ buckets }: S) => changeOf(buckets, span, (row) => row.c) === null ? 0 : 1;
  return mostKnowing(leadersAt(series, span.toMs), knows);
}

/**
 * The market whose newest print is the asset's price, and whether it was heard lately. By
 * prints, for an alert on the price does not wait for a minute's end: where the forming
 * minute ends as it stands, it is the market that the minutes themselves choose.
 */
export function leadingNow<S extends Named>(
  series: readonly S[],
  latest: (one: S) => Readonly<Pick<Latest, "price" | "tradeMs">> | null,
  nowMs: number,
): { readonly leading: S | null; readonly heard: boolean } {
  const isHeard = (one: S) => isHeardBy(latest(one), nowMs);
  const knows = (one: S) => (latest(one)?.price ?? null) === null ? 0 : 1;
  const leading = mostKnowing(leadersOf(series, isHeard), knows);
  return { leading, heard: leading !== null && isHeard(leading) };
}

function leadersOf<S extends Named>(
  series: readonly S[],
  isHeard: (one: S) => boolean,
): readonly S[] {
  const taped = series.filter(({ market }) => market !== "options");
  const heard = taped.filter(isHeard);
  const known = heard.length > 0 ? heard : taped;
  const perps = known.filter(({ market }) => market === "perp");
  return perps.length > 0 ? perps : known;
}

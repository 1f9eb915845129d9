// This module is pure.
/** Everything /liquidations says, computed: totals per window, the largest minute, the cascade. */
import { barStart, MINUTE_MS } from "../lib/market/bucket.ts";
import { within } from "../lib/market/flow.ts";
import { type FineMinute, fineMinutes } from "../lib/market/past/fine.ts";
import type { Source } from "../lib/market/source.ts";
import {
  type Cascade,
  CASCADE_WINDOW_MS,
  type CascadeMinute,
  cascadeOver,
  cascadeTrigger,
} from "../lib/market/study/liquidation/cascade.ts";
import { cascadeMinutes, knowsRange } from "../lib/market/study/liquidation/cascade_minutes.ts";
import {
  CARRY_MINUTES,
  type HeldInterest,
  type InterestChange,
  interestChange,
} from "../lib/market/study/interest.ts";
import { leadersAt, mostKnowing } from "../lib/market/study/leading.ts";
import {
  largerSide,
  type LargestMinute,
  largestMinute,
  type LiquidatedMinute,
  liquidatedMinutes,
  liquidationsOf,
  type LiquidationTotals,
} from "../lib/market/study/liquidation/liquidations.ts";
import type { LiquidationNorm } from "../lib/market/study/liquidation/norm.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow, type Span } from "../lib/market/windows.ts";
import { perpsOf } from "./_perps.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  readTape,
  type TapeMarket,
  venuesOf,
} from "./_tape.ts";

/** Name and minutes. The windows are longer than the five timeframes: liquidations are rare. */
const WINDOWS: readonly (readonly [name: string, minutes: number])[] = [
  ["5m", 5],
  ["15m", 15],
  ["1h", 60],
  ["4h", 240],
  ["24h", 1440],
];

const DAY_MINUTES = 1440;

/** How far back a cascade may have begun that is still told; enough before it for an ATR. */
const CASCADE_MINUTES = 240;
const PRICE_MINUTES = CASCADE_MINUTES + 60;

// Type aliases: the study leaves as the reply's data.

export type LiquidationWindow = LiquidationTotals & {
  readonly fromMs: number;
  readonly toMs: number;
  readonly oi: InterestChange;
};

export type CascadeStudy = Cascade & {
  /** What would begin one now: one side's notional in 60 s. */
  readonly armedQuote: number;
  /** The symbol's own 99th percentile minute, of how many minutes, and where they end. */
  readonly p99Quote: number | null;
  readonly p99Minutes: number;
  readonly p99ToMs: number;
  /** Whose price and ATR are judged in the newest minute. */
  readonly priceVenue: string | null;
  /** End of the last minute judged; `null` where none could be. */
  readonly asOfMs: number | null;
  /** ATR(14, 1m) was known in that minute: without it nothing can begin. */
  readonly judged: boolean;
};

export type LiquidationStudy = {
  readonly symbol: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  /** Venues that publish a sample only: every total with them is a lower bound. */
  readonly sampled: readonly string[];
  /** Venues that publish none. */
  readonly silent: readonly string[];
  readonly windows: { readonly [name: string]: LiquidationWindow };
  /** Of the longest window, one side. */
  readonly largest: LargestMinute | null;
  readonly cascade: CascadeStudy;
  readonly trust: Trust;
};

export async function studyLiquidations(source: Source, asset: string): Promise<LiquidationStudy> {
  const perps = perpsOf(source);
  const nowMs = perps.nowMs();
  const day = rollingWindow(DAY_MINUTES, nowMs);
  const norm = await perps.liquidationNorm(asset);
  // A value at the start may be a carried one.
  const carriedMs = day.fromMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  const tape = await readTape(perps, asset, { fromMs: carriedMs, toMs: day.toMs });
  const dayStart = { fromMs: carriedMs, toMs: day.fromMs };
  const hours = tape.map((held) => lastHours(held, nowMs));
  const before = await Promise.all(
    tape.map(({ info }) => info ? perps.buckets(info, dayStart.fromMs, dayStart.toMs) : []),
  );
  // Open interest of the last hours, and of the minutes before the day, which memory lacks.
  const interest = hours.map(({ venue, buckets }, i): HeldInterest => ({
    venue,
    buckets: [...before[i] ?? [], ...buckets],
  }));
  const published = tape.filter((series) => series.info?.liquidations !== "none");
  const minutes = liquidatedMinutes(published, day);
  const named = (kind: "sampled" | "none") =>
    venuesOf(tape.filter((held) => held.info?.liquidations === kind));
  return {
    symbol: asset,
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(published.filter((held) => held.info !== null)),
    sampled: named("sampled"),
    silent: named("none"),
    windows: Object.fromEntries(WINDOWS.map(([name, length]) => {
      const span = rollingWindow(length, nowMs);
      return [name, {
        ...span,
        ...liquidationsOf(published, span),
        oi: interestChange(interest, span),
      }];
    })),
    largest: largestMinute(minutes),
    cascade: studyCascade(
      published,
      hours.filter(({ buckets }) => buckets.length > 0),
      minutes,
      norm,
      nowMs,
    ),
    trust: trustOf(published, day, nowMs, "liquidated"),
  };
}

/** The last hours of a market, one that publishes no liquidations, too: it may lead. */
interface LastHours {
  readonly venue: string;
  readonly market: TapeMarket;
  readonly buckets: readonly FineMinute[];
}

function lastHours(series: HeldSeries, nowMs: number): LastHours {
  const { venue, market } = series;
  const fromMs = barStart(nowMs, 1) - PRICE_MINUTES * MINUTE_MS;
  return { venue, market, buckets: fineMinutes(series, fromMs) };
}

function leaderAt(prices: readonly LastHours[], endMs: number): LastHours | null {
  return mostKnowing(leadersAt(prices, endMs), ({ buckets }) => knowsRange(buckets, endMs));
}

/** Each minute by the price of the market that led at its end, as an alert has read it. */
function readingsOf(
  tape: readonly HeldSeries[],
  prices: readonly LastHours[],
  { fromMs, toMs }: Span,
): CascadeMinute[] {
  const readings: CascadeMinute[] = [];
  for (let t = fromMs, untilMs = t; t < toMs; t = untilMs) {
    const leader = leaderAt(prices, t + MINUTE_MS);
    do untilMs += MINUTE_MS; while (
      untilMs < toMs && leaderAt(prices, untilMs + MINUTE_MS) === leader
    );
    readings.push(...cascadeMinutes(tape, leader?.buckets ?? [], { fromMs: t, toMs: untilMs }));
  }
  return readings;
}

function studyCascade(
  tape: readonly HeldSeries[],
  prices: readonly LastHours[],
  day: readonly LiquidatedMinute[],
  { p99Quote, minutes: p99Minutes, toMs: p99ToMs }: LiquidationNorm,
  nowMs: number,
): CascadeStudy {
  const armedQuote = cascadeTrigger(p99Quote);
  const span: Span = rollingWindow(CASCADE_MINUTES, nowMs);
  // Nothing can begin before the first minute that reaches the trigger.
  const near = within(day, span);
  const first = near.find((minute) => largerSide(minute).quote >= armedQuote) ?? near.at(-1);
  const fromMs = first?.t ?? span.toMs;
  const readings = readingsOf(tape, prices, { fromMs, toMs: span.toMs });
  const last = readings.at(-1);
  return {
    ...cascadeOver(readings, armedQuote),
    ...{ armedQuote, p99Quote, p99Minutes, p99ToMs },
    priceVenue: leaderAt(prices, span.toMs)?.venue ?? null,
    asOfMs: last ? last.t + CASCADE_WINDOW_MS : null,
    judged: last !== undefined && last.atr !== null && last.atr > 0,
  };
}

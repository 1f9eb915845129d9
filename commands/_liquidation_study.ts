// This module is pure.
/** Everything /liquidations says, computed: totals per window, the largest minute, the cascade. */
import { barStart, MINUTE_MS } from "../lib/market/bucket.ts";
import { within } from "../lib/market/flow.ts";
import { fineMinutes } from "../lib/market/past/fine.ts";
import type { Source } from "../lib/market/source.ts";
import {
  type Cascade,
  CASCADE_WINDOW_MS,
  cascadeOver,
  cascadeTrigger,
} from "../lib/market/study/cascade.ts";
import { cascadeMinutes } from "../lib/market/study/cascade_minutes.ts";
import {
  CARRY_MINUTES,
  type HeldInterest,
  type InterestChange,
  interestChange,
} from "../lib/market/study/interest.ts";
import {
  largerSide,
  type LargestMinute,
  largestMinute,
  type LiquidatedMinute,
  liquidatedMinutes,
  liquidationsOf,
  type LiquidationTotals,
} from "../lib/market/study/liquidations.ts";
import type { LiquidationNorm } from "../lib/market/study/liquidation_norm.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow, type Span } from "../lib/market/windows.ts";
import { perpsOf } from "./_perps.ts";
import {
  type HeldSeries,
  type Origin,
  originOf,
  priceSeriesOf,
  readTape,
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
  /** Whose price and ATR are judged. */
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
  const interest = await Promise.all(tape.map((held) => interestOf(perps, held, dayStart)));
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
    cascade: studyCascade(published, minutes, norm, nowMs),
    trust: trustOf(published, day, nowMs, "liquidated"),
  };
}

function studyCascade(
  tape: readonly HeldSeries[],
  day: readonly LiquidatedMinute[],
  { p99Quote, minutes: p99Minutes, toMs: p99ToMs }: LiquidationNorm,
  nowMs: number,
): CascadeStudy {
  const armedQuote = cascadeTrigger(p99Quote);
  const span: Span = rollingWindow(CASCADE_MINUTES, nowMs);
  const priceFromMs = barStart(nowMs, 1) - PRICE_MINUTES * MINUTE_MS;
  const priced = priceSeriesOf(tape, nowMs);
  const prices = within(fineMinutes(priced ?? [], priceFromMs), { ...span, fromMs: priceFromMs });
  // Nothing can begin before the first minute that reaches the trigger.
  const near = within(day, span);
  const first = near.find((minute) => largerSide(minute).quote >= armedQuote) ?? near.at(-1);
  const fromMs = first?.t ?? span.toMs;
  const readings = cascadeMinutes(tape, prices, { fromMs, toMs: span.toMs });
  const last = readings.at(-1);
  return {
    ...cascadeOver(readings, armedQuote),
    ...{ armedQuote, p99Quote, p99Minutes, p99ToMs },
    priceVenue: priced?.venue ?? null,
    asOfMs: last ? last.t + CASCADE_WINDOW_MS : null,
    judged: last !== undefined && last.atr !== null && last.atr > 0,
  };
}

/** Open interest of the last hours, and of the minutes before the day, which memory lacks. */
async function interestOf(
  source: Source,
  held: HeldSeries,
  dayStart: Span,
): Promise<HeldInterest> {
  const { venue, info } = held;
  const before = info ? await source.buckets(info, dayStart.fromMs, dayStart.toMs) : [];
  const sinceMs = dayStart.toMs + (DAY_MINUTES - PRICE_MINUTES) * MINUTE_MS;
  return { venue, buckets: [...before, ...fineMinutes(held, sinceMs)] };
}

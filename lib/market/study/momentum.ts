// This module is pure.
/**
 * Momentum as the metrics page defines it, over closed bars. The smoothings are Wilder's
 * (New Concepts in Technical Trading Systems, 1978): the first value is a simple mean,
 * each next one (previous · (n − 1) + new) ÷ n. All are `null` with too few bars.
 */
import type { PriceBar } from "./price_bars.ts";

export const RSI_BARS = 14;
export const ATR_BARS = 14;
export const EMA_FAST = 9;
export const EMA_SLOW = 21;
export const ROC_BARS = 14;

// A type alias: it leaves as JSON.

export type Momentum = {
  readonly closedBars: number;
  readonly incompleteBars: number;
  readonly close: number | null;
  /** Fractions: close ÷ close 1 and 14 bars before − 1. */
  readonly roc1: number | null;
  readonly roc14: number | null;
  /** 0 … 100. */
  readonly rsi14: number | null;
  /** In the unit of the price. */
  readonly atr14: number | null;
  /** (EMA(9) − EMA(21)) ÷ ATR(14). */
  readonly emaGapAtr: number | null;
};

/** How much of what is measured so many closed bars tell: with 21 all of it is known. */
export function partOfBars(bars: number): number {
  return Math.min(1, bars / EMA_SLOW);
}

export function momentumOf(bars: readonly PriceBar[]): Momentum {
  const closes = bars.map((bar) => bar.c);
  const atr14 = atr(bars, ATR_BARS);
  const [fast, slow] = [ema(closes, EMA_FAST), ema(closes, EMA_SLOW)];
  const gap = fast === null || slow === null ? null : fast - slow;
  return {
    closedBars: bars.length,
    incompleteBars: bars.reduce((count, bar) => bar.complete ? count : count + 1, 0),
    close: closes.at(-1) ?? null,
    roc1: roc(closes, 1),
    roc14: roc(closes, ROC_BARS),
    rsi14: rsi(closes, RSI_BARS),
    atr14,
    emaGapAtr: gap === null || atr14 === null || !(atr14 > 0) ? null : gap / atr14,
  };
}

/** Rate of change over `count` bars, a fraction. */
export function roc(closes: readonly number[], count: number): number | null {
  const now = closes.at(-1);
  const then = closes.at(-1 - count);
  return now === undefined || then === undefined || !(then > 0) ? null : now / then - 1;
}

/**
 * RSI = 100 · mean gain ÷ (mean gain + mean loss), Wilder's means. `null` also of a flat
 * price, which is neither strong nor weak.
 */
export function rsi(closes: readonly number[], count: number): number | null {
  const [gains, losses] = [wilder(count), wilder(count)];
  for (let i = 1; i < closes.length; i++) {
    const change = (closes[i] ?? NaN) - (closes[i - 1] ?? NaN);
    gains.add(Math.max(0, change));
    losses.add(Math.max(0, -change));
  }
  const [gain, loss] = [gains.mean, losses.mean];
  if (gain === null || loss === null || !(gain + loss > 0)) return null;
  return 100 * gain / (gain + loss);
}

/** Average true range; the true range of the first bar is unknown, for it has no close before. */
export function atr(bars: readonly PriceBar[], count: number): number | null {
  const ranges = wilder(count);
  let before: number | null = null;
  for (const { h, l, c } of bars) {
    if (before !== null) ranges.add(Math.max(h - l, Math.abs(h - before), Math.abs(l - before)));
    before = c;
  }
  return ranges.mean;
}

/** Exponential mean with α = 2 ÷ (n + 1), begun with the simple mean of the first n closes. */
export function ema(closes: readonly number[], count: number): number | null {
  const smoothed = new Smoothed(count, 2 / (count + 1));
  for (const close of closes) smoothed.add(close);
  return smoothed.mean;
}

function wilder(count: number): Smoothed {
  return new Smoothed(count, 1 / count);
}

/** An exponential mean that begins as the simple one of its first `count` values. */
class Smoothed {
  readonly #count: number;
  readonly #alpha: number;
  #mean = 0;
  #seen = 0;

  constructor(count: number, alpha: number) {
    this.#count = count;
    this.#alpha = alpha;
  }

  add(value: number): void {
    const off = value - this.#mean;
    this.#mean += this.#seen < this.#count ? off / (this.#seen + 1) : this.#alpha * off;
    this.#seen++;
  }

  /** `null` before there are enough values. */
  get mean(): number | null {
    return this.#seen < this.#count ? null : this.#mean;
  }
}

/** 1 up, −1 down, 0 neither. */
export type Direction = -1 | 0 | 1;

/** With fewer values known, a direction would be an accident. */
const LEAST_SIGNS = 3;

/** Which way most of the known values point; `null` where fewer than three are known. */
export function directionOf(values: readonly (number | null)[]): Direction | null {
  const signs = values.flatMap((value) => value === null ? [] : [Math.sign(value)]);
  if (signs.length < LEAST_SIGNS) return null;
  const sum = signs.reduce((total, sign) => total + sign, 0);
  return sum > 0 ? 1 : sum < 0 ? -1 : 0;
}

// A type alias: it leaves as JSON.

export type Agreement = {
  /** Mean of the known directions, −1 … 1. */
  readonly composite: number | null;
  readonly up: number;
  readonly down: number;
  readonly flat: number;
  readonly unknown: number;
};

/** The mean of the directions, and by how many it is held. */
export function agreementOf(directions: readonly (Direction | null)[]): Agreement {
  const count = (wanted: Direction | null) =>
    directions.reduce((sum: number, direction) => direction === wanted ? sum + 1 : sum, 0);
  const [up, down, flat, unknown] = [count(1), count(-1), count(0), count(null)];
  const known = up + down + flat;
  return { composite: known === 0 ? null : (up - down) / known, up, down, flat, unknown };
}

/** Formulas of the metrics page, written again from its words: RSI, robust z, divergence, cascade. */
import { type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** RSI(14) by Wilder's smoothing, begun with the mean of the first 14 changes. */
export function plainRsi(closes: readonly number[]): number | null {
  const changes = closes.slice(1).map((close, i) => close - (closes[i] as number));
  if (changes.length < 14) return null;
  const first = changes.slice(0, 14);
  let gain = first.reduce((sum, change) => sum + (change > 0 ? change : 0), 0) / 14;
  let loss = first.reduce((sum, change) => sum + (change < 0 ? -change : 0), 0) / 14;
  for (const change of changes.slice(14)) {
    gain = (13 * gain + (change > 0 ? change : 0)) / 14;
    loss = (13 * loss + (change < 0 ? -change : 0)) / 14;
  }
  return gain + loss === 0 ? null : 100 - 100 / (1 + gain / loss);
}

/** 0.6745 · (x − median) ÷ MAD. */
export function plainZ(x: number, values: readonly number[]): number | null {
  const middle = plainMedian(values);
  const mad = plainMedian(values.map((value) => Math.abs(value - middle)));
  return mad === 0 ? null : 0.6745 * (x - middle) / mad;
}

function plainMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN];
  return (low + high) / 2;
}

/**
 * A new high (low) in the last fifth of the window while CVD, from zero at its start, makes
 * none: 1 bullish, 2 bearish, 0 neither or both. NaN stands for a minute without a print.
 */
export function plainDivergence(
  highs: readonly number[],
  lows: readonly number[],
  deltas: readonly number[],
): number | null {
  const recent = highs.length - Math.max(1, Math.floor(highs.length / 5));
  const cvd = deltas.map((_, i) => deltas.slice(0, i + 1).reduce((sum, one) => sum + one, 0));
  const known = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));
  const parts = (values: readonly number[]) =>
    [known(values.slice(0, recent)), known(values.slice(recent))] as const;
  const [[highBefore, highAfter], [lowBefore, lowAfter]] = [parts(highs), parts(lows)];
  if (highBefore.length === 0 || highAfter.length === 0) return null;
  const bearish = Math.max(...highAfter) > Math.max(...highBefore) &&
    Math.max(...cvd.slice(recent)) <= Math.max(0, ...cvd.slice(0, recent));
  const bullish = Math.min(...lowAfter) < Math.min(...lowBefore) &&
    Math.min(...cvd.slice(recent)) >= Math.min(0, ...cvd.slice(0, recent));
  return bearish === bullish ? 0 : bullish ? 1 : 2;
}

/**
 * The cascade over all minutes from the first on: 1 while longs are closed, 2 shorts, 0
 * none. It begins with a minute's side of ≥ max(250k, p99 minute of all before the
 * hour), ≥ 5 events, ≥ 70 % and a move of ≥ ATR(14); it ends when the minutes of 60 s are
 * all below half of its trigger.
 */
export function plainCascade(
  perps: readonly (readonly Bucket[])[],
  lead: readonly Bucket[],
): (endMs: number) => number | null {
  let side = 0;
  let trigger = 0;
  let quietMs: number | null = null;
  let doneMs = 0;
  const step = (endMs: number) => {
    const t = endMs - MINUTE_MS;
    const rows = perps.map((list) => list.find((row) => row.t === t));
    if (rows.some((row) => row?.coverageMs !== MINUTE_MS)) return;
    const sum = (pick: (row: Bucket) => number | null) =>
      rows.reduce((total, row) => total + (row ? pick(row) ?? 0 : 0), 0);
    const [long, short] = [sum((row) => row.liqLongQuote), sum((row) => row.liqShortQuote)];
    const [longs, shorts] = [sum((row) => row.liqLongs), sum((row) => row.liqShorts)];
    const needed = Math.max(250_000, percentileOf(perps, endMs));
    const minute = lead.find((row) => row.t === t);
    const atr = atrBefore(lead, t);
    const [h, l, c] = [minute?.h ?? NaN, minute?.l ?? NaN, minute?.c ?? NaN];
    const [quote, events, moved] = long >= short ? [long, longs, h - c] : [short, shorts, c - l];
    const triggers = quote >= needed && events >= 5 && quote >= 0.7 * (long + short) &&
      atr !== null && atr > 0 && moved >= atr;
    const now = long >= short ? 1 : 2;
    if (triggers && side !== now) [side, trigger, quietMs] = [now, needed, null];
    else if (side !== 0) {
      const own = side === 1 ? long : short;
      quietMs = own < trigger / 2 ? quietMs ?? endMs : null;
      if (quietMs !== null && endMs - quietMs >= MINUTE_MS) side = 0;
    }
  };
  return (endMs) => {
    for (let t = doneMs === 0 ? endMs - 10 * MINUTE_MS : doneMs + MINUTE_MS; t <= endMs;) {
      step(t);
      t += MINUTE_MS;
    }
    doneMs = endMs;
    const last = perps.map((list) => list.find((row) => row.t === endMs - MINUTE_MS));
    return last.some((row) => row?.coverageMs !== MINUTE_MS) ? null : side;
  };
}

/** The 99th percentile, by nearest rank, of the larger side of all known minutes before the hour. */
function percentileOf(perps: readonly (readonly Bucket[])[], endMs: number): number {
  const hourMs = Math.floor(endMs / HOUR_MS) * HOUR_MS;
  const sides = new Map<number, [number, number]>();
  for (const { t, liqLongQuote, liqShortQuote } of perps.flat()) {
    if (t >= hourMs) continue;
    const [long, short] = sides.get(t) ?? [0, 0];
    sides.set(t, [long + (liqLongQuote ?? 0), short + (liqShortQuote ?? 0)]);
  }
  const sorted = [...sides.values()].map((pair) => Math.max(...pair)).sort((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0;
}

/** ATR(14) by Wilder of the hour of minutes that ends at `endMs`, which is the view's reach. */
function atrBefore(lead: readonly Bucket[], endMs: number): number | null {
  const rows = lead.filter(({ t }) => t >= endMs - 59 * MINUTE_MS && t < endMs);
  const ranges = rows.slice(1).map(({ h, l }, i) => {
    const close = rows[i]?.c ?? NaN;
    return Math.max(h ?? NaN, close) - Math.min(l ?? NaN, close);
  });
  if (ranges.length < 14) return null;
  let atr = ranges.slice(0, 14).reduce((sum, range) => sum + range, 0) / 14;
  for (const range of ranges.slice(14)) atr = (13 * atr + range) / 14;
  return atr;
}

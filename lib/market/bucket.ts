// This module is pure.
/**
 * The minute bucket: what one market did in one half-open minute `[t, t + 60 s)` of
 * exchange time. `null` is unknown; a zero is a real zero.
 */

export const MINUTE_MS = 60_000;
export const QUARTER_MINUTES = 15;
export const QUARTER_MS: number = QUARTER_MINUTES * MINUTE_MS;

/** `live`: from the stream. `repaired`: rebuilt from trades by id. `candle`: from a venue candle. */
export type BucketSource = "live" | "repaired" | "candle";

export interface Bucket {
  /** Start, ms since the epoch. */
  readonly t: number;
  /** Prices are `null` where nothing traded or nothing is known. */
  readonly o: number | null;
  readonly h: number | null;
  readonly l: number | null;
  readonly c: number | null;
  /** Total volume; known even where the sides are not (a candle without taker volume). */
  readonly volBase: number | null;
  readonly volQuote: number | null;
  /** Taker volumes. */
  readonly buyBase: number | null;
  readonly sellBase: number | null;
  readonly buyQuote: number | null;
  readonly sellQuote: number | null;
  /** Prints per taker side. */
  readonly buys: number | null;
  readonly sells: number | null;
  readonly largeBuyQuote: number | null;
  readonly largeSellQuote: number | null;
  /** Liquidated positions, as far as the venue publishes them. */
  readonly liqLongQuote: number | null;
  readonly liqShortQuote: number | null;
  readonly liqLongs: number | null;
  readonly liqShorts: number | null;
  /** Last known in the minute, one side, base coin. */
  readonly oiBase: number | null;
  readonly fundingRate: number | null;
  readonly fundingIntervalHours: number | null;
  readonly markPrice: number | null;
  /** Mean of the minute's samples, −1 … 1. */
  readonly imbalance: number | null;
  readonly imbalanceSamples: number;
  /** Milliseconds of the bucket in which the trade stream was live and whole. */
  readonly coverageMs: number;
  /** `null` where nothing at all is known. */
  readonly source: BucketSource | null;
  /** First and last sequential trade id, where the venue has them. */
  readonly firstId: number | null;
  readonly lastId: number | null;
}

/** A minute of which nothing is known. */
export function emptyBucket(t: number): Bucket {
  return {
    t,
    o: null,
    h: null,
    l: null,
    c: null,
    volBase: null,
    volQuote: null,
    buyBase: null,
    sellBase: null,
    buyQuote: null,
    sellQuote: null,
    buys: null,
    sells: null,
    largeBuyQuote: null,
    largeSellQuote: null,
    liqLongQuote: null,
    liqShortQuote: null,
    liqLongs: null,
    liqShorts: null,
    oiBase: null,
    fundingRate: null,
    fundingIntervalHours: null,
    markPrice: null,
    imbalance: null,
    imbalanceSamples: 0,
    coverageMs: 0,
    source: null,
    firstId: null,
    lastId: null,
  };
}

/** A number of memory, where NaN is unknown, as one of a minute, where `null` is. */
export function knownOrNull(value = NaN): number | null {
  return value === value ? value : null;
}

/** Sum where known: unknown on one side leaves the other, unknown on both stays unknown. */
export function sumKnown(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : a + b;
}

/**
 * Sum in which an unknown part makes the whole unknown: a delta over a minute whose
 * sides are unknown is not the delta of the rest.
 */
function sumWhole(a: Bucket, b: Bucket, pick: (bucket: Bucket) => number | null): number | null {
  // A side that has no data at all (source null) adds nothing; its absence shows in the coverage.
  if (a.source === null) return pick(b);
  if (b.source === null) return pick(a);
  const [left, right] = [pick(a), pick(b)];
  return left === null || right === null ? null : left + right;
}

const WORST: Readonly<Record<BucketSource, number>> = { live: 0, repaired: 1, candle: 2 };

function worseSource(a: BucketSource | null, b: BucketSource | null): BucketSource | null {
  if (a === null) return b;
  if (b === null) return a;
  return WORST[a] >= WORST[b] ? a : b;
}

/**
 * Merges a bucket with a later one (or a later part of the same minute). Associative.
 * The result's `t` is the earlier one; coverage adds up.
 */
export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  const samples = a.imbalanceSamples + b.imbalanceSamples;
  const imbalance = samples === 0 ? null : (
    (a.imbalance ?? 0) * a.imbalanceSamples + (b.imbalance ?? 0) * b.imbalanceSamples
  ) / samples;
  return {
    t: Math.min(a.t, b.t),
    o: a.o ?? b.o,
    h: a.h === null ? b.h : b.h === null ? a.h : Math.max(a.h, b.h),
    l: a.l === null ? b.l : b.l === null ? a.l : Math.min(a.l, b.l),
    c: b.c ?? a.c,
    volBase: sumKnown(a.volBase, b.volBase),
    volQuote: sumKnown(a.volQuote, b.volQuote),
    buyBase: sumWhole(a, b, (x) => x.buyBase),
    sellBase: sumWhole(a, b, (x) => x.sellBase),
    buyQuote: sumWhole(a, b, (x) => x.buyQuote),
    sellQuote: sumWhole(a, b, (x) => x.sellQuote),
    buys: sumWhole(a, b, (x) => x.buys),
    sells: sumWhole(a, b, (x) => x.sells),
    largeBuyQuote: sumWhole(a, b, (x) => x.largeBuyQuote),
    largeSellQuote: sumWhole(a, b, (x) => x.largeSellQuote),
    liqLongQuote: sumKnown(a.liqLongQuote, b.liqLongQuote),
    liqShortQuote: sumKnown(a.liqShortQuote, b.liqShortQuote),
    liqLongs: sumKnown(a.liqLongs, b.liqLongs),
    liqShorts: sumKnown(a.liqShorts, b.liqShorts),
    oiBase: b.oiBase ?? a.oiBase,
    fundingRate: b.fundingRate ?? a.fundingRate,
    fundingIntervalHours: b.fundingIntervalHours ?? a.fundingIntervalHours,
    markPrice: b.markPrice ?? a.markPrice,
    imbalance,
    imbalanceSamples: samples,
    coverageMs: a.coverageMs + b.coverageMs,
    source: worseSource(a.source, b.source),
    firstId: a.firstId ?? b.firstId,
    lastId: b.lastId ?? a.lastId,
  };
}

/** The start of the bar of `minutes` length (aligned to the epoch) that holds `timeMs`. */
export function barStart(timeMs: number, minutes: number): number {
  const width = minutes * MINUTE_MS;
  return Math.floor(timeMs / width) * width;
}

/**
 * Bars of `minutes` length, aligned to the epoch, from ordered minute buckets. A bar
 * appears where at least one minute of it does.
 */
export function aggregate(buckets: readonly Bucket[], minutes: number): Bucket[] {
  if (minutes === 1) return [...buckets];
  const bars: Bucket[] = [];
  let open: Bucket | undefined;
  for (const bucket of buckets) {
    const t = barStart(bucket.t, minutes);
    if (open && open.t === t) open = mergeBuckets(open, bucket);
    else {
      if (open) bars.push(open);
      open = { ...bucket, t };
    }
  }
  if (open) bars.push(open);
  return bars;
}

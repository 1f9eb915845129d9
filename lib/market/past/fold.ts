// This module is pure.
/** The minutes of one quarter-hour folded into what `PastRing` keeps of them. */
import { type Bucket, MINUTE_MS, sumKnown } from "../bucket.ts";
import { isRebuilt, MINUTE_IS } from "./bits.ts";

/** High, low and close of the minutes that have a price; NaN where none has. */
export interface PriceFold {
  readonly h: number;
  readonly l: number;
  readonly c: number;
}

/** What a quarter comes to; `null` where no minute knows the value. */
export interface QuarterFold {
  /** Of the minutes whose sides are both known. */
  readonly buyQuote: number | null;
  readonly sellQuote: number | null;
  /** Taker buy − sell; `null` where a minute that is known lacks its sides. */
  readonly delta: number | null;
  /** Quote of longs and shorts in a quarter that was heard live; `null` of any other. */
  readonly liquidated: number | null;
  /** The last ones known. */
  readonly close: number | null;
  readonly oiBase: number | null;
  readonly fundingRate: number | null;
  readonly fundingIntervalHours: number | null;
  /** Of the minutes that traded, both known. */
  readonly vwapBase: number;
  readonly vwapQuote: number;
  /** Σ q · (p − the quarter's VWAP)², p a minute's own VWAP, q its base volume. */
  readonly vwapSquares: number;
}

export function foldQuarter(minutes: readonly Bucket[]): QuarterFold {
  let [buyQuote, sellQuote]: [number | null, number | null] = [null, null];
  let [close, oiBase]: [number | null, number | null] = [null, null];
  let [longs, shorts]: [number | null, number | null] = [null, null];
  let [sided, live, rebuilt] = [true, false, false];
  let [fundingRate, fundingIntervalHours]: [number | null, number | null] = [null, null];
  let [vwapBase, vwapQuote, vwapSquares] = [0, 0, 0];
  for (const minute of minutes) {
    live ||= minute.source === "live";
    rebuilt ||= isRebuilt(minute);
    if (minute.source !== null && !MINUTE_IS.sides(minute)) sided = false;
    longs = sumKnown(longs, minute.liqLongQuote);
    shorts = sumKnown(shorts, minute.liqShortQuote);
    close = minute.c ?? close;
    oiBase = minute.oiBase ?? oiBase;
    fundingRate = minute.fundingRate ?? fundingRate;
    fundingIntervalHours = minute.fundingIntervalHours ?? fundingIntervalHours;
    if (minute.buyQuote !== null && minute.sellQuote !== null) {
      buyQuote = (buyQuote ?? 0) + minute.buyQuote;
      sellQuote = (sellQuote ?? 0) + minute.sellQuote;
    }
    if (minute.volBase === null || minute.volQuote === null || !(minute.volBase > 0)) continue;
    vwapBase += minute.volBase;
    vwapQuote += minute.volQuote;
  }
  const vwap = vwapQuote / vwapBase;
  // A second pass: the difference of Σ q·p² and VWAP² would lose all its digits.
  for (const { volBase: q, volQuote: value } of minutes) {
    if (q !== null && value !== null && q > 0) vwapSquares += q * (value / q - vwap) ** 2;
  }
  // Nobody tells afterwards what was liquidated in a minute that had to be rebuilt.
  const told = live && !rebuilt;
  return {
    ...{ buyQuote, sellQuote },
    delta: sided && buyQuote !== null && sellQuote !== null ? buyQuote - sellQuote : null,
    liquidated: told && longs !== null && shorts !== null ? longs + shorts : null,
    ...{ close, oiBase, fundingRate, fundingIntervalHours, vwapBase, vwapQuote, vwapSquares },
  };
}

/** The price's bar of minutes `[fromMs, toMs)`. */
export function foldPrice(minutes: readonly Bucket[], fromMs: number, toMs: number): PriceFold {
  let [h, l, c] = [-Infinity, Infinity, NaN];
  for (const minute of minutes) {
    if (minute.t < fromMs || minute.t >= toMs || minute.c === null) continue;
    c = minute.c;
    h = Math.max(h, minute.h ?? c);
    l = Math.min(l, minute.l ?? c);
  }
  return c === c ? { h, l, c } : { h: NaN, l: NaN, c };
}

/** What was liquidated in a minute: its place in the quarter, quote and counts. */
export const ENTRY_WIDTH = 5;

/**
 * Rows of `ENTRY_WIDTH` numbers: minute of the quarter, long and short quote, longs and
 * shorts; only of minutes in which something was liquidated. `null` where none was.
 */
export function foldLiquidations(t: number, minutes: readonly Bucket[]): readonly number[] | null {
  const rows: number[] = [];
  for (const minute of minutes) {
    const { liqLongQuote, liqShortQuote, liqLongs, liqShorts } = minute;
    const values = [liqLongQuote ?? 0, liqShortQuote ?? 0, liqLongs ?? 0, liqShorts ?? 0];
    if (values.some((value) => value !== 0)) rows.push((minute.t - t) / MINUTE_MS, ...values);
  }
  // A copy: what was pushed has room for as much again.
  return rows.length === 0 ? null : rows.slice();
}

// This module is pure.
/** What is asked of single minutes when they are counted. */
import { type Bucket, MINUTE_MS } from "../bucket.ts";

/** `sided`, `volumed` and `liquidated`: whole, and that is known of it. */
export const MINUTE_IS = {
  /** Something is known of its tape. */
  sourced: ({ source }: Bucket) => source !== null,
  whole: isWhole,
  /** Both taker sides are known, whole or not. */
  sides,
  sided: (minute: Bucket) => isWhole(minute) && sides(minute),
  volumed: (minute: Bucket) => isWhole(minute) && minute.volQuote !== null,
  /** Its liquidations are known, none at all among them. */
  told,
  liquidated: (minute: Bucket) => isWhole(minute) && told(minute),
  repaired: ({ source }: Bucket) => source === "repaired",
  candle: ({ source }: Bucket) => source === "candle",
} as const;

export type MinuteIs = keyof typeof MINUTE_IS;

function isWhole({ coverageMs }: Bucket): boolean {
  return coverageMs >= MINUTE_MS;
}

function sides({ buyQuote, sellQuote }: Bucket): boolean {
  return buyQuote !== null && sellQuote !== null;
}

function told(minute: Bucket): boolean {
  const { liqLongQuote, liqShortQuote, liqLongs, liqShorts } = minute;
  if (liqLongQuote === null || liqShortQuote === null) return false;
  if (liqLongs === null || liqShorts === null) return false;
  // Nobody tells afterwards what was liquidated in a minute that was heard in part: a side of
  // which nothing was heard is then unknown, but what was heard of both may not be all.
  return !(isRebuilt(minute) && liqLongs > 0 && liqShorts > 0);
}

/** Whether its tape was had from elsewhere than the stream. */
export function isRebuilt({ source }: Bucket): boolean {
  return source === "repaired" || source === "candle";
}

/** Bits of the minutes of the quarter at `t` that are so, the first one lowest. */
export function bitsOf(t: number, minutes: readonly Bucket[], is: MinuteIs): number {
  const holds = MINUTE_IS[is];
  let bits = 0;
  for (const minute of minutes) if (holds(minute)) bits |= 1 << (minute.t - t) / MINUTE_MS;
  return bits;
}

/** How many of the lowest 16 bits are set: pairs, fours and eights added side by side. */
export function countBits(mask: number): number {
  const pairs = mask - ((mask >>> 1) & 0x5555);
  const fours = (pairs & 0x3333) + ((pairs >>> 2) & 0x3333);
  const eights = (fours + (fours >>> 4)) & 0x0f0f;
  return (eights + (eights >>> 8)) & 0x1f;
}

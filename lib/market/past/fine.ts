// This module is pure.
/** Price and open interest of the last hours minute by minute. */
import { type Bucket, knownOrNull, MINUTE_MS, QUARTER_MS } from "../bucket.ts";
import { type Minutes, QuarterWalk, stretchOf } from "./past.ts";

export type FineMinute = Pick<Bucket, "t" | "h" | "l" | "c" | "oiBase" | "coverageMs">;

/**
 * The minutes since `fromMs`, ordered; those in quarter-hours reach five hours back, and of a
 * torn one only that it is torn is known: its coverage is 0.
 */
export function fineMinutes(minutes: Minutes, fromMs: number): readonly FineMinute[] {
  const { past, buckets } = stretchOf(minutes);
  if (!past) return buckets;
  const { ring } = past;
  const rows: FineMinute[] = [];
  const walk = new QuarterWalk(past, { fromMs, toMs: past.toMs });
  for (let quarterMs = walk.firstMs; quarterMs < walk.toMs; quarterMs += QUARTER_MS) {
    const whole = ring.bits("whole", quarterMs);
    const slot = ring.fine.slotOf(quarterMs);
    for (let rest = walk.maskAt(quarterMs), i = 0; rest !== 0; rest >>>= 1, i++) {
      if ((rest & 1) === 0) continue;
      rows.push({
        t: quarterMs + i * MINUTE_MS,
        h: knownOrNull(ring.fine.priceIn(slot, i, "h")),
        l: knownOrNull(ring.fine.priceIn(slot, i, "l")),
        c: knownOrNull(ring.fine.priceIn(slot, i, "c")),
        oiBase: knownOrNull(ring.fine.interestIn(slot, i)),
        coverageMs: (whole >> i & 1) * MINUTE_MS,
      });
    }
  }
  return rows.concat(buckets);
}

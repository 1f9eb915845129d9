// This module is pure.
/** How long to wait before the next attempt: doubling, jittered, bounded on both sides. */

const FIRST_CEILING_MS = 2_000;
const LAST_CEILING_MS = 60_000;

/**
 * The wait in ms after `failures` failures in a row (1 or more), `random` in `[0, 1)`: the
 * upper half of 2, 4, 8 … 60 s. So it lies between 1 and 60 s, and many clients that
 * were cut off together do not come back together.
 */
export function backoffMs(failures: number, random: number): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, 16);
  const ceilingMs = Math.min(FIRST_CEILING_MS * 2 ** doublings, LAST_CEILING_MS);
  return ceilingMs * (1 + random) / 2;
}

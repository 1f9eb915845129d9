// This module is pure.
/** Which of two values of one time a restored backup leaves in the store. */
import type { Bucket, BucketSource } from "../../market/bucket.ts";

const WORTH: Readonly<Record<BucketSource, number>> = { live: 3, repaired: 2, candle: 1 };

/**
 * Whether a bucket of a backup takes the place of the stored one: where it covers more of
 * its time, or as much and comes from nearer the tape. Of equals the stored one stays, so
 * that a second import changes nothing.
 */
export function isBetter(given: Bucket, held: Bucket): boolean {
  if (given.coverageMs !== held.coverageMs) return given.coverageMs > held.coverageMs;
  return worth(given) > worth(held);
}

function worth({ source }: Bucket): number {
  return source === null ? 0 : WORTH[source];
}

import { deepEqual, equal, ok, throws } from "../../assert.ts";
import fc from "fast-check";
import { emptyBucket } from "../../../lib/market/bucket.ts";
import { decodeBucket, encodeBucket, MAX_BUCKET_BYTES } from "../../../lib/store/rows/codec.ts";
import { anyBucket, liveBucket, NOW_MS } from "../support.ts";

Deno.test("any bucket comes back from its bytes as it was, unknown, 0 and -0 apart", () => {
  fc.assert(
    fc.property(anyBucket(NOW_MS), (bucket) => {
      deepEqual(decodeBucket(encodeBucket(bucket), NOW_MS), bucket);
    }),
    { numRuns: 500 },
  );
});

Deno.test("no bucket is longer than the limit that parts are cut by", () => {
  fc.assert(fc.property(anyBucket(NOW_MS), (bucket) => {
    ok(encodeBucket(bucket).length <= MAX_BUCKET_BYTES);
  }));
});

Deno.test("an empty bucket takes eight bytes, a full live one at most 145", () => {
  // Zeros of `imbalanceSamples` and `coverageMs` are in the head.
  equal(encodeBucket(emptyBucket(0)).length, 8);
  ok(encodeBucket(liveBucket(NOW_MS)).length <= 145);
});

Deno.test("a total that is not the exact sum of its sides is kept itself", () => {
  const bucket = { ...liveBucket(NOW_MS), buyBase: 0.1, sellBase: 0.2, volBase: 0.3 };
  equal(decodeBucket(encodeBucket(bucket), NOW_MS).volBase, 0.3);
  const summed = { ...bucket, volBase: 0.1 + 0.2 };
  equal(decodeBucket(encodeBucket(summed), NOW_MS).volBase, 0.1 + 0.2);
});

Deno.test("a total without known sides, as in a candle, is kept itself", () => {
  const candle = {
    ...emptyBucket(NOW_MS),
    volBase: 12.5,
    volQuote: 99.5,
    source: "candle" as const,
  };
  deepEqual(decodeBucket(encodeBucket(candle), NOW_MS), candle);
});

Deno.test("bytes that end too early throw a RangeError", () => {
  const bytes = encodeBucket(liveBucket(NOW_MS));
  for (let length = 0; length < bytes.length; length++) {
    throws(() => decodeBucket(bytes.subarray(0, length), NOW_MS), RangeError);
  }
});

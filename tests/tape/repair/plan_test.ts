import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { isFinal, minutesIn, missingSpans, nextPart } from "../../../lib/tape/repair/plan.ts";

const span = (from: number, to: number) => ({ fromMs: from * MINUTE_MS, toMs: to * MINUTE_MS });

Deno.test("the missing spans are exactly the minutes that are not final, newest first", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (final) => {
    const spans = missingSpans(
      (t) => final[t / MINUTE_MS] ?? false,
      0,
      final.length * MINUTE_MS,
    );
    const missing = new Set<number>();
    let beforeMs = Infinity;
    for (const { fromMs, toMs } of spans) {
      ok(fromMs < toMs && toMs < beforeMs, "spans are apart, else they would be one");
      beforeMs = fromMs;
      for (let t = fromMs; t < toMs; t += MINUTE_MS) missing.add(t / MINUTE_MS);
    }
    final.forEach((is, minute) => equal(missing.has(minute), !is));
  }));
});

Deno.test("a short span is mended as a whole", () => {
  deepEqual(nextPart(span(10, 20), (t) => t % 2 === 0, 1000), span(10, 20));
});

Deno.test("of a long span the minutes that were seen come by trades, the others by candles", () => {
  const isSeen = (t: number) => t / MINUTE_MS === 99 || t / MINUTE_MS < 50;
  deepEqual(nextPart(span(0, 100), isSeen, 1000), span(99, 100));
  deepEqual(nextPart(span(0, 99), isSeen, 1000), span(50, 99));
  deepEqual(nextPart(span(0, 99), isSeen, 20), span(79, 99));
  deepEqual(nextPart(span(0, 50), isSeen, 1000), span(40, 50));
});

Deno.test("parts taken one after the other cover a span once and come to its end", () => {
  fc.assert(fc.property(
    fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
    fc.integer({ min: 1, max: 40 }),
    (seen, most) => {
      let rest = span(0, seen.length);
      for (let guard = 0; rest.toMs > rest.fromMs; guard++) {
        ok(guard <= seen.length);
        const part = nextPart(rest, (t) => seen[t / MINUTE_MS] ?? false, most);
        equal(part.toMs, rest.toMs);
        ok(minutesIn(part) >= 1 && part.fromMs >= rest.fromMs);
        rest = { fromMs: rest.fromMs, toMs: part.fromMs };
      }
    },
  ));
});

Deno.test("a candle without sides is the last word only where there are no better ones", () => {
  const candle = { ...emptyBucket(0), source: "candle" as const };
  equal(isFinal(candle, { byId: false, exactCandles: false }), true);
  equal(isFinal(candle, { byId: true, exactCandles: true }), false);
  equal(isFinal(emptyBucket(0), { byId: false, exactCandles: false }), false);
  const partial = { ...emptyBucket(0), source: "live" as const, coverageMs: MINUTE_MS - 1 };
  equal(isFinal(partial, { byId: false, exactCandles: false }), false);
});

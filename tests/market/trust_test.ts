import { deepEqual, equal } from "../assert.ts";
import fc from "fast-check";
import { type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { sidesKnown } from "../../lib/market/flow.ts";
import { isComplete, trustOf } from "../../lib/market/trust.ts";
import { minute, minutes } from "./fake_source.ts";

const FLOW = () => [1, 1] as const;
/** Ten closed minutes; the eleventh is half over. */
const SPAN = { fromMs: 0, toMs: 10 * MINUTE_MS };
const NOW = 10.5 * MINUTE_MS;

function held(venue: string, buckets: readonly Bucket[], newestMs: number | null = NOW - 2000) {
  return { venue, buckets, newestMs };
}

function torn(rows: readonly Bucket[], index: number, more: Partial<Bucket>): Bucket[] {
  return rows.map((bucket, i) => i === index ? { ...bucket, ...more } : bucket);
}

Deno.test("what is whole everywhere is complete", () => {
  const rows = minutes(0, 10, FLOW);
  deepEqual(trustOf([held("a", rows), held("b", rows)], SPAN, NOW), {
    minutesComplete: 10,
    minutesAsked: 10,
    missing: [],
    repaired: 0,
    candle: 0,
    ageMs: 2000,
  });
});

Deno.test("a minute counts as complete only where every venue has it", () => {
  const rows = minutes(0, 10, FLOW);
  const a = held("a", torn(rows, 3, { coverageMs: 59_999 }));
  const b = held("b", torn(rows, 4, { coverageMs: 0 }));
  const trust = trustOf([a, b, held("c", rows)], SPAN, NOW);
  equal(trust.minutesComplete, 8);
  deepEqual(trust.missing, [{ venue: "a", minutes: 1 }, { venue: "b", minutes: 1 }]);
});

Deno.test("minutes before the first one held are missing", () => {
  const trust = trustOf([held("a", minutes(6 * MINUTE_MS, 4, FLOW))], SPAN, NOW);
  equal(trust.minutesComplete, 4);
  deepEqual(trust.missing, [{ venue: "a", minutes: 6 }]);
});

Deno.test("neither the forming minute nor those after it are asked", () => {
  const rows = torn(minutes(0, 3, FLOW), 2, { coverageMs: 0 });
  const trust = trustOf([held("a", rows)], SPAN, 2.5 * MINUTE_MS);
  equal(trust.minutesAsked, 2);
  equal(trust.minutesComplete, 2);
  equal(trustOf([held("a", rows)], SPAN, 3 * MINUTE_MS).minutesAsked, 3);
  equal(trustOf([held("a", rows)], SPAN, -MINUTE_MS).minutesAsked, 0);
});

Deno.test("a question about sides does not count minutes without them", () => {
  const rows = torn(minutes(0, 10, FLOW), 2, { buyQuote: null, sellQuote: null, source: "candle" });
  equal(trustOf([held("a", rows)], SPAN, NOW).minutesComplete, 10);
  const trust = trustOf([held("a", rows)], SPAN, NOW, sidesKnown);
  equal(trust.minutesComplete, 9);
  equal(trust.candle, 1);
});

Deno.test("repaired minutes are counted over all series", () => {
  const rows = torn(minutes(0, 10, FLOW), 2, { source: "repaired" });
  equal(trustOf([held("a", rows), held("b", rows)], SPAN, NOW).repaired, 2);
});

Deno.test("no series is nothing complete and no age", () => {
  deepEqual(trustOf([], SPAN, NOW), {
    minutesComplete: 0,
    minutesAsked: 10,
    missing: [],
    repaired: 0,
    candle: 0,
    ageMs: null,
  });
});

Deno.test("the age is that of the newest data and never negative", () => {
  equal(trustOf([held("a", [], 1000), held("b", [], 4000)], SPAN, 9000).ageMs, 5000);
  equal(trustOf([held("a", [], 9500), held("b", [], null)], SPAN, 9000).ageMs, 0);
});

Deno.test("a minute is whole when all of it is covered, and not a millisecond before", () => {
  equal(isComplete(minute(0, 1, 1)), true);
  equal(isComplete(minute(0, 1, 1, { coverageMs: MINUTE_MS - 1 })), false);
  equal(isComplete(null), false);
});

Deno.test("the count of complete minutes is what a walk over every minute counts", () => {
  const held1 = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 10, maxLength: 10 });
  fc.assert(fc.property(fc.array(held1, { minLength: 1, maxLength: 4 }), (plans) => {
    // 0: not held, 1: torn, 2: whole.
    const series = plans.map((plan, i) =>
      held(
        `venue-${i}`,
        plan.flatMap((how, m) =>
          how === 0 ? [] : [minute(m * MINUTE_MS, 1, 1, { coverageMs: how * MINUTE_MS / 2 })]
        ),
      )
    );
    const trust = trustOf(series, SPAN, NOW);
    const minutesOfSpan = Array.from({ length: 10 }, (_, m) => m);
    equal(
      trust.minutesComplete,
      minutesOfSpan.filter((m) => plans.every((plan) => plan[m] === 2)).length,
    );
    deepEqual(
      trust.missing,
      plans.flatMap((plan, i) => {
        const missed = plan.filter((how) => how !== 2).length;
        return missed === 0 ? [] : [{ venue: `venue-${i}`, minutes: missed }];
      }),
    );
  }));
});

import { deepEqual, equal, ok } from "../assert.ts";
import fc from "fast-check";
import { emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { cvdSeries, flowOf, joinFlows, within } from "../../lib/market/flow.ts";
import { minute, minutes } from "./fake_source.ts";

const span = (count: number) => ({ fromMs: 0, toMs: count * MINUTE_MS });
const volume = fc.integer({ min: 0, max: 1e12 }).map((cents) => cents / 100);
const tape = fc.array(fc.tuple(volume, volume), { minLength: 1, maxLength: 40 });

Deno.test("delta and delta % of two venues are those worked by hand", () => {
  const one = [minute(0, 100, 40), minute(MINUTE_MS, 10, 50)];
  const two = [minute(0, 7, 3), minute(MINUTE_MS, 0, 0)];
  deepEqual(flowOf([one, two], span(2)), {
    buyQuote: 117,
    sellQuote: 93,
    delta: 24,
    deltaPct: 24 / 210,
    missing: 0,
  });
});

Deno.test("a minute whose sides are unknown is left out and counted", () => {
  const candle = { buyQuote: null, sellQuote: null, source: "candle" } as const;
  const half = { sellQuote: null };
  const rows = [
    minute(0, 5, 1),
    minute(MINUTE_MS, 9, 9, candle),
    minute(2 * MINUTE_MS, 9, 9, half),
  ];
  const flow = flowOf([rows], span(3));
  equal(flow.delta, 4);
  equal(flow.missing, 2);
});

Deno.test("minutes that are not held at all are missing too", () => {
  equal(flowOf([[minute(0, 1, 1)], []], span(3)).missing, 5);
});

Deno.test("nothing known is unknown, nothing traded is zero without a percentage", () => {
  deepEqual(flowOf([[emptyBucket(0)]], span(1)), {
    buyQuote: null,
    sellQuote: null,
    delta: null,
    deltaPct: null,
    missing: 1,
  });
  const quiet = flowOf([[minute(0, 0, 0)]], span(1));
  equal(quiet.delta, 0);
  equal(quiet.deltaPct, null);
  equal(flowOf([], span(5)).delta, null);
});

Deno.test("a span is half-open", () => {
  const rows = minutes(0, 5, (i) => [i, 0]);
  const cut = within(rows, { fromMs: MINUTE_MS, toMs: 3 * MINUTE_MS });
  deepEqual(cut.map((bucket) => bucket.t), [MINUTE_MS, 2 * MINUTE_MS]);
});

Deno.test("the flow of a span is the flows of its two parts together", () => {
  fc.assert(fc.property(tape, fc.nat(40), (sides, cut) => {
    const rows = minutes(0, sides.length, (i) => sides[i] ?? [0, 0]);
    const middle = Math.min(cut, sides.length) * MINUTE_MS;
    const whole = flowOf([rows], span(sides.length));
    const left = flowOf([rows], { fromMs: 0, toMs: middle });
    const right = flowOf([rows], { fromMs: middle, toMs: sides.length * MINUTE_MS });
    const joined = joinFlows(left, right);
    near(joined.delta, whole.delta);
    equal(joined.missing, whole.missing);
  }));
});

Deno.test("venues in any order and grouping have the same flow", () => {
  fc.assert(fc.property(tape, tape, (a, b) => {
    const one = minutes(0, a.length, (i) => a[i] ?? [0, 0]);
    const two = minutes(0, b.length, (i) => b[i] ?? [0, 0]);
    const whole = span(Math.max(a.length, b.length));
    const together = flowOf([one, two], whole);
    near(flowOf([two, one], whole).delta, together.delta);
    near(joinFlows(flowOf([one], whole), flowOf([two], whole)).delta, together.delta);
    ok(together.deltaPct === null || Math.abs(together.deltaPct) <= 1);
  }));
});

Deno.test("CVD runs from its anchor and steps over what is unknown", () => {
  deepEqual(cvdSeries([null, 2, -5, null, 1]), [null, 2, -3, null, -2]);
});

Deno.test("the last level of CVD is the sum of its deltas", () => {
  fc.assert(fc.property(tape, (sides) => {
    const rows = minutes(0, sides.length, (i) => sides[i] ?? [0, 0]);
    const deltas = sides.map(([buy, sell]) => buy - sell);
    near(cvdSeries(deltas).at(-1) ?? null, flowOf([rows], span(sides.length)).delta);
  }));
});

/** Equal to a cent: the values are cents, and sums of them round in the last digit only. */
function near(actual: number | null, expected: number | null): void {
  equal(Math.round((actual ?? NaN) * 100), Math.round((expected ?? NaN) * 100));
}

import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import {
  changeOf,
  cvdBaseOf,
  cvdPerInterest,
  DEAD_BAND,
  interestChange,
  quadrantOf,
  standingAt,
} from "../../../lib/market/study/interest.ts";
import { minute } from "../fake_source.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const edge = (minutes: number) => T + minutes * MINUTE_MS;
const oi = (bucket: Bucket) => bucket.oiBase;

/** One minute per value from 14:00 on. */
function levels(...values: readonly (number | null)[]): Bucket[] {
  return values.map((oiBase, i) => ({ ...emptyBucket(edge(i)), oiBase }));
}

function held(venue: string, buckets: readonly Bucket[]) {
  return { venue, buckets, newestMs: null };
}

Deno.test("the value at an edge is that of the minute which ends there", () => {
  const rows = levels(10, 11, 12);
  deepEqual(standingAt(rows, edge(2), oi), { value: 11, ageMinutes: 0 });
  deepEqual(standingAt(rows, edge(3), oi), { value: 12, ageMinutes: 0 });
  equal(standingAt(rows, edge(0), oi), null);
});

Deno.test("a value is carried forward five minutes and no more", () => {
  const rows = levels(10, null, null, null, null, null, null);
  deepEqual(standingAt(rows, edge(6), oi), { value: 10, ageMinutes: 5 });
  equal(standingAt(rows, edge(7), oi), null);
  // Minutes that are not there at all are as good as unknown ones.
  deepEqual(standingAt(rows.slice(0, 1), edge(6), oi), { value: 10, ageMinutes: 5 });
  equal(standingAt(rows.slice(0, 1), edge(7), oi), null);
});

Deno.test("a zero is a value", () => {
  deepEqual(standingAt(levels(10, 0), edge(2), oi), { value: 0, ageMinutes: 0 });
});

Deno.test("ΔOI sums the venues that know both ends, and names the others", () => {
  const tape = [
    held("a", levels(100, 110, 120)),
    held("b", levels(50, null, 40)),
    held("c", levels(null, 7, 9)),
  ];
  deepEqual(interestChange(tape, { fromMs: edge(1), toMs: edge(3) }), {
    fromBase: 150,
    toBase: 160,
    deltaBase: 10,
    deltaPct: 10 / 150,
    without: ["c"],
    carriedMinutes: 0,
  });
  equal(interestChange(tape, { fromMs: edge(1), toMs: edge(2) }).carriedMinutes, 1);
});

Deno.test("ΔOI of nobody is unknown, and of nothing has no percentage", () => {
  const nobody = {
    fromBase: null,
    toBase: null,
    deltaBase: null,
    deltaPct: null,
    without: [],
    carriedMinutes: 0,
  };
  const span = { fromMs: edge(1), toMs: edge(2) };
  deepEqual(interestChange([], span), nobody);
  deepEqual(interestChange([held("a", [])], span), { ...nobody, without: ["a"] });
  const change = interestChange([held("a", levels(0, 5))], span);
  equal(change.deltaBase, 5);
  equal(change.deltaPct, null);
});

Deno.test("the four quadrants", () => {
  equal(quadrantOf(0.01, 0.01), "new longs");
  equal(quadrantOf(0.01, -0.01), "short covering");
  equal(quadrantOf(-0.01, 0.01), "new shorts");
  equal(quadrantOf(-0.01, -0.01), "long liquidation or profit taking");
});

Deno.test("the dead-band holds its edge, on either axis and on both sides", () => {
  const beyond = DEAD_BAND + Number.EPSILON;
  for (const sign of [1, -1]) {
    equal(quadrantOf(sign * DEAD_BAND, 0.01), "none");
    equal(quadrantOf(0.01, sign * DEAD_BAND), "none");
    equal(quadrantOf(0, sign * 0.01), "none");
    equal(quadrantOf(sign * beyond, beyond), sign > 0 ? "new longs" : "new shorts");
    equal(quadrantOf(beyond, sign * beyond), sign > 0 ? "new longs" : "short covering");
  }
  // 100 → 100.25 is exactly the band.
  equal(quadrantOf((100.25 - 100) / 100, 0.01), "none");
});

Deno.test("a quadrant of something unknown is unknown", () => {
  equal(quadrantOf(null, 0.01), null);
  equal(quadrantOf(0.01, null), null);
});

Deno.test("a change needs both ends and a positive start", () => {
  const span = { fromMs: edge(1), toMs: edge(2) };
  equal(changeOf(levels(200, 201), span, oi), 0.005);
  equal(changeOf(levels(0, 201), span, oi), null);
  equal(changeOf(levels(null, 201), span, oi), null);
});

Deno.test("CVD in coins over OI in coins", () => {
  const rows = [minute(edge(0), 500, 200), minute(edge(1), 100, 300)];
  const span = { fromMs: edge(0), toMs: edge(2) };
  equal(cvdBaseOf([rows], span), 1);
  equal(cvdPerInterest(1, 50), 0.02);
  equal(cvdBaseOf([[{ ...rows[0] ?? emptyBucket(T), buyBase: null }]], span), null);
  for (const none of [null, 0, -1]) equal(cvdPerInterest(1, none), null);
  equal(cvdPerInterest(null, 50), null);
});

Deno.test("carrying forward never invents: what stands was said within six minutes", () => {
  const series = fc.array(fc.option(fc.nat(1000)), { maxLength: 40 });
  fc.assert(fc.property(series, fc.integer({ min: -3, max: 50 }), (values, at) => {
    const found = standingAt(levels(...values), edge(at), oi);
    const said = values.slice(Math.max(0, at - 6), Math.max(0, at));
    const last = said.findLast((value) => value !== null) ?? null;
    equal(found?.value ?? null, last);
    if (found) {
      ok(found.ageMinutes >= 0 && found.ageMinutes <= 5);
      equal(values[at - 1 - found.ageMinutes], found.value);
    }
  }));
});

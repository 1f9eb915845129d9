import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import {
  aprOf,
  eightHourRate,
  extremesOf,
  weightedMean,
} from "../../../lib/market/study/funding.ts";

Deno.test("the 8 h equivalent of 8 h, 4 h and 1 h rates", () => {
  equal(eightHourRate(0.0001, 8), 0.0001);
  equal(eightHourRate(0.0001, 4), 0.0002);
  equal(eightHourRate(-0.000_05, 1), -0.0004);
});

Deno.test("the yearly rate is simple: 0.01 % each 8 h is 10.95 %", () => {
  near(aprOf(0.0001, 8), 0.1095);
  near(aprOf(0.0001, 4), 0.219);
  near(aprOf(-0.0003, 8), -0.3285);
  equal(aprOf(0, 8), 0);
});

Deno.test("no rate is no rate, and no interval makes no rate", () => {
  equal(eightHourRate(null, 8), null);
  equal(aprOf(null, 8), null);
  for (const hours of [0, -8, NaN]) {
    equal(eightHourRate(0.0001, hours), null);
    equal(aprOf(0.0001, hours), null);
  }
});

Deno.test("the mean weighs by OI", () => {
  // (0.0001 · 3 + 0.0005 · 1) ÷ 4
  near(
    weightedMean([{ value: 0.0001, weight: 3e9 }, { value: 0.0005, weight: 1e9 }]),
    0.0002,
  );
});

Deno.test("a venue without OI or rate takes no part, and nobody gets an equal share", () => {
  const known = { value: 0.0001, weight: 5 };
  near(
    weightedMean([known, { value: 0.9, weight: null }, { value: null, weight: 1e12 }]),
    0.0001,
  );
  equal(weightedMean([{ value: 0.9, weight: 0 }]), null);
  equal(weightedMean([{ value: 0.9, weight: null }, { value: 0.1, weight: null }]), null);
  equal(weightedMean([]), null);
});

Deno.test("the ends of a short list share no row", () => {
  const ends = (values: readonly number[]) => extremesOf(values, (value) => value, 2);
  deepEqual(ends([3, 1, 5, 2, 4]), { highest: [5, 4], lowest: [1, 2] });
  deepEqual(ends([3, 1, 2]), { highest: [3, 2], lowest: [1] });
  deepEqual(ends([7]), { highest: [7], lowest: [] });
  deepEqual(ends([]), { highest: [], lowest: [] });
});

Deno.test("a mean lies between its values", () => {
  const rate = fc.double({ min: -0.03, max: 0.03, noNaN: true });
  const row = fc.record({ value: rate, weight: fc.double({ min: 1, max: 1e11, noNaN: true }) });
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
    const mean = weightedMean(rows) ?? NaN;
    const values = rows.map((one) => one.value);
    ok(mean >= Math.min(...values) - 1e-12 && mean <= Math.max(...values) + 1e-12);
  }));
});

function near(actual: number | null, expected: number): void {
  ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

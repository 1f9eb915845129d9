import { equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { medianIn, robustZ } from "../../../lib/market/study/robust.ts";

const median = (values: readonly number[]) => medianIn(new Float64Array(values));

Deno.test("the median is the middle value, or the mean of the middle two", () => {
  equal(median([9, 1, 5]), 5);
  equal(median([4, 1, 3, 2]), 2.5);
  equal(median([-10, 9, 100]), 9);
  equal(median([]), null);
});

Deno.test("the robust z is the one worked by hand", () => {
  // Median 3, distances 2 1 0 1 97, their median 1: the wild 100 moves neither.
  equal(robustZ(5, [1, 2, 3, 4, 100]), 0.6745 * 2);
  equal(robustZ(3, [1, 2, 3, 4, 100]), 0);
  equal(robustZ(1, [1, 2, 3, 4, 100]), -0.6745 * 2);
});

Deno.test("where most values are the same there is no usual distance, and no score", () => {
  equal(robustZ(7, [5, 5, 5, 5]), null);
  equal(robustZ(7, [5, 5, 5, 9]), null);
  equal(robustZ(7, [10, 10 + 1e-14, 10 - 1e-14, 10]), null);
  equal(robustZ(7, []), null);
});

Deno.test("the robust z does not mind the unit or the zero point of its values", () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 });
  fc.assert(fc.property(values, fc.integer({ min: -50, max: 50 }), (list, shift) => {
    const z = robustZ(123, list);
    const moved = robustZ(2 * 123 + shift, list.map((value) => 2 * value + shift));
    if (z === null || moved === null) return;
    ok(Math.abs(z - moved) < 1e-9, `${z} ${moved}`);
  }));
});

Deno.test("the median is the middle of the values in order", () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }), {
    minLength: 1,
    maxLength: 200,
  });
  const few = fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(fc.oneof(values, few), (given) => {
    const ordered = given.toSorted((a, b) => a - b);
    const [lower = NaN, upper = NaN] = [
      ordered[(ordered.length - 1) >> 1],
      ordered[ordered.length >> 1],
    ];
    // Not −0: the mean of two zeros has one sign or the other.
    equal((median(given) ?? NaN) + 0, (lower + upper) / 2 + 0);
  }));
});

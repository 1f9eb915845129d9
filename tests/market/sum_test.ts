import { equal, ok } from "../assert.ts";
import fc from "fast-check";
import { Sum, sumOf } from "../../lib/market/sum.ts";

Deno.test("a sum keeps small values beside a large one that cancels", () => {
  equal(sumOf([1, 1e100, 1, -1e100]), 2);
  equal([1, 1e100, 1, -1e100].reduce((a, b) => a + b, 0), 0);
});

Deno.test("ten tenths are one", () => {
  equal(sumOf(Array.from({ length: 10 }, () => 0.1)), 1);
});

Deno.test("a sum of nothing is zero and a sum is never minus zero", () => {
  ok(Object.is(sumOf([]), 0));
  ok(Object.is(sumOf([-0, -0]), 0));
  const sum = new Sum();
  sum.add(3);
  sum.add(-3);
  ok(Object.is(sum.value, 0));
});

Deno.test("a sum in cents is exact in any order", () => {
  const cents = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 200 });
  fc.assert(fc.property(cents, (values) => {
    const exact = values.reduce((a, b) => a + b, 0) / 100;
    const forward = sumOf(values.map((value) => value / 100));
    const backward = sumOf(values.map((value) => value / 100).toReversed());
    equal(Math.round(forward * 100), Math.round(exact * 100));
    ok(Math.abs(forward - backward) <= Math.abs(exact) * Number.EPSILON * 2 + 1e-12);
  }));
});

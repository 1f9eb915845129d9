import { equal, match } from "../assert.ts";
import fc from "fast-check";
import {
  basisPoints,
  compact,
  delta,
  percent,
  price,
  signedPercent,
} from "../../lib/reply/numbers.ts";

Deno.test("prices show as many digits as matter", () => {
  const cases: readonly (readonly [number, string])[] = [
    [1_234_567.89, "1,234,567.9"],
    [91_234.5, "91,234.5"],
    [3012.456, "3,012.46"],
    [142.35, "142.35"],
    [2.12345, "2.1235"],
    [1, "1.0000"],
    [0.12345, "0.12345"],
    [0.0012345, "0.0012345"],
    [0.0000123456, "0.0₄1235"],
    [0.0000091234, "0.0₅9123"],
    [1e-12, "0.0₁₁1000"],
    [0, "0"],
    [-3.5, "−3.5000"],
  ];
  for (const [value, text] of cases) equal(price(value), text);
});

Deno.test("amounts have three digits and a unit", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0"],
    [0.5, "0.50"],
    [12.34, "12.3"],
    [999, "999"],
    [999.6, "1.00k"],
    [12_345, "12.3k"],
    [999_949, "1.00M"],
    [99_950, "100k"],
    [1_234_567, "1.23M"],
    [7_410_000_000, "7.41B"],
    [2.5e12, "2.50T"],
    [0.001, "0"],
  ];
  for (const [value, text] of cases) equal(compact(value), text);
});

Deno.test("deltas carry their sign, with a real minus", () => {
  equal(delta(1_200_000), "+1.20M");
  equal(delta(-300_000), "−300k");
  equal(delta(0), "0");
  equal(delta(-0), "0");
  equal(delta(-0.0001), "0");
});

Deno.test("percentages come from fractions", () => {
  equal(percent(0.0123), "1.23%");
  equal(signedPercent(0.0001, 4), "+0.0100%");
  equal(signedPercent(-0.5, 1), "−50.0%");
  equal(signedPercent(-0.00001, 1), "0.0%");
  equal(signedPercent(999.994), "+99999.40%");
  equal(signedPercent(173_958_252.8514), "+17.4B%");
  equal(basisPoints(0.00012), "1.2 bp");
});

Deno.test("unknown is a dash", () => {
  for (const value of [null, NaN, Infinity, -Infinity]) {
    for (const text of [price, compact, delta, percent, signedPercent, basisPoints]) {
      equal(text(value), "—");
    }
  }
});

Deno.test("no number is ever printed as NaN, Infinity, minus zero or wider than its column", () => {
  const amount = fc.double({ min: -1e14, max: 1e14, noNaN: true });
  fc.assert(fc.property(amount, (value) => {
    match(delta(value), /^(0|[+−]\d{1,3}(\.\d{1,2})?[kMBT]?)$/);
    match(compact(value), /^(0|−?\d{1,3}(\.\d{1,2})?[kMBT]?)$/);
    match(price(value), /^(0|−?[\d,]+(\.[\d₀-₉]+)?)$/);
  }));
});

Deno.test("every finite double has a text", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    for (const text of [price, compact, delta, signedPercent]) {
      match(text(value), /^[^aI]+$/);
    }
  }));
});

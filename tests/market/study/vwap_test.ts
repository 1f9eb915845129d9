import { equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { sigmasFrom, vwapOf } from "../../../lib/market/study/vwap.ts";
import { minute } from "../fake_source.ts";

const SPAN = { fromMs: 0, toMs: 100 * MINUTE_MS };

function print(index: number, price: number, base: number) {
  return minute(index * MINUTE_MS, price * base, 0, { volBase: base });
}

Deno.test("VWAP and its bands are those worked by hand", () => {
  // (10 · 1 + 20 · 3) ÷ 4 = 17.5; σ² = (1 · 7.5² + 3 · 2.5²) ÷ 4 = 18.75.
  const vwap = vwapOf([[print(0, 10, 1), print(1, 20, 3)]], SPAN);
  equal(vwap?.vwap, 17.5);
  equal(vwap?.sigma, Math.sqrt(18.75));
  equal(vwap?.upper2, 17.5 + 2 * Math.sqrt(18.75));
  equal(vwap?.lower1, 17.5 - Math.sqrt(18.75));
  equal(sigmasFrom(17.5 + Math.sqrt(18.75), vwap)?.toFixed(12), "1.000000000000");
});

Deno.test("minutes without volume, or with an unknown one, are left out", () => {
  const unknown = { ...print(2, 99, 9), volQuote: null };
  const vwap = vwapOf([[print(0, 10, 1), print(1, 0, 0), unknown]], SPAN);
  equal(vwap?.vwap, 10);
  equal(vwap?.volBase, 1);
});

Deno.test("where nothing traded there is no VWAP", () => {
  equal(vwapOf([], SPAN), null);
  equal(vwapOf([[]], SPAN), null);
  equal(vwapOf([[print(0, 10, 1)]], { fromMs: 0, toMs: 0 }), null);
});

Deno.test("a flat price has bands of no width and nothing stands outside of them", () => {
  const vwap = vwapOf([[print(0, 0.1, 3), print(1, 0.1, 7)]], SPAN);
  ok(vwap && vwap.sigma < 1e-12);
  equal(sigmasFrom(0.2, vwap), null);
  equal(sigmasFrom(null, vwap), null);
  equal(sigmasFrom(1, null), null);
});

const tape = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1000 })),
  { minLength: 1, maxLength: 50 },
);

Deno.test("VWAP lies between the prices, and σ is at most half of their range", () => {
  fc.assert(fc.property(tape, (prints) => {
    const prices = prints.map(([price]) => price);
    const [low, high] = [Math.min(...prices), Math.max(...prices)];
    const vwap = vwapOf([prints.map(([p, q], i) => print(i, p, q))], SPAN);
    ok(vwap && vwap.vwap >= low * (1 - 1e-12) && vwap.vwap <= high * (1 + 1e-12));
    ok(vwap.sigma <= (high - low) / 2 * (1 + 1e-9) + 1e-9);
  }));
});

Deno.test("venues apart and in one list have the same VWAP", () => {
  fc.assert(fc.property(tape, (prints) => {
    const rows = prints.map(([p, q], i) => print(i, p, q));
    const one = vwapOf([rows], SPAN);
    const two = vwapOf([rows.filter((_, i) => i % 2 === 0), rows.filter((_, i) => i % 2)], SPAN);
    ok(one && two);
    ok(Math.abs(one.vwap - two.vwap) <= 1e-9 * one.vwap);
    ok(Math.abs(one.sigma - two.sigma) <= 1e-6 * one.vwap);
  }));
});

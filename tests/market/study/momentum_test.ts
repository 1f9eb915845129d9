import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import {
  agreementOf,
  atr,
  directionOf,
  ema,
  momentumOf,
  roc,
  rsi,
} from "../../../lib/market/study/momentum.ts";
import type { PriceBar } from "../../../lib/market/study/price_bars.ts";

function bar(h: number, l: number, c: number, complete = true): PriceBar {
  return { t: 0, h, l, c, complete };
}

const prices = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 22, maxLength: 80 });

// The closes and results of Wilder's method as ChartSchool prints them for its RSI(14).
const CLOSES = [44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433]
  .concat([46.0826, 45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116]);

Deno.test("RSI is Wilder's, to the two digits of the published example", () => {
  const shown = [15, 16, 17, 18].map((count) => rsi(CLOSES.slice(0, count), 14)?.toFixed(2));
  deepEqual(shown, ["70.53", "66.32", "66.55", "69.41"]);
  equal(rsi(CLOSES.slice(0, 14), 14), null);
});

Deno.test("RSI of a price that only rises is 100, only falls 0, and flat is unknown", () => {
  equal(rsi([1, 2, 3, 4], 3), 100);
  equal(rsi([4, 3, 2, 1], 3), 0);
  equal(rsi([4, 4, 4, 4], 3), null);
});

Deno.test("RSI of the prices upside down is 100 minus it", () => {
  fc.assert(fc.property(prices, (closes) => {
    const [up, down] = [rsi(closes, 14), rsi(closes.map((close) => -close), 14)];
    if (up === null || down === null) return equal(up, down);
    ok(up >= 0 && up <= 100);
    ok(Math.abs(up + down - 100) < 1e-9);
  }));
});

Deno.test("EMA begins with the simple mean and moves by 2 ÷ (n + 1)", () => {
  equal(ema([1, 2], 2), 1.5);
  equal(ema([1, 2, 3], 2), 1.5 + 2 / 3 * (3 - 1.5));
  equal(ema([1], 2), null);
});

Deno.test("EMA stays between the lowest and the highest close", () => {
  fc.assert(fc.property(prices, (closes) => {
    const mean = ema(closes, 9) ?? NaN;
    ok(mean >= Math.min(...closes) - 1e-6 && mean <= Math.max(...closes) + 1e-6);
  }));
});

Deno.test("ATR is Wilder's mean of true ranges, worked by hand", () => {
  // True ranges 2, 3 (down from the close before) and 4: (2 + 3) ÷ 2 = 2.5, then 3.25.
  const bars = [bar(12, 10, 11), bar(13, 11, 12), bar(12, 9, 10), bar(14, 10, 13)];
  equal(atr(bars.slice(0, 3), 2), 2.5);
  equal(atr(bars, 2), 3.25);
  equal(atr(bars.slice(0, 2), 2), null);
  // A gap counts from the close before it.
  equal(atr([bar(10, 10, 10), bar(15, 14, 15)], 1), 5);
});

Deno.test("ROC is the change over so many bars", () => {
  equal(roc([100, 110, 121], 1), 121 / 110 - 1);
  equal(roc([100, 110, 121], 2), 121 / 100 - 1);
  equal(roc([100, 110, 121], 3), null);
  equal(roc([], 1), null);
});

Deno.test("with too few bars each number is unknown for itself", () => {
  const flat = Array.from({ length: 15 }, (_, i) => bar(i + 2, i + 1, i + 1.5, i !== 3));
  const { roc14, rsi14, atr14, emaGapAtr, closedBars, incompleteBars } = momentumOf(flat);
  equal(roc14, 15.5 / 1.5 - 1);
  equal(rsi14, 100);
  equal(atr14, 1.5);
  equal(emaGapAtr, null);
  equal(closedBars, 15);
  equal(incompleteBars, 1);
  deepEqual(momentumOf([]), {
    closedBars: 0,
    incompleteBars: 0,
    close: null,
    roc1: null,
    roc14: null,
    rsi14: null,
    atr14: null,
    emaGapAtr: null,
  });
});

Deno.test("a flat price has no RSI and no EMA gap, and no infinity either", () => {
  const { roc1, rsi14, atr14, emaGapAtr } = momentumOf(
    Array.from({ length: 30 }, () => bar(5, 5, 5)),
  );
  deepEqual({ roc1, rsi14, atr14, emaGapAtr }, { roc1: 0, rsi14: null, atr14: 0, emaGapAtr: null });
});

Deno.test("momentum does not mind the unit of the price", () => {
  fc.assert(fc.property(prices, (closes) => {
    const of = (unit: number) =>
      momentumOf(closes.map((c) => bar((c + 1) * unit, (c - 1) * unit, c * unit)));
    const [one, other] = [of(1), of(1024)];
    deepEqual({ ...other, close: 0, atr14: 0 }, { ...one, close: 0, atr14: 0 });
  }));
});

Deno.test("a direction is where most known signs point", () => {
  equal(directionOf([0.5, 3, -1, null, 0]), 1);
  equal(directionOf([0.5, -3, 0]), 0);
  equal(directionOf([-1, -2, 9, null]), -1);
  equal(directionOf([1, 1, null, null, null]), null);
  equal(directionOf([]), null);
});

Deno.test("agreement is the mean of the directions with its parts", () => {
  deepEqual(agreementOf([1, 1, 1, 1, -1]), { composite: 0.6, up: 4, down: 1, flat: 0, unknown: 0 });
  deepEqual(agreementOf([1, 0, null]), { composite: 0.5, up: 1, down: 0, flat: 1, unknown: 1 });
  equal(agreementOf([null]).composite, null);
});

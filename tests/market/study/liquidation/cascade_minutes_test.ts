import { deepEqual, equal, ok } from "../../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../../lib/market/bucket.ts";
import {
  atrAfter,
  cascadeMinutes,
} from "../../../../lib/market/study/liquidation/cascade_minutes.ts";
import { atr } from "../../../../lib/market/study/momentum.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const at = (minutes: number) => T + minutes * MINUTE_MS;

function bar(i: number, h: number, l: number, c: number, more: Partial<Bucket> = {}): Bucket {
  return { ...emptyBucket(at(i)), o: c, h, l, c, coverageMs: MINUTE_MS, source: "live", ...more };
}

Deno.test("ATR by hand: the ranges 2, 3, 4 and then 6, smoothed over three", () => {
  const bars = [
    bar(0, 10, 9, 10),
    bar(1, 11, 9, 10),
    bar(2, 12, 9, 9),
    bar(3, 13, 10, 12),
    bar(4, 15, 9, 10),
  ];
  // The first bar has no close before it; the mean of three is 3, then (2 · 3 + 6) ÷ 3.
  deepEqual(atrAfter(bars, 3).slice(0, 3), [null, null, null]);
  near(atrAfter(bars, 3)[3], 3);
  near(atrAfter(bars, 3)[4], 4);
});

Deno.test("after an unbroken run it is the ATR of the momentum page", () => {
  const step = fc.record({
    up: fc.nat(50),
    down: fc.nat(50),
    move: fc.integer({ min: -40, max: 40 }),
  });
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
    let close = 10_000;
    const bars = steps.map(({ up, down, move }, i) => {
      close += move;
      const row = bar(i, close + up, close - down, close);
      return { ...row, h: close + up, l: close - down, c: close, complete: true };
    });
    const expected = atr(bars, 14);
    const found = atrAfter(bars, 14).at(-1) ?? null;
    if (expected === null || found === null) equal(found, expected);
    else near(found, expected);
  }));
});

Deno.test("a whole minute without a print has no range, an unknown one is left out", () => {
  const still = { ...emptyBucket(at(1)), coverageMs: MINUTE_MS };
  deepEqual(atrAfter([bar(0, 10, 10, 10), still, bar(2, 14, 14, 14)], 2), [null, null, 2]);
  const bars = [bar(0, 10, 10, 10), bar(1, 12, 12, 12), emptyBucket(at(2)), bar(3, 99, 99, 99)];
  deepEqual(atrAfter(bars, 1), [null, 2, 2, 2]);
});

Deno.test("a minute becomes a reading of all venues, with the ATR of the minutes before it", () => {
  const before = Array.from({ length: 15 }, (_, i) => bar(i, 105, 95, 100));
  const liq = { liqLongQuote: 10, liqShortQuote: 5, liqLongs: 2, liqShorts: 1 };
  const rows = [
    ...before.map((bucket) => ({ ...bucket, oiBase: 500 })),
    bar(15, 110, 60, 70, { ...liq, oiBase: 450 }),
  ];
  const other = [bar(14, 1, 1, 1, { oiBase: 100 }), bar(15, 1, 1, 1, { ...liq, oiBase: 100 })];
  const span = { fromMs: at(15), toMs: at(16) };
  deepEqual(cascadeMinutes([rows, other], rows, span), [{
    t: at(15),
    longQuote: 20,
    shortQuote: 10,
    longs: 4,
    shorts: 2,
    fall: 40,
    rise: 10,
    atr: 10,
    oiBeforeBase: 600,
    oiBase: 550,
  }]);
});

Deno.test("without prices, and without the OI of one venue, these are unknown", () => {
  const row = bar(0, 1, 1, 1, { liqLongQuote: 1, liqShortQuote: 0, liqLongs: 1, liqShorts: 0 });
  const [reading] = cascadeMinutes([[{ ...row, oiBase: 5 }], [row]], [], {
    fromMs: at(0),
    toMs: at(1),
  });
  deepEqual(
    [reading?.fall, reading?.rise, reading?.atr, reading?.oiBase, reading?.oiBeforeBase],
    [null, null, null, null, null],
  );
  equal(cascadeMinutes([], [], { fromMs: at(0), toMs: at(1) }).length, 0);
});

function near(actual: number | null | undefined, expected: number): void {
  ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-9, `${actual} ≠ ${expected}`);
}

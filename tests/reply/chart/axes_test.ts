import { deepEqual, equal, ok } from "../../assert.ts";
import { padded, timeTicks, valueTicks, valueWriter } from "../../../lib/reply/chart/axes.ts";
import { UTC, zoneNamed } from "../../../lib/reply/zone.ts";

function written(low: number, high: number, unit: "price" | "usd" | "percent", count = 5) {
  const { step, ticks } = valueTicks({ low, high }, count);
  return ticks.map(valueWriter(unit, { low, high }, step));
}

Deno.test("marks are round, few and inside the axis", () => {
  deepEqual(valueTicks({ low: -4.7e6, high: 4.7e6 }, 4).ticks, [-2.5e6, 0, 2.5e6]);
  deepEqual(valueTicks({ low: 0, high: 1 }, 5).ticks, [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  for (const [low, high] of [[91_033, 91_912], [-1e-7, 3e-6], [1e12, 9e12]] as const) {
    for (let count = 2; count < 12; count++) {
      const { ticks } = valueTicks({ low, high }, count);
      ok(ticks.length <= count + 1 && ticks.every((tick) => tick >= low && tick <= high));
    }
  }
});

Deno.test("an axis without a height has no marks", () => {
  deepEqual(valueTicks({ low: 5, high: 5 }, 4).ticks, []);
  deepEqual(valueTicks({ low: NaN, high: NaN }, 4).ticks, []);
});

Deno.test("marks of one axis have the digits that tell them apart", () => {
  deepEqual(written(91_000, 91_900, "price", 4), ["91,000", "91,250", "91,500", "91,750"]);
  deepEqual(written(0.1, 0.105, "price", 3), ["0.100", "0.102", "0.104"]);
  deepEqual(written(1.2e-5, 1.4e-5, "price", 2), ["0.0₄12", "0.0₄13", "0.0₄14"]);
  deepEqual(written(-1.2e6, 1.2e6, "usd", 5), ["−1.0M", "−0.5M", "0", "0.5M", "1.0M"]);
  deepEqual(written(91_200, 91_400, "usd", 3), ["91.2k", "91.3k", "91.4k"]);
  deepEqual(written(0, 0.02, "percent", 2), ["0%", "1%", "2%"]);
});

Deno.test("an axis has air around its values, but bars stand on zero", () => {
  deepEqual(padded({ low: 0, high: 100 }, true), { low: 0, high: 107 });
  deepEqual(padded({ low: -100, high: 0 }, true), { low: -107, high: 0 });
  deepEqual(padded({ low: 0, high: 0 }, true), { low: 0, high: 1 });
  const flat = padded({ low: 50, high: 50 }, false);
  ok(flat.low < 50 && flat.high > 50);
});

Deno.test("times are round in the local zone, and midnight is a day", () => {
  const fromMs = Date.UTC(2026, 10, 19, 20, 7);
  const toMs = Date.UTC(2026, 10, 20, 8, 7);
  const labels = (zone = UTC) => timeTicks(fromMs, toMs, 6, zone).map((tick) => tick.label);
  deepEqual(labels(), ["22:00", "20 Nov", "02:00", "04:00", "06:00", "08:00"]);
  const kolkata = zoneNamed("Asia/Kolkata");
  ok(kolkata);
  deepEqual(labels(kolkata), ["02:00", "04:00", "06:00", "08:00", "10:00", "12:00"]);
});

Deno.test("the night in which the clock is put back has its hour twice", () => {
  const berlin = zoneNamed("Europe/Berlin");
  ok(berlin);
  const fromMs = Date.UTC(2026, 9, 24, 23);
  const ticks = timeTicks(fromMs, fromMs + 5 * 3_600_000, 6, berlin);
  deepEqual(ticks.map((tick) => tick.label), [
    "01:00",
    "02:00",
    "02:00",
    "03:00",
    "04:00",
    "05:00",
  ]);
});

Deno.test("no span and no end of marks", () => {
  deepEqual(timeTicks(5, 5, 6, UTC), []);
  ok(timeTicks(0, 3 * 86_400_000, 8, UTC).length <= 9);
  equal(timeTicks(0, 1000 * 365 * 86_400_000, 8, UTC).length, 0);
});

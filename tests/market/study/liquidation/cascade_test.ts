import { deepEqual, equal, ok } from "../../../assert.ts";
import fc from "fast-check";
import {
  type Cascade,
  CASCADE_FLOOR_USD,
  type CascadeMinute,
  cascadeOver,
  type CascadeReading,
  cascadeTrigger,
  stepCascade,
  triggeredSide,
  WATCHING,
} from "../../../../lib/market/study/liquidation/cascade.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const SECOND = 1000;

/** Exactly the trigger, on every count. */
const JUST: CascadeReading = {
  longQuote: 250_000,
  shortQuote: 0,
  longs: 5,
  shorts: 0,
  fall: 30,
  rise: 0,
  atr: 30,
  oiBeforeBase: 1000,
  oiBase: 1000,
};

const QUIET: CascadeReading = { ...JUST, longQuote: 0, longs: 0, fall: 0 };

Deno.test("the trigger is the floor, or the symbol's own percentile where that is larger", () => {
  equal(cascadeTrigger(null), CASCADE_FLOOR_USD);
  equal(cascadeTrigger(0), 250_000);
  equal(cascadeTrigger(249_999), 250_000);
  equal(cascadeTrigger(2_000_000), 2_000_000);
});

Deno.test("every condition has its edge", () => {
  const side = (more: Partial<CascadeReading>) => triggeredSide({ ...JUST, ...more }, 250_000);
  equal(side({}), "long");
  equal(side({ longQuote: 249_999 }), null);
  equal(side({ longs: 4 }), null);
  equal(side({ fall: 29.9 }), null);
  // 70 % of both: 250 000 ÷ 0.7 is 357 142.86 in all.
  equal(side({ shortQuote: 107_142 }), "long");
  equal(side({ shortQuote: 107_143 }), null);
  // The other way round.
  const shorts = { longQuote: 0, longs: 0, shortQuote: 250_000, shorts: 5, fall: 0, rise: 30 };
  equal(side(shorts), "short");
  equal(side({ ...shorts, fall: 30, rise: 0 }), null);
});

Deno.test("an unknown price or ATR begins nothing, nor does an ATR of zero", () => {
  const side = (more: Partial<CascadeReading>) => triggeredSide({ ...JUST, ...more }, 250_000);
  equal(side({ fall: null }), null);
  equal(side({ atr: null }), null);
  equal(side({ atr: 0, fall: 0 }), null);
});

Deno.test("watch, active, ended and watch again", () => {
  let state = stepCascade(WATCHING, QUIET, 250_000, T);
  equal(state, WATCHING);
  state = stepCascade(state, { ...JUST, longQuote: 300_000 }, 250_000, T + SECOND);
  deepEqual(state, {
    state: "active",
    position: "long",
    startedMs: T + SECOND,
    endedMs: null,
    triggerQuote: 250_000,
    peakQuote: 300_000,
    quietSinceMs: null,
    oiBeforeBase: 1000,
    oiPct: 0,
    severity: 1,
  });
  // Half of the trigger is not below half of it.
  state = stepCascade(state, { ...QUIET, longQuote: 125_000 }, 250_000, T + 30 * SECOND);
  equal(state.quietSinceMs, null);
  state = stepCascade(state, { ...QUIET, longQuote: 124_999 }, 250_000, T + 40 * SECOND);
  equal(state.quietSinceMs, T + 40 * SECOND);
  state = stepCascade(state, QUIET, 250_000, T + 99.999 * SECOND);
  equal(state.state, "active");
  state = stepCascade(state, QUIET, 250_000, T + 100 * SECOND);
  equal(state.state, "ended");
  equal(state.endedMs, T + 100 * SECOND);
  equal(state.peakQuote, 300_000);
  state = stepCascade(state, QUIET, 250_000, T + 100 * SECOND + 3_599_999);
  equal(state.state, "ended");
  equal(stepCascade(state, QUIET, 250_000, T + 100 * SECOND + 3_600_000), WATCHING);
});

Deno.test("a second wave within the quiet minute keeps it going", () => {
  let state = stepCascade(WATCHING, JUST, 250_000, T);
  state = stepCascade(state, QUIET, 250_000, T + 10 * SECOND);
  state = stepCascade(state, { ...QUIET, longQuote: 130_000 }, 250_000, T + 65 * SECOND);
  equal(state.quietSinceMs, null);
  state = stepCascade(state, QUIET, 250_000, T + 70 * SECOND);
  equal(stepCascade(state, QUIET, 250_000, T + 129 * SECOND).state, "active");
  equal(stepCascade(state, QUIET, 250_000, T + 130 * SECOND).state, "ended");
});

Deno.test("an active cascade ends by its own trigger, whatever the trigger is by then", () => {
  const state = stepCascade(WATCHING, JUST, 250_000, T);
  const later = stepCascade(state, { ...QUIET, longQuote: 130_000 }, 9_000_000, T + SECOND);
  equal(later.quietSinceMs, null);
  equal(later.triggerQuote, 250_000);
});

Deno.test("the other side's trigger begins a new cascade at once", () => {
  const state = stepCascade(WATCHING, JUST, 250_000, T);
  const squeeze = {
    ...JUST,
    ...{ longQuote: 0, shortQuote: 400_000, shorts: 9, rise: 40, fall: 0 },
  };
  const turned = stepCascade(state, squeeze, 250_000, T + SECOND);
  equal(turned.position, "short");
  equal(turned.startedMs, T + SECOND);
  equal(turned.peakQuote, 400_000);
});

Deno.test("twice the trigger and a drop of OI each raise the severity", () => {
  const severity = (more: Partial<CascadeReading>) =>
    stepCascade(WATCHING, { ...JUST, ...more }, 250_000, T).severity;
  equal(severity({}), 1);
  equal(severity({ longQuote: 499_999 }), 1);
  equal(severity({ longQuote: 500_000 }), 2);
  // 0.25 % is within the dead-band.
  equal(severity({ oiBase: 997.5 }), 1);
  equal(severity({ oiBase: 997.4 }), 2);
  equal(severity({ longQuote: 500_000, oiBase: 900 }), 3);
  equal(severity({ oiBase: 2000 }), 1);
});

Deno.test("unknown OI raises nothing and is told as unknown; the deepest drop is kept", () => {
  const blind = stepCascade(WATCHING, { ...JUST, oiBeforeBase: null, oiBase: null }, 250_000, T);
  equal(blind.severity, 1);
  equal(blind.oiPct, null);
  let state = stepCascade(WATCHING, JUST, 250_000, T);
  state = stepCascade(state, { ...JUST, oiBase: 950 }, 250_000, T + SECOND);
  state = stepCascade(state, { ...JUST, oiBase: 990 }, 250_000, T + 2 * SECOND);
  equal(state.oiPct, -0.05);
  equal(state.severity, 2);
});

const minuteOf = (i: number, reading: CascadeReading): CascadeMinute => ({
  ...reading,
  t: T + i * 60 * SECOND,
});

Deno.test("stored minutes are judged at their ends, and two quiet ones end it", () => {
  const rows = [QUIET, JUST, QUIET, QUIET].map((reading, i) => minuteOf(i, reading));
  const states = rows.map((_, i) => cascadeOver(rows.slice(0, i + 1), 250_000));
  deepEqual(states.map((state) => state.state), ["watch", "active", "active", "ended"]);
  equal(states[1]?.startedMs, T + 120 * SECOND);
  equal(states[3]?.endedMs, T + 240 * SECOND);
});

const reading = fc.record({
  longQuote: fc.nat(1_000_000),
  shortQuote: fc.nat(1_000_000),
  longs: fc.nat(20),
  shorts: fc.nat(20),
  fall: fc.option(fc.nat(100)),
  rise: fc.option(fc.nat(100)),
  atr: fc.option(fc.nat(100)),
  oiBeforeBase: fc.option(fc.nat(1000)),
  oiBase: fc.option(fc.nat(1000)),
});

Deno.test("stopping and going on from a state is the same as not stopping", () => {
  const rows = fc.array(reading, { maxLength: 30 });
  fc.assert(fc.property(rows, fc.nat(30), (readings, cut) => {
    const minutes = readings.map((one, i) => minuteOf(i, one));
    const before = cascadeOver(minutes.slice(0, cut), 250_000);
    deepEqual(cascadeOver(minutes.slice(cut), 250_000, before), cascadeOver(minutes, 250_000));
  }));
});

Deno.test("any readings keep a sound state", () => {
  fc.assert(fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
    let state: Cascade = WATCHING;
    readings.forEach((one, i) => {
      const before = state.state;
      state = stepCascade(state, one, 250_000, T + i * 20 * SECOND);
      if (before === "watch") ok(state.state !== "ended");
      equal(state.state === "watch", state.severity === 0);
      equal(state.state === "watch", state.position === null);
      equal(state.state === "ended", state.endedMs !== null);
      if (state.state !== "watch") {
        ok((state.peakQuote ?? 0) >= 250_000);
        ok(state.severity >= 1 && state.severity <= 3);
      }
      for (const value of Object.values(state)) {
        if (typeof value === "number") ok(Number.isFinite(value));
      }
    });
  }));
});

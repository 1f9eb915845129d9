import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import type { Liquidation } from "../../../lib/market/events.ts";
import type { CascadeMinute } from "../../../lib/market/study/cascade.ts";
import { LiveCascade } from "../../../lib/market/study/cascade_live.ts";

const T = Date.UTC(2026, 10, 20, 14, 0);
const ATR = 30;

/** A liquidated position of so many USD. */
function event(timeMs: number, quote: number, position: "long" | "short" = "long"): Liquidation {
  return { kind: "liquidation", symbol: "X", timeMs, price: 100, size: quote / 100, position };
}

/** A detector that has seen the price at 1000. */
function started(): LiveCascade {
  const live = new LiveCascade(250_000);
  live.tick(1000, ATR, 500, T);
  return live;
}

/** Five longs of 60 000 USD, one a second from second 1 on, while the price falls to 950. */
function fallen(live = started()): LiveCascade {
  for (let i = 1; i <= 5; i++) {
    live.add(event(T + i * 1000, 60_000), 1000 - i * 10, ATR, T + i * 1000);
  }
  return live;
}

Deno.test("five liquidations, a quarter of a million and one ATR make a cascade", () => {
  const live = started();
  for (let i = 1; i <= 4; i++) {
    const state = live.add(event(T + i * 1000, 60_000), 1000 - i * 10, ATR, T + i * 1000);
    equal(state.state, "watch");
  }
  const state = live.add(event(T + 5000, 60_000), 950, ATR, T + 5000);
  equal(state.state, "active");
  equal(state.position, "long");
  equal(state.startedMs, T + 5000);
  equal(state.peakQuote, 300_000);
  equal(state.oiPct, 0);
});

Deno.test("without an ATR or a price nothing begins", () => {
  const live = new LiveCascade(250_000);
  for (let i = 1; i <= 9; i++) live.add(event(T + i * 1000, 60_000), null, null, T + i * 1000);
  equal(live.state.state, "watch");
  // The first price has nothing to have fallen from.
  equal(live.tick(900, ATR, null, T + 10_000).state, "watch");
  equal(live.tick(800, ATR, null, T + 11_000).state, "active");
});

Deno.test("events that are spread over more than 60 s do not add up", () => {
  const live = started();
  for (let i = 0; i < 5; i++) {
    const nowMs = T + i * 15_100;
    equal(live.add(event(nowMs, 60_000), 1000 - i * 10, ATR, nowMs).state, "watch");
  }
});

Deno.test("it ends 60 s after the window has emptied to below half, on time without any tick", () => {
  const live = fallen();
  // The third of five leaves with second 63: 120 000 USD are left, less than 125 000.
  const judged = live.tick(950, ATR, null, T + 500_000);
  equal(judged.state, "ended");
  const endedMs = judged.endedMs ?? NaN;
  ok(endedMs >= T + 123_000 && endedMs <= T + 124_999, `${endedMs - T}`);
});

Deno.test("ticks change nothing but prices: an end comes within the same second", () => {
  const ticks = fc.array(fc.integer({ min: 5100, max: 400_000 }), { maxLength: 60 });
  const silent = fallen().tick(null, ATR, null, T + 500_000).endedMs ?? NaN;
  fc.assert(
    fc.property(ticks, (times) => {
      const live = fallen();
      for (const time of times.toSorted((a, b) => a - b)) live.tick(null, ATR, null, T + time);
      const endedMs = live.tick(null, ATR, null, T + 500_000).endedMs ?? NaN;
      ok(Math.abs(endedMs - silent) < 1000, `${endedMs - silent}`);
    }),
    { numRuns: 40 },
  );
});

Deno.test("an OI drop during the cascade raises its severity", () => {
  const live = fallen();
  equal(live.state.severity, 1);
  equal(live.tick(950, ATR, 490, T + 6000).severity, 2);
  equal(live.state.oiPct, -0.02);
});

Deno.test("the OI before is the one that stood when the window began", () => {
  const live = started();
  live.tick(1000, ATR, 500, T + 10_000);
  live.tick(1000, ATR, 480, T + 80_000);
  for (let i = 1; i <= 5; i++) {
    const nowMs = T + 80_000 + i * 1000;
    live.add(event(nowMs, 60_000), 1000 - i * 10, ATR, nowMs);
  }
  equal(live.state.oiBeforeBase, 500);
  equal(live.state.oiPct, -0.04);
});

Deno.test("an event that comes too late is counted as such, one of tomorrow counts as now", () => {
  const live = started();
  live.add(event(T - 60_000, 900_000), 1000, ATR, T + 1000);
  equal(live.late, 1);
  const fresh = fallen();
  fresh.add(event(T + 86_400_000, 60_000), 950, ATR, T + 5000);
  equal(fresh.late, 0);
  equal(fresh.state.peakQuote, 360_000);
});

Deno.test("after a long sleep the window is empty", () => {
  const live = started();
  for (let i = 1; i <= 4; i++) live.add(event(T + i, 1e6), 1000, ATR, T + i);
  const week = T + 7 * 86_400_000;
  live.tick(1000, ATR, null, week);
  for (let i = 1; i <= 4; i++) live.add(event(week + i, 60_000), 900, ATR, week + i);
  equal(live.state.state, "watch");
});

Deno.test("a restart takes up an active cascade and ends it in time", () => {
  const quiet = {
    ...{ longQuote: 0, shortQuote: 0, longs: 0, shorts: 0 },
    ...{ fall: 0, rise: 0, atr: ATR, oiBeforeBase: 500, oiBase: 500 },
  };
  const closed: CascadeMinute[] = [
    { ...quiet, t: T - 120_000 },
    { ...quiet, t: T - 60_000, longQuote: 600_000, longs: 12, fall: 80, oiBase: 480 },
  ];
  const forming = { ...quiet, t: T, longQuote: 130_000, longs: 3 };
  const live = new LiveCascade(250_000);
  live.restore(closed, forming, T + 30_000);
  equal(live.state.state, "active");
  equal(live.state.startedMs, T);
  equal(live.state.severity, 3);
  // What the forming minute held leaves the window 60 s after its first second.
  const { endedMs } = live.tick(950, ATR, null, T + 600_000);
  ok(endedMs !== null && endedMs >= T + 119_000 && endedMs <= T + 122_000, `${endedMs}`);
});

Deno.test("a restart without anything stored just watches", () => {
  const live = new LiveCascade(250_000);
  live.restore([], null, T);
  deepEqual(live.state, new LiveCascade(1).state);
  equal(fallen(live).state.state, "active");
});

Deno.test("the window holds what the last sixty seconds brought, no more and no less", () => {
  const events = fc.array(
    fc.record({ afterMs: fc.nat(20_000), quote: fc.integer({ min: 1, max: 1000 }) }),
    { minLength: 5, maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (list) => {
      // A trigger of one dollar and a falling price: the peak tells what the window held.
      const live = new LiveCascade(1);
      let nowMs = T;
      let price = 1e6;
      live.tick(price, 0.001, null, nowMs);
      const seen: { readonly second: number; readonly quote: number }[] = [];
      let most = 0;
      for (const { afterMs, quote } of list) {
        nowMs += afterMs;
        price -= 1;
        live.add(event(nowMs, quote * 100), price, 0.001, nowMs);
        const second = Math.floor(nowMs / 1000);
        seen.push({ second, quote: quote * 100 });
        const window = seen.filter((one) => one.second > second - 60);
        if (live.state.state !== "active") most = 0;
        else {
          const held = window.reduce((sum, one) => sum + one.quote, 0);
          most = live.state.startedMs === nowMs ? held : Math.max(most, held);
          ok(Math.abs((live.state.peakQuote ?? NaN) - most) < 1e-6);
        }
      }
    }),
    { numRuns: 60 },
  );
});

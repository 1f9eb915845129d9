import { deepEqual, equal } from "../assert.ts";
import {
  lastBars,
  lastClosedBar,
  looksLikeTimeframe,
  parseTimeframe,
  rollingWindow,
  timeframeName,
  TIMEFRAMES,
  utcDay,
} from "../../lib/market/windows.ts";
import { NOW_MS } from "./fake_source.ts";

const at = (hours: number, minutes: number) => Date.UTC(2026, 10, 20, hours, minutes);

Deno.test("the five timeframes are read as people type them", () => {
  for (const timeframe of TIMEFRAMES) {
    equal(parseTimeframe(`${timeframe}`), timeframe);
    equal(parseTimeframe(timeframeName(timeframe)), timeframe);
  }
  equal(parseTimeframe("15M"), 15);
  equal(parseTimeframe(" 30min "), 30);
  equal(parseTimeframe("1h"), 60);
  for (const text of ["", "2", "7m", "2h", "4h", "-5", "1.5h", "m", "btc", "60h", "1e1"]) {
    equal(parseTimeframe(text), null, text);
  }
});

Deno.test("other lengths of time are still seen as lengths of time", () => {
  for (const text of ["7", "7m", "4h", "1d", "90s"]) equal(looksLikeTimeframe(text), true, text);
  for (const text of ["1INCH", "btc", "1000PEPE", "m", ""]) {
    equal(looksLikeTimeframe(text), false, text);
  }
});

Deno.test("a rolling window is closed minutes and ends where the forming one begins", () => {
  deepEqual(rollingWindow(1, NOW_MS), { fromMs: at(14, 4), toMs: at(14, 5) });
  deepEqual(rollingWindow(60, NOW_MS), { fromMs: at(13, 5), toMs: at(14, 5) });
  deepEqual(rollingWindow(1, at(14, 6)), { fromMs: at(14, 5), toMs: at(14, 6) });
  deepEqual(rollingWindow(1, at(14, 6) - 1), { fromMs: at(14, 4), toMs: at(14, 5) });
});

Deno.test("the last closed bar ends where the forming bar begins", () => {
  deepEqual(lastClosedBar(15, NOW_MS), { fromMs: at(13, 45), toMs: at(14, 0) });
  deepEqual(lastClosedBar(60, at(14, 0)), { fromMs: at(13, 0), toMs: at(14, 0) });
  deepEqual(lastClosedBar(1, NOW_MS), rollingWindow(1, NOW_MS));
});

Deno.test("bars are aligned to the epoch and the last one holds now", () => {
  deepEqual(lastBars(15, 2, NOW_MS), [
    { fromMs: at(13, 45), toMs: at(14, 0) },
    { fromMs: at(14, 0), toMs: at(14, 15) },
  ]);
  equal(lastBars(60, 12, NOW_MS)[0]?.fromMs, at(3, 0));
});

Deno.test("the UTC day is its closed minutes, and none in its first minute", () => {
  deepEqual(utcDay(NOW_MS), { fromMs: at(0, 0), toMs: at(14, 5) });
  deepEqual(utcDay(at(0, 0) + 59_999), { fromMs: at(0, 0), toMs: at(0, 0) });
  deepEqual(utcDay(at(0, 1)), { fromMs: at(0, 0), toMs: at(0, 1) });
});

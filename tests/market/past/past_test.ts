import { deepEqual, equal, ok, throws } from "../../assert.ts";
import { barStart, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import { flowOf } from "../../../lib/market/flow.ts";
import { WINDOW_MINUTES } from "../../../lib/market/head/minute_layout.ts";
import { MINUTE_IS, type MinuteIs } from "../../../lib/market/past/bits.ts";
import { fineMinutes } from "../../../lib/market/past/fine.ts";
import { pastFrom, recentFrom } from "../../../lib/market/past/past.ts";
import { cascadeOver } from "../../../lib/market/study/liquidation/cascade.ts";
import { cascadeMinutes } from "../../../lib/market/study/liquidation/cascade_minutes.ts";
import {
  liquidatedMinutes,
  liquidationsOf,
} from "../../../lib/market/study/liquidation/liquidations.ts";
import { priceBars } from "../../../lib/market/study/price_bars.ts";
import { minuteVolumes, studyBar, volumeSpan } from "../../../lib/market/study/volume.ts";
import { vwapOf } from "../../../lib/market/study/vwap.ts";
import { trustOf } from "../../../lib/market/trust.ts";
import {
  lastBars,
  rollingWindow,
  type Span,
  TIMEFRAMES,
  utcDay,
} from "../../../lib/market/windows.ts";
import { filled, type RandomTape, randomTape, sameNumbers, split } from "./random_tape.ts";

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const DAY_MINUTES = 1440;

/** Asks each of the made-up tapes both ways. */
function each(
  hours: number,
  compare: (tape: RandomTape, stretches: ReturnType<typeof split>[], seed: number) => void,
): void {
  for (const seed of SEEDS) {
    const tape = randomTape(seed);
    const fromMs = barStart(tape.nowMs, 60) - hours * 3_600_000;
    const held = tape.series.map((rows) => filled(rows).filter(({ t }) => t >= fromMs));
    const stretches = held.map((rows) => split(rows, tape.nowMs, fromMs));
    compare({ ...tape, series: held }, stretches, seed);
  }
}

/** Spans of whole quarter-hours, and of the recent minutes. */
function spansOf(nowMs: number): Span[] {
  return [
    utcDay(nowMs),
    volumeSpan(TIMEFRAMES, nowMs),
    ...lastBars(60, 12, nowMs),
    ...lastBars(15, 12, nowMs),
    ...lastBars(5, 12, nowMs),
    ...TIMEFRAMES.map((minutes) => rollingWindow(minutes, nowMs)),
  ];
}

Deno.test("flow and VWAP of quarter-hours are those of their minutes", () => {
  each(25, ({ nowMs, series }, stretches) => {
    for (const span of spansOf(nowMs)) {
      sameNumbers(flowOf(stretches, span), flowOf(series, span), "flow");
      sameNumbers(vwapOf(stretches, span), vwapOf(series, span), "vwap");
    }
  });
});

Deno.test("every kind of trust in quarter-hours is that in their minutes, to the minute", () => {
  const held = (venue: number) => ({ venue: `${venue}`, newestMs: venue });
  each(25, ({ nowMs, series }, stretches) => {
    const day = rollingWindow(DAY_MINUTES, nowMs);
    const odd = { fromMs: day.fromMs + 7 * MINUTE_MS, toMs: day.toMs - 301 * MINUTE_MS };
    for (const span of [...spansOf(nowMs), day, odd]) {
      for (const is of Object.keys(MINUTE_IS) as MinuteIs[]) {
        deepEqual(
          trustOf(stretches.map((one, i) => ({ ...held(i), ...one })), span, nowMs, is),
          trustOf(series.map((buckets, i) => ({ ...held(i), buckets })), span, nowMs, is),
        );
      }
    }
  });
});

Deno.test("volumes by the minute are the same, and so is every bar's place among them", () => {
  each(25, ({ nowMs, series }, stretches) => {
    const span = volumeSpan(TIMEFRAMES, nowMs);
    const plain = series.map((rows) => minuteVolumes(rows, span));
    const folded = stretches.map((one) => minuteVolumes(one, span));
    sameNumbers(folded, plain, "volumes");
    for (const timeframe of TIMEFRAMES) {
      deepEqual(studyBar(folded, timeframe, nowMs), studyBar(plain, timeframe, nowMs));
    }
  });
});

Deno.test("volumes stand in their places where what is kept begins inside a quarter-hour", () => {
  each(25, ({ nowMs, series }) => {
    const span = volumeSpan(TIMEFRAMES, nowMs);
    const keptMs = span.fromMs + 97 * MINUTE_MS;
    const kept = series.map((rows) => rows.filter(({ t }) => t >= keptMs));
    const folded = kept.map((rows) => minuteVolumes(split(rows, nowMs, keptMs), span));
    sameNumbers(folded, kept.map((rows) => minuteVolumes(rows, span)), "volumes");
  });
});

Deno.test("two days of price bars are the same in every timeframe", () => {
  let bars = 0;
  each(48, ({ nowMs, series }, stretches) => {
    for (const timeframe of TIMEFRAMES) {
      const fromMs = Math.max(
        barStart(nowMs, 60) - 48 * 3_600_000,
        barStart(nowMs, timeframe) - 240 * timeframe * MINUTE_MS,
      );
      for (const [i, rows] of series.entries()) {
        const plain = priceBars(rows.filter(({ t }) => t >= fromMs), timeframe, nowMs);
        deepEqual(priceBars(stretches[i] ?? [], timeframe, nowMs, fromMs), plain);
        bars += plain.length;
      }
    }
  });
  ok(bars > 1000, `${bars} bars compared`);
});

Deno.test("liquidations are the same in windows that begin at any minute", () => {
  each(26, ({ nowMs, series }, stretches) => {
    for (const minutes of [5, 15, 60, 240, 1440]) {
      const span = rollingWindow(minutes, nowMs);
      sameNumbers(liquidationsOf(stretches, span), liquidationsOf(series, span), "totals");
      sameNumbers(liquidatedMinutes(stretches, span), liquidatedMinutes(series, span), "minutes");
    }
  });
});

Deno.test("the cascade of four hours is the same", () => {
  let active = 0;
  each(26, ({ nowMs, series }, stretches) => {
    const span = rollingWindow(240, nowMs);
    const priceMs = barStart(nowMs, 1) - 300 * MINUTE_MS;
    const [priced = []] = series;
    const plain = cascadeMinutes(series, priced.filter(({ t }) => t >= priceMs), span);
    const folded = cascadeMinutes(stretches, fineMinutes(stretches[0] ?? [], priceMs), span);
    sameNumbers(folded, plain, "readings");
    const state = cascadeOver(plain, 250_000);
    if (state.startedMs !== null) active++;
    sameNumbers(cascadeOver(folded, 250_000), state, "cascade");
  });
  ok(active > 0, "some of them began");
});

Deno.test("a sum over a part of a quarter-hour is refused, not guessed", () => {
  const { nowMs, series: [rows = []] } = randomTape(1);
  const fromMs = recentFrom(nowMs) - 4 * QUARTER_MS;
  const past = pastFrom(rows, { fromMs, toMs: recentFrom(nowMs) });
  const cut = { fromMs: fromMs + MINUTE_MS, toMs: recentFrom(nowMs) };
  throws(() => flowOf([{ past, buckets: [] }], cut), RangeError);
  const asFunction = { venue: "a", newestMs: null, past, buckets: [] };
  throws(() => trustOf([asFunction], cut, nowMs, () => true), TypeError);
});

Deno.test("the recent minutes hold any rolling window and the price at its start", () => {
  for (let minute = 0; minute < 60; minute++) {
    const nowMs = Date.UTC(2026, 10, 20, 14, minute, 59);
    ok(recentFrom(nowMs) <= rollingWindow(60 + 6, nowMs).fromMs);
    ok(
      barStart(nowMs, 1) - recentFrom(nowMs) <= (WINDOW_MINUTES - 3) * MINUTE_MS,
      "and no more than memory surely has",
    );
    equal(recentFrom(nowMs) % QUARTER_MS, 0);
  }
});

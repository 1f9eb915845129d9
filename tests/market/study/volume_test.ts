import { deepEqual, equal, ok } from "../../assert.ts";
import { barStart, type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { pastFrom } from "../../../lib/market/past/past.ts";
import {
  LEAST_BASELINE,
  minuteVolumes,
  rvolOf,
  spikeScore,
  studyBar,
  volumeSpan,
} from "../../../lib/market/study/volume.ts";
import { minutes } from "../fake_source.ts";

const DAY_MS = 1440 * MINUTE_MS;
/** Half a minute into the second hour of a day. */
const NOW = 10 * DAY_MS + 60.5 * MINUTE_MS;
const CLOSED = 10 * DAY_MS + 60 * MINUTE_MS;

/** Whole minutes up to the closed end, each with the volume that `quote` gives it. */
function tape(count: number, quote: (minutesAgo: number) => number): Bucket[] {
  return minutes(CLOSED - count * MINUTE_MS, count, (i) => [quote(count - i), 0]);
}

function study(rows: readonly Bucket[][], timeframe: 1 | 5 | 15 | 30 | 60, nowMs = NOW) {
  const span = volumeSpan([timeframe], nowMs);
  return studyBar(rows.map((row) => minuteVolumes(row, span)), timeframe, nowMs);
}

Deno.test("RVOL is the bar over the mean of the bars of 24 h before it", () => {
  const bar = study([tape(1500, (ago) => ago <= 60 ? 300 : 100)], 60);
  equal(bar.fromMs, 10 * DAY_MS);
  equal(bar.toMs, CLOSED);
  equal(bar.volQuote, 18_000);
  equal(bar.baselineBars, 24);
  equal(bar.rvol, 3);
});

Deno.test("the spike score is the robust z of log volume, worked by hand", () => {
  // ln of 1, e, e², e³, e⁴ twice: median 2, MAD 1 (distances 2 1 0 1 2, twice).
  const baseline = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4].map(Math.exp);
  near(spikeScore(Math.exp(5), baseline), 0.6745 * 3);
  near(spikeScore(Math.exp(2), baseline), 0);
});

Deno.test("a minute of the day makes a baseline of 1440 bars", () => {
  const { baselineBars, rvol } = study([tape(1441, () => 7)], 1);
  equal(baselineBars, 1440);
  equal(rvol, 1);
});

Deno.test("bars with missing minutes are no baseline", () => {
  const rows = tape(1500, () => 100)
    .map((row) => row.t === CLOSED - 130 * MINUTE_MS ? { ...row, coverageMs: 59_000 } : row)
    .filter((row) => row.t !== CLOSED - 500 * MINUTE_MS);
  equal(study([rows], 60).baselineBars, 22);
});

Deno.test("a venue whose bar is torn is left out of the bar and of its baseline", () => {
  const whole = tape(1500, () => 100);
  const torn = tape(1500, () => 900).slice(0, -1);
  const bar = study([whole, torn], 5);
  deepEqual(bar.used, [0]);
  equal(bar.volQuote, 500);
  equal(bar.rvol, 1);
});

Deno.test("a venue that came later shortens the baseline instead of bending it", () => {
  const bar = study([tape(1500, () => 100), tape(10 * 15, () => 900)], 15);
  deepEqual(bar.used, [0, 1]);
  equal(bar.baselineBars, 9);
  equal(bar.rvol, 1);
});

Deno.test("a venue that has just come does not take the baseline of the others away", () => {
  const old = tape(1500, () => 100);
  const bar = study([old, tape(20, () => 900)], 15);
  equal(bar.volQuote, 1500);
  equal(bar.baselineBars, 96);
  equal(bar.rvol, 1);
  deepEqual(bar.used, [0]);
  // With eight bars of its own it counts.
  const later = study([old, tape(135, () => 900)], 15);
  deepEqual(later.used, [0, 1]);
  equal(later.baselineBars, 8);
  equal(later.rvol, 1);
  // Alone it is told, without a measure.
  const alone = study([tape(20, () => 900)], 15);
  deepEqual([alone.volQuote, alone.rvol, alone.used], [13_500, null, [0]]);
});

Deno.test("without a whole bar nothing is known", () => {
  for (const rows of [[], [[]], [tape(1500, () => 1).slice(0, -1)]]) {
    const { volQuote, rvol, spikeScore, baselineBars } = study(rows, 1);
    deepEqual({ volQuote, rvol, spikeScore, baselineBars }, {
      volQuote: null,
      rvol: null,
      spikeScore: null,
      baselineBars: 0,
    });
  }
});

Deno.test("a flat tape has an RVOL of 1 and no spike score", () => {
  const { rvol, spikeScore } = study([tape(1500, () => 100)], 5);
  equal(rvol, 1);
  equal(spikeScore, null);
});

Deno.test("a silent bar is a zero, a silent day is no measure", () => {
  const silent = study([tape(1500, (ago) => ago <= 5 ? 0 : 100 + ago)], 5);
  equal(silent.volQuote, 0);
  equal(silent.rvol, 0);
  equal(silent.spikeScore, null);
  const day = study([tape(1500, () => 0)], 5);
  equal(day.rvol, null);
  equal(day.spikeScore, null);
});

Deno.test("a few bars are no baseline", () => {
  const few = Array.from({ length: LEAST_BASELINE - 1 }, () => 1);
  equal(rvolOf(2, few), null);
  equal(rvolOf(2, [...few, 1]), 2);
  equal(spikeScore(2, few), null);
  equal(rvolOf(null, [...few, 1]), null);
});

Deno.test("the bar turns over on the boundary", () => {
  const rows = tape(1500, () => 100);
  equal(study([rows], 60, CLOSED).toMs, CLOSED);
  equal(study([rows], 60, CLOSED - 1).toMs, CLOSED - 60 * MINUTE_MS);
});

function near(actual: number | null, expected: number): void {
  ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

Deno.test("bars from quarter-hours are those from their minutes, holes included", () => {
  const whole = tape(1600, (ago) => 100 + ago * ago % 997);
  const rows = whole.map((row) => row.t % 7_000_000 < MINUTE_MS ? { ...row, coverageMs: 1 } : row);
  for (const timeframe of [15, 30, 60] as const) {
    const span = volumeSpan([timeframe], NOW);
    const past = pastFrom(rows, { fromMs: span.fromMs, toMs: barStart(NOW, timeframe) });
    const folded = studyBar([minuteVolumes({ past, buckets: [] }, span)], timeframe, NOW);
    const bar = study([rows], timeframe);
    equal(folded.baselineBars, bar.baselineBars);
    near(folded.volQuote, bar.volQuote ?? NaN);
    near(folded.rvol, bar.rvol ?? NaN);
    near(folded.spikeScore, bar.spikeScore ?? NaN);
  }
});

/** Over stored minutes volumes and closes are read bar after bar: the numbers stay the same. */
import { deepEqual, equal, ok } from "../../assert.ts";
import { BarCloses } from "../../../lib/alerts/metric/rsi_replay.ts";
import { VolumeReplay } from "../../../lib/alerts/metric/volume_replay.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { within } from "../../../lib/market/flow.ts";
import { priceBars } from "../../../lib/market/study/price_bars.ts";
import { minuteVolumes, studyBar } from "../../../lib/market/study/volume.ts";
import { TIMEFRAMES } from "../../../lib/market/windows.ts";
import { random, wildMinutes } from "../moving_source.ts";

const START_MS = Date.UTC(2026, 10, 18, 3, 7);
const MINUTES = 2400;
const END_MS = START_MS + MINUTES * MINUTE_MS;

/** Minutes with everything that may be missing: coverage, prints, and all that is known. */
function torn(seed: number): Bucket[] {
  const next = random(seed);
  let away = 0;
  return wildMinutes({ seed, fromMs: START_MS, minutes: MINUTES }).map((row, i) => {
    if (next() < 0.004) away = Math.floor(next() * 40);
    if (i < 3 || away-- > 0) return emptyBucket(row.t);
    if (next() < 0.02) return { ...row, coverageMs: 30_000 };
    if (next() < 0.3) return { ...row, o: null, h: null, l: null, c: null, volQuote: 0 };
    // Some are the same to the last digit.
    return next() < 0.2 ? { ...row, volQuote: 50_000 } : row;
  });
}

Deno.test("volumes of bars stand against the same baseline, to the last digits", () => {
  let compared = 0;
  for (const timeframe of TIMEFRAMES) {
    const span = { fromMs: START_MS, toMs: END_MS };
    const volumes = [1, 2].map((seed) => minuteVolumes(torn(seed), span));
    const { study } = new VolumeReplay();
    const widthMs = timeframe * MINUTE_MS;
    const firstMs = Math.ceil((START_MS + 300 * MINUTE_MS) / widthMs) * widthMs;
    for (let endMs = firstMs; endMs <= END_MS; endMs += widthMs) {
      const whole = studyBar(volumes, timeframe, endMs);
      // A metric is read where all series are whole.
      if (whole.used.length < volumes.length) continue;
      const found = study(volumes, timeframe, endMs);
      equal(found.baselineBars, whole.baselineBars);
      same(found.rvol, whole.rvol);
      same(found.spikeScore, whole.spikeScore);
      compared++;
    }
  }
  ok(compared > 2000, `${compared}`);
});

function same(found: number | null, wanted: number | null): void {
  if (found === null || wanted === null) return equal(found, wanted);
  ok(Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${found} ≠ ${wanted}`);
}

Deno.test("closes of any span are those of the bars that are made of it", () => {
  for (const timeframe of TIMEFRAMES) {
    for (const seed of [3, 4, 5]) {
      const minutes = torn(seed);
      const closes = new BarCloses(minutes, timeframe);
      const widthMs = timeframe * MINUTE_MS;
      const lastMs = Math.floor(END_MS / widthMs) * widthMs;
      for (let toMs = Math.ceil(START_MS / widthMs) * widthMs; toMs <= lastMs; toMs += widthMs) {
        const span = { fromMs: toMs - 40 * widthMs, toMs };
        const wanted = priceBars(within(minutes, span), timeframe, toMs).map(({ c }) => c);
        deepEqual(closes.within(span.fromMs, toMs), wanted);
      }
    }
  }
});

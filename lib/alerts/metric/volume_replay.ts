// This module is pure.
/**
 * RVOL and spike score over stored minutes, one bar after the other: the baseline moves on
 * by a bar at a time. The same numbers as `studyBar`, which reads all of it for each bar.
 */
import { MINUTE_MS } from "../../market/bucket.ts";
import { zFrom } from "../../market/study/robust.ts";
import {
  type BarStudy,
  barVolume,
  BASELINE_MINUTES,
  LEAST_BASELINE,
  type MinuteVolumes,
} from "../../market/study/volume.ts";
import type { Timeframe } from "../../market/windows.ts";

export type Study = Pick<BarStudy, "rvol" | "spikeScore" | "baselineBars">;

export class VolumeReplay {
  /** Volumes of all series together, by bar; NaN where one of them is not whole. */
  #bars = new Float64Array(0);
  #firstBar = 0;
  readonly #logs = new SortedWindow();
  /** Bars whose logarithms the window holds. */
  #from = 0;
  #to = 0;

  /** Ends come in order, and the volumes stay the same. */
  readonly study = (
    volumes: readonly MinuteVolumes[],
    timeframe: Timeframe,
    endMs: number,
  ): Study => {
    const widthMs = timeframe * MINUTE_MS;
    if (this.#bars.length === 0) this.#load(volumes, timeframe);
    const bar = endMs / widthMs - 1 - this.#firstBar;
    const from = Math.max(0, bar - BASELINE_MINUTES / timeframe);
    this.#moveTo(from, bar);
    const volume = this.#bars[bar] ?? NaN;
    const known = volume === volume ? volume : null;
    let [sum, count] = [0, 0];
    for (let i = from; i < bar; i++) {
      const one = this.#bars[i] as number;
      if (one !== one) continue;
      sum += one;
      count++;
    }
    return {
      rvol: known === null || count < LEAST_BASELINE || !(sum > 0) ? null : known / (sum / count),
      spikeScore: known === null || !(known > 0) ? null : this.#logs.robustZ(Math.log(known)),
      baselineBars: count,
    };
  };

  #load(volumes: readonly MinuteVolumes[], timeframe: Timeframe): void {
    const widthMs = timeframe * MINUTE_MS;
    const [first] = volumes;
    if (!first) return;
    this.#firstBar = Math.ceil(first.fromMs / widthMs);
    const endMs = first.fromMs + first.quotes.length * MINUTE_MS;
    this.#bars = Float64Array.from(
      { length: Math.max(0, Math.floor(endMs / widthMs) - this.#firstBar) },
      (_, bar) => {
        const barMs = (this.#firstBar + bar) * widthMs;
        return volumes.reduce((sum, one) => sum + (barVolume(one, barMs, timeframe) ?? NaN), 0);
      },
    );
  }

  #moveTo(from: number, to: number): void {
    for (; this.#to < to; this.#to++) this.#logs.add(Math.log(this.#bars[this.#to] ?? NaN));
    for (; this.#from < from; this.#from++) {
      this.#logs.remove(Math.log(this.#bars[this.#from] ?? NaN));
    }
  }
}

/** Finite values in order; the others are left out. */
class SortedWindow {
  readonly #values = new Float64Array(BASELINE_MINUTES + 1);
  #size = 0;

  add(value: number): void {
    if (!Number.isFinite(value)) return;
    const at = this.#placeOf(value);
    this.#values.copyWithin(at + 1, at, this.#size++);
    this.#values[at] = value;
  }

  remove(value: number): void {
    if (!Number.isFinite(value)) return;
    const at = this.#placeOf(value);
    this.#values.copyWithin(at, at + 1, this.#size--);
  }

  /** 0.6745 · (x − median) ÷ MAD; `null` with too few values, or where most are the same. */
  robustZ(x: number): number | null {
    if (this.#size < LEAST_BASELINE) return null;
    const half = this.#size >>> 1;
    const upper = this.#values[half] ?? NaN;
    const middle = this.#size % 2 === 1 ? upper : ((this.#values[half - 1] ?? NaN) + upper) / 2;
    return zFrom(x, middle, this.#medianDistance(middle));
  }

  /** Walks outwards from the middle: the nearest half of all values. */
  #medianDistance(middle: number): number {
    const half = this.#size >>> 1;
    let above = this.#placeOf(middle);
    let below = above - 1;
    let [before, now] = [0, 0];
    for (let taken = 0; taken <= half; taken++) {
      before = now;
      const down = below >= 0 ? middle - (this.#values[below] ?? NaN) : Infinity;
      const up = above < this.#size ? (this.#values[above] ?? NaN) - middle : Infinity;
      now = Math.min(down, up);
      if (down <= up) below--;
      else above++;
    }
    return this.#size % 2 === 1 ? now : (before + now) / 2;
  }

  /** Of the first value that is not less. */
  #placeOf(value: number): number {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#values[middle] ?? NaN) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

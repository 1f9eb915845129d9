// This module is pure.
/**
 * What is usual of an asset's liquidations: the yardstick of a cascade (metrics page,
 * "Liquidations": "the symbol's own 99th percentile minute over stored history").
 */
import { barStart, type Bucket, MINUTE_MS } from "../../bucket.ts";
import type { Span } from "../../windows.ts";
import { CASCADE_PERCENTILE } from "./cascade.ts";
import { heardIn, percentile } from "./liquidations.ts";

/** Never of the hour that is judged by it: a cascade in it would be measured by itself. */
export interface LiquidationNorm {
  /** End of the last full hour: minutes before it are counted. */
  readonly toMs: number;
  /** Minutes of which something is known. */
  readonly minutes: number;
  /**
   * 99th percentile of the larger side of a minute, USD; `null` with so few minutes that it
   * would be the largest of them.
   */
  readonly p99Quote: number | null;
}

/** The end of what counts at a time. */
export function normEnd(nowMs: number): number {
  return barStart(nowMs, 60);
}

/** Minute by minute, what all series of an asset heard; added in any portions. */
export class NormMinutes {
  readonly #span: Span;
  /** NaN where no series knows anything. */
  readonly #longs: Float64Array;
  readonly #shorts: Float64Array;

  constructor(span: Span) {
    this.#span = span;
    const count = Math.max(0, Math.ceil((span.toMs - span.fromMs) / MINUTE_MS));
    this.#longs = new Float64Array(count).fill(NaN);
    this.#shorts = new Float64Array(count).fill(NaN);
  }

  /** Adds minutes of one series; each minute of a series once. */
  add(buckets: Iterable<Bucket>): void {
    const { fromMs, toMs } = this.#span;
    for (const bucket of buckets) {
      if (bucket.t < fromMs || bucket.t >= toMs) continue;
      const heard = heardIn(bucket);
      if (!heard) continue;
      const i = (bucket.t - fromMs) / MINUTE_MS;
      this.#longs[i] = (this.#longs[i] || 0) + heard.longQuote;
      this.#shorts[i] = (this.#shorts[i] || 0) + heard.shortQuote;
    }
  }

  /** What the minutes before `toMs`, all of them unless told, come to. */
  norm(toMs: number = this.#span.toMs): LiquidationNorm {
    const end = Math.min(this.#longs.length, (toMs - this.#span.fromMs) / MINUTE_MS);
    const larger = new Float64Array(Math.max(0, end));
    let minutes = 0;
    for (let i = 0; i < end; i++) {
      const side = Math.max(this.#longs[i] ?? NaN, this.#shorts[i] ?? NaN);
      if (side === side) larger[minutes++] = side;
    }
    const isLargest = Math.ceil(CASCADE_PERCENTILE * minutes) >= minutes;
    const known = larger.subarray(0, minutes);
    return { toMs, minutes, p99Quote: isLargest ? null : percentile(known, CASCADE_PERCENTILE) };
  }
}

/**
 * The canary: compares each closed hour's volume with the venue's own candles. A quiet
 * fault of ours (a filter too many, a stream half dead) shows here and nowhere else.
 */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { Candle } from "../../market/collector.ts";
import type { Minutes } from "../minutes.ts";
import type { Venue } from "../venue.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** Repair and the venue's own candles get this long after the hour. */
const SETTLED_MS = 3 * MINUTE_MS;
/** Above this share the hour is wrong; futures differ by 0.1 % by their nature. */
export const TOLERANCE = 0.01;

export interface Difference {
  /** Share by which our volume of the comparable minutes is off; `null` where none compare. */
  readonly share: number | null;
  /** Minutes that are off by more than the tolerance. */
  readonly minutes: readonly number[];
}

/** Compares minutes that we hold to be whole with the venue's candles of the same minutes. */
export function compare(buckets: readonly Bucket[], candles: readonly Candle[]): Difference {
  const ours = new Map(buckets.map((bucket) => [bucket.t, bucket]));
  let [sumOurs, sumTheirs] = [0, 0];
  const minutes: number[] = [];
  for (const { openMs, base } of candles) {
    const bucket = ours.get(openMs);
    // What came from a candle is no witness, and what is incomplete says so itself.
    if (!bucket || bucket.coverageMs < MINUTE_MS || bucket.source === "candle") continue;
    const volume = bucket.volBase ?? 0;
    sumOurs += volume;
    sumTheirs += base;
    if (Math.abs(volume - base) > TOLERANCE * Math.max(volume, base)) minutes.push(openMs);
  }
  const larger = Math.max(sumOurs, sumTheirs);
  return { share: larger > 0 ? Math.abs(sumOurs - sumTheirs) / larger : null, minutes };
}

export interface CanaryOptions {
  readonly venue: Venue;
  readonly minutes: Minutes;
  readonly alarm: (text: string) => void;
  /** A minute that is wrong: it is to be repaired. */
  readonly distrust: (symbol: string, t: number) => void;
}

export class Canary {
  /** Hours of series compared, and found wrong. */
  compared = 0;
  wrong = 0;
  readonly #options: CanaryOptions;
  #hourMs: number | null = null;
  /** Series whose newest hour is still to be compared. */
  readonly #left = new Set<string>();

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.venue.collector.venue;
  }

  /**
   * Compares the newest closed hour of every series once; called every minute or so. One that
   * the venue does not tell holds up no other, and is asked for again by the next call.
   */
  async look(signal: AbortSignal): Promise<void> {
    const { venue } = this.#options;
    const hourMs = Math.floor((venue.clock.nowMs() - SETTLED_MS) / HOUR_MS) * HOUR_MS - HOUR_MS;
    // The hour of the start is partly candles: the first whole one comes after it.
    if (this.#hourMs === null) this.#hourMs = hourMs;
    if (hourMs > this.#hourMs) {
      this.#hourMs = hourMs;
      this.#left.clear();
      for (const symbol of venue.feed.symbols) this.#left.add(symbol);
    }
    const failures: unknown[] = [];
    for (const symbol of [...this.#left]) {
      try {
        await this.#compare(symbol, hourMs, signal);
        this.#left.delete(symbol);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #compare(symbol: string, hourMs: number, signal: AbortSignal): Promise<void> {
    const { venue, minutes, alarm, distrust } = this.#options;
    const { collector } = venue;
    const id = { venue: collector.venue, symbol };
    const span = { symbol, fromMs: hourMs, toMs: hourMs + HOUR_MS };
    const candles = await venue.ask(collector.api.candles, span, signal, "repair");
    const { share, minutes: off } = compare(
      await minutes.readOnce(id, span.fromMs, span.toMs),
      candles,
    );
    this.compared++;
    if (share === null || share <= TOLERANCE) return;
    this.wrong++;
    const hour = new Date(hourMs).toISOString().slice(11, 16);
    const percent = (share * 100).toFixed(1);
    alarm(
      `${id.venue} ${symbol}: volume of the hour from ${hour} UTC is ${percent} % off its candle`,
    );
    for (const t of off) distrust(symbol, t);
  }
}

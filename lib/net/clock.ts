// This module is pure.
/**
 * The venue's clock as seen from here. The local clock need not be right: answers of the
 * venue's time endpoint give the offset, and until there is one the times on streamed
 * events do, which are late by their way to us.
 */

/** Time answers that are kept; the quickest of them is believed. */
const MAX_SAMPLES = 8;
/** Time stamps are whole milliseconds, and clocks drift a little between two samples. */
const TOLERANCE_MS = 250;
const MAX_OBSERVATIONS = 31;
/** One burst must not make up the whole median. */
const OBSERVE_EVERY_MS = 100;
/** An event stamped this far ahead of the venue's clock proves the local clock has moved. */
const AHEAD_MS = 2_000;

interface Sample {
  /** The offset lies between these two, however the round trip was divided. */
  readonly lowMs: number;
  readonly highMs: number;
}

export class VenueClock {
  #samples: Sample[] = [];
  /** Offset by the quickest sample. */
  #sampledMs: number | null = null;
  /** Event time minus local time of the last events, as a ring. */
  readonly #observed = new Float64Array(MAX_OBSERVATIONS);
  #observations = 0;
  #lastObservedMs = -Infinity;
  #observedMs: number | null = null;

  /** @param now local time in ms, the same clock that the samples are taken with */
  constructor(private readonly now: () => number) {}

  /** The venue's time in ms; the local time as long as nothing is known. */
  nowMs(): number {
    return this.now() + (this.offsetMs ?? 0);
  }

  /** Venue's time minus local time; `null` as long as nothing is known. */
  get offsetMs(): number | null {
    return this.#sampledMs ?? this.#observedMs;
  }

  /** Where the offset comes from. */
  get source(): "rest" | "stream" | "none" {
    if (this.#sampledMs !== null) return "rest";
    return this.#observedMs !== null ? "stream" : "none";
  }

  /**
   * A time answer: asked at `sentMs` and received at `receivedMs` by the local clock, with
   * the venue's time in it. It is right within half the round trip (Cristian's algorithm).
   */
  sample(sentMs: number, receivedMs: number, serverMs: number): void {
    if (!(receivedMs >= sentMs) || !Number.isFinite(serverMs)) return;
    const newest: Sample = { lowMs: serverMs - receivedMs, highMs: serverMs - sentMs };
    // Samples that cannot be true together with this one are from before a clock was set.
    const agreeing = this.#samples.filter((sample) =>
      sample.lowMs - TOLERANCE_MS <= newest.highMs && newest.lowMs <= sample.highMs + TOLERANCE_MS
    );
    this.#samples = [...agreeing, newest].slice(-MAX_SAMPLES);
    const best = this.#samples.reduce((best, sample) =>
      sample.highMs - sample.lowMs <= best.highMs - best.lowMs ? sample : best
    );
    this.#sampledMs = (best.lowMs + best.highMs) / 2;
  }

  /** An event with the venue's time on it was received at `localMs`. */
  observe(eventMs: number, localMs: number): void {
    const offsetMs = eventMs - localMs;
    if (!Number.isFinite(offsetMs)) return;
    const full = this.#observations >= MAX_OBSERVATIONS;
    if (full && Math.abs(localMs - this.#lastObservedMs) < OBSERVE_EVERY_MS) return;
    this.#lastObservedMs = localMs;
    this.#observed[this.#observations++ % MAX_OBSERVATIONS] = offsetMs;
    this.#observedMs = this.#median();
    if (this.#sampledMs !== null && this.#observedMs > this.#sampledMs + AHEAD_MS) {
      this.#samples = [];
      this.#sampledMs = null;
    }
  }

  #median(): number {
    const count = Math.min(this.#observations, MAX_OBSERVATIONS);
    const sorted = this.#observed.slice(0, count).sort();
    return sorted[count >> 1] ?? 0;
  }
}

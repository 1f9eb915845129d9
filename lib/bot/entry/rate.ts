/** At most so many of a kind at once, and so many a minute after that. */
export interface RateLimit {
  readonly burst: number;
  readonly perMinute: number;
}

/** Those that were silent longest are forgotten; their burst is whole again by then. */
const REMEMBERED = 1000;

interface Bucket {
  left: number;
  atMs: number;
}

/** A bucket of tokens for each of many. Times are monotonic ms. */
export class Rates {
  readonly #buckets = new Map<number, Bucket>();

  constructor(private readonly limit: RateLimit) {}

  /** Whether this one may now; it is counted then. */
  take(id: number, nowMs: number): boolean {
    const { burst, perMinute } = this.limit;
    const bucket = this.#buckets.get(id) ?? { left: burst, atMs: nowMs };
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    for (const silent of this.#buckets.keys()) {
      if (this.#buckets.size <= REMEMBERED) break;
      this.#buckets.delete(silent);
    }
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.left = Math.min(burst, bucket.left + passedMs * perMinute / 60_000);
    bucket.atMs = nowMs;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }
}

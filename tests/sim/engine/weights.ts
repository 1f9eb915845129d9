/** How venues count requests: so much in a window, and a ban for who does not listen. */

export class RateWindow {
  #startMs = 0;
  #used = 0;

  constructor(readonly limit: number, readonly windowMs: number) {}

  /** Counts a request and returns whether it is still within the limit. */
  take(weight: number, nowMs: number): boolean {
    this.#turn(nowMs);
    this.#used += weight;
    return this.#used <= this.limit;
  }

  used(nowMs: number): number {
    this.#turn(nowMs);
    return this.#used;
  }

  /** Until the window turns, ms. */
  leftMs(nowMs: number): number {
    return this.#startMs + this.windowMs - nowMs;
  }

  #turn(nowMs: number): void {
    const startMs = Math.floor(nowMs / this.windowMs) * this.windowMs;
    if (startMs !== this.#startMs) this.#used = 0;
    this.#startMs = startMs;
  }
}

/** Refusals after which asking on is answered with a ban. */
const PATIENCE = 10;

/** Binance: 429 above the limit, 418 for who keeps on. */
export class BinanceGate {
  readonly #shared = new RateWindow(1000, 300_000);
  #refusals = 0;
  #bannedToMs = 0;

  constructor(readonly window: RateWindow, readonly banMs: number) {}

  /** The refusal of a request, or `null`. `shared` requests have a count of their own. */
  refusal(weight: number, shared: boolean, nowMs: number): Response | null {
    if (nowMs < this.#bannedToMs) return this.#banned(nowMs);
    const allowed = shared ? this.#shared.take(1, nowMs) : this.window.take(weight, nowMs);
    if (allowed) {
      this.#refusals = 0;
      return null;
    }
    if (++this.#refusals > PATIENCE) {
      this.#bannedToMs = nowMs + this.banMs;
      return this.#banned(nowMs);
    }
    const window = shared ? this.#shared : this.window;
    return refusal(429, "Too many requests; current limit is exceeded.", window.leftMs(nowMs));
  }

  #banned(nowMs: number): Response {
    const msg = `Way too many requests; IP banned until ${this.#bannedToMs}.`;
    return refusal(418, msg, this.#bannedToMs - nowMs);
  }
}

function refusal(status: number, msg: string, waitMs: number): Response {
  const headers = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
  return Response.json({ code: -1003, msg }, { status, headers });
}

/** Bybit: 600 requests in 5 s per address, then 403 until the ban is over. */
export class BybitGate {
  #bannedToMs = 0;

  constructor(readonly window: RateWindow, readonly banMs: number) {}

  refusal(nowMs: number): Response | null {
    if (nowMs >= this.#bannedToMs && this.window.take(1, nowMs)) return null;
    if (nowMs >= this.#bannedToMs) this.#bannedToMs = nowMs + this.banMs;
    return new Response("access too frequent", { status: 403 });
  }
}

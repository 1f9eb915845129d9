// This module is pure.
/**
 * The trades before the simulator started. A minute of them is a function of the seed
 * and can be made whenever somebody asks, so hours of history cost nothing to start.
 */
import type { Listing } from "./listing.ts";
import { MINUTE_MS, type Print, type TradesQuery } from "./tape.ts";
import { Random, seedOf } from "./random.ts";

export interface PastOptions {
  readonly seed: number;
  readonly startMinute: number;
  /** Exclusive. */
  readonly endMinute: number;
  readonly printsPerMinute: number;
  /** Log prices of the asset at the edges of the minutes, one more than there are minutes. */
  readonly path: readonly number[];
}

export class Past {
  readonly startMinute: number;
  readonly endMinute: number;
  /** First id of each minute, and at the end the first id after them. */
  readonly #firstIds: number[] = [];

  constructor(readonly listing: Listing, readonly options: PastOptions) {
    this.startMinute = options.startMinute;
    this.endMinute = options.endMinute;
    const random = new Random(seedOf(options.seed, listing.venue, listing.symbol, "counts"));
    let id = 1_000_000 + random.below(9_000_000);
    for (let minute = this.startMinute; minute < this.endMinute; minute++) {
      this.#firstIds.push(id);
      id += random.poisson(options.printsPerMinute);
    }
    this.#firstIds.push(id);
  }

  /** The first id after history. */
  get endId(): number {
    return this.#firstIds.at(-1) ?? 1;
  }

  get lastTicks(): number {
    return ticksAt(this.listing, this.options.path.at(-1) ?? 0);
  }

  holds(minute: number): boolean {
    return minute >= this.startMinute && minute < this.endMinute;
  }

  /** The minute in which a query begins; the end where that is after history. */
  minuteOf(query: TradesQuery): number {
    if (query.fromMs !== undefined) {
      return Math.max(this.startMinute, Math.floor(query.fromMs / MINUTE_MS));
    }
    const fromId = query.fromId ?? 0;
    const next = this.#firstIds.findIndex((id) => id > fromId);
    if (next < 0) return this.endMinute;
    return this.startMinute + Math.max(0, next - 1);
  }

  /** The prints of a minute, in order of time and id. */
  prints(minute: number): Print[] {
    const index = minute - this.startMinute;
    const firstId = this.#firstIds[index] ?? 0;
    const count = (this.#firstIds[index + 1] ?? firstId) - firstId;
    const { seed, path } = this.options;
    const random = new Random(seedOf(seed, this.listing.venue, this.listing.symbol, minute));
    const times = Array.from({ length: count }, () => random.below(MINUTE_MS)).sort((a, b) =>
      a - b
    );
    const [from, to] = [path[index] ?? 0, path[index + 1] ?? 0];
    return times.map((offsetMs, nth) => {
      const logPrice = from + (to - from) * offsetMs / MINUTE_MS + 0.00005 * random.normal();
      const timeMs = minute * MINUTE_MS + offsetMs;
      return makePrint(this.listing, random, { id: firstId + nth, timeMs, logPrice, buying: 0.5 });
    });
  }
}

/** What a price of the asset is on this market, in ticks. */
export function ticksAt(listing: Listing, logPrice: number): number {
  const price = Math.exp(logPrice) * listing.multiplier * (1 + listing.basis);
  return Math.max(1, Math.round(price * 10 ** listing.priceDecimals));
}

export interface PrintOptions {
  readonly id: number;
  readonly timeMs: number;
  readonly logPrice: number;
  /** Probability that the taker buys. */
  readonly buying: number;
  /** Notional to trade; drawn where it is not given. */
  readonly usd?: number;
}

/** A print at the touch, of a size as people trade: mostly small, now and then large. */
export function makePrint(listing: Listing, random: Random, options: PrintOptions): Print {
  const buy = random.chance(options.buying);
  const mid = ticksAt(listing, options.logPrice);
  const ticks = Math.max(1, buy ? mid + 1 : mid - (mid > 1 ? 1 : 0));
  const median = listing.asset === "BTC" ? 700 : 300;
  const usd = options.usd ?? median * Math.exp(1.8 * random.normal());
  // The tail of the distribution has no end; a single print has.
  const coins = Math.min(usd, 2e6) / (ticks / 10 ** listing.priceDecimals);
  // Ids of Binance aggregate trades are unbroken, so only Bybit prints blocks in between.
  const block = listing.venue === "bybit-perp" && random.chance(0.002);
  return {
    id: options.id,
    timeMs: options.timeMs,
    ticks,
    steps: Math.max(1, Math.round(coins * 10 ** listing.sizeDecimals)),
    buy,
    block,
  };
}

// This module is pure.
/** One market as it stands now: its tape, its book, and for a perpetual the rest. */
import { Book } from "./book.ts";
import type { Listing } from "./listing.ts";
import { Random, seedOf } from "./random.ts";
import { MINUTE_MS, type Sums, type Tape } from "./tape.ts";

const HOUR_MS = 3_600_000;

export class Market {
  readonly book = new Book();
  readonly random: Random;
  /** One side's open interest, native coins. */
  openInterest: number;
  #bookMs = 0;
  #liquidationMs = 0;
  readonly #interest = new Map<number, number>();

  constructor(
    readonly listing: Listing,
    readonly tape: Tape,
    readonly seed: number,
    /** Log price of the asset. */
    readonly logPrice: () => number,
    /** Expected quote volume of a day. */
    readonly dayQuote: number,
  ) {
    this.random = new Random(seedOf(seed, listing.venue, listing.symbol, "market"));
    this.openInterest = this.interestAt(tape.past.endMinute - 1);
  }

  /** Last price in the venue's own units. */
  get lastPrice(): number {
    return this.tape.lastTicks / 10 ** this.listing.priceDecimals;
  }

  /** The asset's own price in the venue's units: what venues call the index. */
  get indexPrice(): number {
    return Math.exp(this.logPrice()) * this.listing.multiplier;
  }

  get markPrice(): number {
    return this.indexPrice * (1 + this.listing.basis);
  }

  /** Rate of the running interval, a fraction; moves once a minute. */
  fundingRate(timeMs: number): number {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const wave = Math.sin(minute / 240 + seedOf(this.listing.symbol) % 7);
    return Number((0.0001 + 0.00008 * wave).toFixed(8));
  }

  /** When funding is next exchanged, ms. */
  nextFundingMs(timeMs: number): number {
    const interval = this.listing.fundingHours * HOUR_MS;
    return (Math.floor(timeMs / interval) + 1) * interval;
  }

  /** Moves the open interest as trades and liquidations do. */
  trade(coins: number, liquidated: boolean, timeMs: number): void {
    const change = liquidated ? -coins : coins * 0.4 * this.random.normal();
    this.openInterest = Math.max(0, this.openInterest + change);
    this.#interest.set(Math.floor(timeMs / MINUTE_MS), this.openInterest);
  }

  /** Open interest at the end of a minute, native coins; a walk of its own before the start. */
  interestAt(minute: number): number {
    if (minute >= this.tape.past.endMinute) {
      for (let at = minute; at >= this.tape.past.endMinute; at--) {
        const known = this.#interest.get(at);
        if (known !== undefined) return known;
      }
    }
    const wave = Math.sin(minute / 97) * 0.03 + Math.sin(minute / 13) * 0.004;
    return this.dayQuote / 2 / Math.exp(this.tape.past.options.path[0] ?? 0) /
      this.listing.multiplier * (1 + wave);
  }

  /** The book, brought to the present price at most once per 20 ms. */
  bookAt(nowMs: number): Book {
    if (nowMs - this.#bookMs >= 20) {
      this.#bookMs = nowMs;
      const steps = 3000 / this.lastPrice * 10 ** this.listing.sizeDecimals;
      const tilt = 0.5 + 0.3 * Math.sin(nowMs / 47_000 + seedOf(this.listing.symbol));
      this.book.follow(this.tape.lastTicks, steps, tilt, this.random);
    }
    return this.book;
  }

  /** Binance publishes at most one liquidation per symbol and second. */
  mayPublishLiquidation(timeMs: number): boolean {
    if (timeMs - this.#liquidationMs < 1000) return false;
    this.#liquidationMs = timeMs;
    return true;
  }

  /**
   * Bars of `minutes` length that begin in `[fromMs, toMs]`, flat where nothing traded,
   * none before history and none after now.
   */
  bars(fromMs: number, toMs: number, minutes: number, nowMs: number): Bar[] {
    const width = minutes * MINUTE_MS;
    const bars: Bar[] = [];
    const { past } = this.tape;
    const begin = Math.ceil(Math.max(fromMs, past.startMinute * MINUTE_MS) / width) * width;
    let close = this.tape.minute(begin / MINUTE_MS - 1)?.close;
    for (let t = begin; t <= Math.min(toMs, nowMs); t += width) {
      const parts: Sums[] = [];
      for (let minute = t / MINUTE_MS; minute < (t + width) / MINUTE_MS; minute++) {
        const part = this.tape.minute(minute);
        if (part) parts.push(part);
      }
      close = parts.at(-1)?.close ?? close ?? past.lastTicks;
      bars.push(barOf(t, parts, close));
    }
    return bars;
  }

  /** When the market's history begins. */
  get startMs(): number {
    return this.tape.past.startMinute * MINUTE_MS;
  }
}

/** A candle, in ticks and steps. */
export interface Bar extends Omit<Sums, "buys" | "sells"> {
  readonly t: number;
  readonly prints: number;
}

function barOf(t: number, parts: readonly Sums[], close: number): Bar {
  const total = (pick: (part: Sums) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  return {
    t,
    open: parts[0]?.open ?? close,
    high: parts.length > 0 ? Math.max(...parts.map((part) => part.high)) : close,
    low: parts.length > 0 ? Math.min(...parts.map((part) => part.low)) : close,
    close,
    buySteps: total((part) => part.buySteps),
    sellSteps: total((part) => part.sellSteps),
    buyProduct: total((part) => part.buyProduct),
    sellProduct: total((part) => part.sellProduct),
    firstId: parts[0]?.firstId ?? 0,
    lastId: parts.at(-1)?.lastId ?? 0,
    prints: total((part) => part.buys + part.sells),
  };
}

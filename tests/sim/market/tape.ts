// This module is pure.
/**
 * Every trade of one market and what they add up to per minute. Prices and sizes are
 * whole ticks and steps, so that the sums are exact.
 */
import type { Listing } from "./listing.ts";
import type { Past } from "./past.ts";

export const MINUTE_MS = 60_000;

/** One print: an aggTrade on Binance, a public trade on Bybit. */
export interface Print {
  /** One more than the print before it. */
  readonly id: number;
  readonly timeMs: number;
  readonly ticks: number;
  readonly steps: number;
  /** The taker bought. */
  readonly buy: boolean;
  /** A block trade: printed, but no part of the market's volume. */
  readonly block: boolean;
}

/** Truth of one minute, in the real coin and in quote currency. */
export interface MinuteTruth {
  readonly t: number;
  readonly o: number | null;
  readonly h: number | null;
  readonly l: number | null;
  readonly c: number | null;
  readonly buyBase: number;
  readonly sellBase: number;
  readonly buyQuote: number;
  readonly sellQuote: number;
  readonly buys: number;
  readonly sells: number;
  /** As published: Binance publishes at most one liquidation per symbol and second. */
  readonly liqLongQuote: number;
  readonly liqShortQuote: number;
  readonly liqLongs: number;
  readonly liqShorts: number;
  readonly firstId: number | null;
  readonly lastId: number | null;
}

/** Sums of one minute or bar, in ticks and steps. */
export interface Sums {
  open: number;
  high: number;
  low: number;
  close: number;
  buySteps: number;
  sellSteps: number;
  /** Σ ticks · steps. */
  buyProduct: number;
  sellProduct: number;
  buys: number;
  sells: number;
  firstId: number;
  lastId: number;
}

interface Liquidated {
  longQuote: number;
  shortQuote: number;
  longs: number;
  shorts: number;
}

export interface TradesQuery {
  readonly fromId?: number | undefined;
  readonly fromMs?: number | undefined;
  /** Inclusive. */
  readonly toMs?: number | undefined;
  readonly limit: number;
}

export class Tape {
  readonly #minutes = new Map<number, Sums>();
  readonly #liquidated = new Map<number, Liquidated>();
  #prints: Print[] = [];
  #nextId: number;
  #lastTicks: number;

  constructor(
    readonly listing: Listing,
    readonly past: Past,
    /** How many live prints stay readable one by one. */
    readonly keepPrints: number,
  ) {
    this.#nextId = past.endId;
    this.#lastTicks = past.lastTicks;
  }

  get nextId(): number {
    return this.#nextId;
  }

  get lastTicks(): number {
    return this.#lastTicks;
  }

  add(print: Print): void {
    this.#nextId = print.id + 1;
    this.#prints.push(print);
    if (this.#prints.length > this.keepPrints * 1.25) {
      this.#prints = this.#prints.slice(-this.keepPrints);
    }
    if (print.block) return;
    this.#lastTicks = print.ticks;
    const minute = Math.floor(print.timeMs / MINUTE_MS);
    const sums = this.#minutes.get(minute);
    if (sums) addPrint(sums, print);
    else this.#minutes.set(minute, sumsOf([print]));
  }

  addLiquidation(timeMs: number, long: boolean, quote: number): void {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const sums = this.#liquidated.get(minute) ??
      { longQuote: 0, shortQuote: 0, longs: 0, shorts: 0 };
    this.#liquidated.set(minute, sums);
    sums[long ? "longQuote" : "shortQuote"] += quote;
    sums[long ? "longs" : "shorts"]++;
  }

  /** The sums of a minute, `undefined` where nothing traded. */
  minute(minute: number): Sums | undefined {
    const known = this.#minutes.get(minute);
    if (known || !this.past.holds(minute)) return known;
    const sums = sumsOf(this.past.prints(minute));
    if (sums.buys + sums.sells > 0) this.#minutes.set(minute, sums);
    return sums.buys + sums.sells > 0 ? sums : undefined;
  }

  /** Prints in order, from an id or a time on; what is no longer held is left out. */
  prints(query: TradesQuery): Print[] {
    const found: Print[] = [];
    const take = (print: Print): boolean => {
      if (print.id < (query.fromId ?? 0) || print.timeMs < (query.fromMs ?? 0)) return true;
      if (print.timeMs > (query.toMs ?? Infinity)) return false;
      found.push(print);
      return found.length < query.limit;
    };
    if (query.fromId === undefined && query.fromMs === undefined) return this.newest(query);
    const first = this.past.minuteOf(query);
    for (let minute = first; this.past.holds(minute); minute++) {
      if (!this.past.prints(minute).every(take)) return found;
    }
    this.#prints.every(take);
    return found;
  }

  /** The newest prints, oldest first. */
  newest(query: TradesQuery): Print[] {
    const live = query.toMs === undefined
      ? this.#prints
      : this.#prints.filter((print) => print.timeMs <= (query.toMs ?? Infinity));
    if (live.length >= query.limit) return live.slice(-query.limit);
    const older: Print[] = [];
    for (let minute = this.past.endMinute - 1; this.past.holds(minute); minute--) {
      older.unshift(...this.past.prints(minute));
      if (older.length + live.length >= query.limit) break;
    }
    return [...older, ...live].slice(-query.limit);
  }

  /** Every minute from the first of history to the newest one with a trade. */
  truth(): MinuteTruth[] {
    const last = Math.max(this.past.endMinute - 1, ...this.#minutes.keys());
    const rows: MinuteTruth[] = [];
    for (let minute = this.past.startMinute; minute <= last; minute++) {
      rows.push(this.#truthOf(minute));
    }
    return rows;
  }

  #truthOf(minute: number): MinuteTruth {
    const { multiplier, priceDecimals, sizeDecimals, venue } = this.listing;
    const sums = this.minute(minute);
    const liquidated = this.#liquidated.get(minute);
    const price = (ticks: number | undefined) =>
      ticks === undefined ? null : ticks / 10 ** priceDecimals / multiplier;
    const base = (steps = 0) => steps / 10 ** sizeDecimals * multiplier;
    const quote = (product = 0) => product / 10 ** (priceDecimals + sizeDecimals);
    const numbered = venue.startsWith("binance");
    return {
      t: minute * MINUTE_MS,
      o: price(sums?.open),
      h: price(sums?.high),
      l: price(sums?.low),
      c: price(sums?.close),
      buyBase: base(sums?.buySteps),
      sellBase: base(sums?.sellSteps),
      buyQuote: quote(sums?.buyProduct),
      sellQuote: quote(sums?.sellProduct),
      buys: sums?.buys ?? 0,
      sells: sums?.sells ?? 0,
      liqLongQuote: liquidated?.longQuote ?? 0,
      liqShortQuote: liquidated?.shortQuote ?? 0,
      liqLongs: liquidated?.longs ?? 0,
      liqShorts: liquidated?.shorts ?? 0,
      firstId: numbered ? sums?.firstId ?? null : null,
      lastId: numbered ? sums?.lastId ?? null : null,
    };
  }
}

/** What prints add up to; block trades count for nothing. */
export function sumsOf(prints: readonly Print[]): Sums {
  const sums: Sums = {
    open: 0,
    high: -Infinity,
    low: Infinity,
    close: 0,
    buySteps: 0,
    sellSteps: 0,
    buyProduct: 0,
    sellProduct: 0,
    buys: 0,
    sells: 0,
    firstId: 0,
    lastId: 0,
  };
  for (const print of prints) if (!print.block) addPrint(sums, print);
  return sums;
}

function addPrint(sums: Sums, print: Print): void {
  if (sums.buys + sums.sells === 0) {
    sums.open = print.ticks;
    sums.firstId = print.id;
  }
  sums.high = Math.max(sums.high, print.ticks);
  sums.low = Math.min(sums.low, print.ticks);
  sums.close = print.ticks;
  sums.lastId = print.id;
  const product = print.ticks * print.steps;
  if (print.buy) {
    sums.buySteps += print.steps;
    sums.buyProduct += product;
    sums.buys++;
  } else {
    sums.sellSteps += print.steps;
    sums.sellProduct += product;
    sums.sells++;
  }
}

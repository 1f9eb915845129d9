// This module is pure.
/**
 * The market model: one price per asset, walking; trades arriving at random on all of
 * its markets; now and then a cascade, in which one side is liquidated.
 */
import { type Asset, type Listing, listingsOf, type VenueName } from "./listing.ts";
import { Market } from "./market.ts";
import { makePrint, Past } from "./past.ts";
import { Random, seedOf } from "./random.ts";
import { MINUTE_MS, type Print, Tape } from "./tape.ts";

export type Direction = "up" | "down";

export interface WorldOptions {
  readonly seed: number;
  readonly assets: readonly Asset[];
  /** Over all markets together. */
  readonly tradesPerSecond: number;
  readonly historyMinutes: number;
  readonly startMs: number;
  /** Cascades that begin by themselves, over all assets. */
  readonly cascadesPerHour: number;
  readonly keepPrints: number;
}

/** A position closed by force. */
export interface Liquidation {
  readonly timeMs: number;
  readonly long: boolean;
  readonly ticks: number;
  readonly steps: number;
}

/** What happened on one market since the last time. */
export interface Happened {
  readonly market: Market;
  readonly prints: Print[];
  /** Those that the venue publishes. */
  readonly liquidations: Liquidation[];
}

interface AssetState {
  readonly asset: Asset;
  readonly path: number[];
  logPrice: number;
  /** Probability that a taker buys. */
  buying: number;
  cascade: { direction: Direction; untilMs: number } | null;
}

const CASCADE_MS = 45_000;
/** Mean notional of a print by the size distribution, USD. */
const MEAN_USD = 1500;

export class World {
  readonly markets: readonly Market[];
  readonly #byName = new Map<string, Market>();
  readonly #states = new Map<string, AssetState>();
  readonly #random: Random;
  /** Running sums of the markets' shares of trades. */
  #shares: readonly number[] = [];
  #nowMs: number;
  #nextPrintMs: number;

  constructor(readonly options: WorldOptions) {
    this.#random = new Random(seedOf(options.seed, "world"));
    this.#nowMs = this.#nextPrintMs = Math.floor(options.startMs / MINUTE_MS) * MINUTE_MS;
    for (const asset of options.assets) {
      const path = walk(asset, options);
      const logPrice = path.at(-1) ?? 0;
      this.#states.set(asset.name, { asset, path, logPrice, buying: 0.5, cascade: null });
    }
    const listings = listingsOf(options.assets);
    const weight = listings.reduce((sum, listing) => sum + listing.weight, 0);
    this.markets = listings.map((listing) =>
      this.#open(listing, options.tradesPerSecond * listing.weight / weight)
    );
    for (const market of this.markets) {
      this.#byName.set(`${market.listing.venue} ${market.listing.symbol}`, market);
    }
  }

  market(venue: VenueName, symbol: string): Market | undefined {
    return this.#byName.get(`${venue} ${symbol}`);
  }

  on(venue: VenueName): Market[] {
    return this.markets.filter((market) => market.listing.venue === venue);
  }

  /** Starts a cascade of an asset; a falling one liquidates longs. Returns whether it is listed. */
  cascade(asset: string, direction: Direction): boolean {
    const state = this.#states.get(asset);
    if (state) state.cascade = { direction, untilMs: this.#nowMs + CASCADE_MS };
    return state !== undefined;
  }

  /** The clock was moved: goes on from there with nothing in between. */
  jump(toMs: number): void {
    this.#nowMs = this.#nextPrintMs = toMs;
  }

  /** Trades until `toMs`; returns the markets on which something happened. */
  advance(toMs: number): Happened[] {
    const passedMs = toMs - this.#nowMs;
    if (passedMs <= 0) return [];
    this.#nowMs = toMs;
    for (const state of this.#states.values()) this.#move(state, passedMs / 1000, toMs);
    this.#weigh();
    const happened = new Map<Market, Happened>();
    const rate = this.options.tradesPerSecond / 1000;
    while (rate > 0 && this.#nextPrintMs <= toMs) {
      this.#print(this.#pick(), Math.floor(this.#nextPrintMs), happened);
      this.#nextPrintMs += this.#random.exponential(1 / rate);
    }
    if (rate > 0) {
      for (const market of this.markets) {
        this.#liquidate(market, passedMs, happened);
      }
    }
    return [...happened.values()];
  }

  #open(listing: Listing, printsPerSecond: number): Market {
    const { options } = this;
    const state = this.#stateOf(listing.asset);
    const endMinute = Math.floor(options.startMs / MINUTE_MS);
    const past = new Past(listing, {
      seed: options.seed,
      startMinute: endMinute - options.historyMinutes,
      endMinute,
      printsPerMinute: printsPerSecond * 60,
      path: state.path,
    });
    const tape = new Tape(listing, past, options.keepPrints);
    const dayQuote = Math.max(1, printsPerSecond) * 86_400 * MEAN_USD;
    return new Market(listing, tape, options.seed, () => state.logPrice, dayQuote);
  }

  #stateOf(asset: string): AssetState {
    const state = this.#states.get(asset);
    if (!state) throw new RangeError(`Cannot find the asset ${asset} in the simulated world`);
    return state;
  }

  #move(state: AssetState, seconds: number, nowMs: number): void {
    const random = this.#random;
    const { cascade, asset } = state;
    if (cascade && nowMs >= cascade.untilMs) state.cascade = null;
    if (!cascade && random.chance(this.#cascadeChance(seconds))) {
      this.cascade(asset.name, random.chance(0.5) ? "up" : "down");
    }
    const sign = cascade === null ? 0 : cascade.direction === "up" ? 1 : -1;
    const flow = sign === 0 ? state.buying - 0.5 : sign * 0.4;
    // A second of full one-sided flow moves the price by two deviations, a cascade by 0.04 %.
    const drift = 2 * flow * asset.volatility + sign * 0.0004;
    const noise = asset.volatility * Math.sqrt(seconds) * random.normal();
    state.logPrice += drift * Math.min(seconds, 60) + noise;
    const pull = sign === 0 ? (0.5 - state.buying) * Math.min(1, seconds / 30) : 0;
    const next = state.buying + pull + 0.03 * Math.sqrt(Math.min(1, seconds)) * random.normal();
    state.buying = sign === 0 ? Math.min(0.8, Math.max(0.2, next)) : 0.5 + flow;
  }

  #cascadeChance(seconds: number): number {
    return this.options.cascadesPerHour * seconds / 3600 / this.options.assets.length;
  }

  /** Markets by their share of trades; an asset in a cascade trades four times as much. */
  #weigh(): void {
    let sum = 0;
    this.#shares = this.markets.map((market) => {
      const cascading = this.#stateOf(market.listing.asset).cascade !== null;
      return sum += market.listing.weight * (cascading ? 4 : 1);
    });
  }

  #pick(): Market {
    const drawn = this.#random.next() * (this.#shares.at(-1) ?? 0);
    let [low, high] = [0, this.#shares.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#shares[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    const picked = this.markets[low];
    if (!picked) throw new RangeError("Cannot trade in a world without markets");
    return picked;
  }

  #print(
    market: Market,
    timeMs: number,
    happened: Map<Market, Happened>,
    forced?: { readonly usd: number; readonly buying: 0 | 1 },
  ): Print {
    const { logPrice, buying } = this.#stateOf(market.listing.asset);
    const id = market.tape.nextId;
    const options = { id, timeMs, logPrice, buying, ...forced };
    const print = makePrint(market.listing, market.random, options);
    market.tape.add(print);
    if (market.listing.perp) {
      const coins = print.steps / 10 ** market.listing.sizeDecimals;
      market.trade(coins, forced !== undefined, timeMs);
    }
    entry(market, happened).prints.push(print);
    return print;
  }

  /** Forced orders: rare in calm, several a second in a cascade. They print on the tape too. */
  #liquidate(market: Market, passedMs: number, happened: Map<Market, Happened>): void {
    if (!market.listing.perp) return;
    const { cascade } = this.#stateOf(market.listing.asset);
    const perSecond = cascade ? 3 : 0.02;
    const count = market.random.poisson(perSecond * Math.min(passedMs, 1000) / 1000);
    for (let nth = 0; nth < count; nth++) {
      const median = cascade ? 20_000 : 2_500;
      const usd = median * Math.exp(market.random.normal());
      const long = cascade ? cascade.direction === "down" : market.random.chance(0.5);
      const forced = { usd, buying: long ? 0 : 1 } as const;
      const print = this.#print(market, this.#nowMs, happened, forced);
      const { timeMs, ticks, steps } = print;
      const binance = market.listing.venue === "binance-perp";
      if (binance && !market.mayPublishLiquidation(timeMs)) continue;
      const { priceDecimals, sizeDecimals } = market.listing;
      const quote = ticks * steps / 10 ** (priceDecimals + sizeDecimals);
      market.tape.addLiquidation(timeMs, long, quote);
      entry(market, happened).liquidations.push({ timeMs, long, ticks, steps });
    }
  }
}

function entry(market: Market, happened: Map<Market, Happened>): Happened {
  const known = happened.get(market) ?? { market, prints: [], liquidations: [] };
  happened.set(market, known);
  return known;
}

/** Log prices at the edges of the minutes of history. */
function walk(asset: Asset, options: WorldOptions): number[] {
  const random = new Random(seedOf(options.seed, asset.name, "path"));
  const path = [Math.log(asset.price)];
  for (let minute = 0; minute < options.historyMinutes; minute++) {
    const step = asset.volatility * Math.sqrt(60) * random.normal();
    path.push((path[minute] ?? 0) + step);
  }
  return path;
}

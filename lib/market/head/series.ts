// This module is pure.
/**
 * One market of one venue as it happens: trades, liquidations, derivative state and
 * book samples go into their minutes in O(1); repeats are dropped, and every
 * millisecond that the trade stream was not whole is accounted for.
 */
import { type Bucket, type BucketSource, MINUTE_MS } from "../bucket.ts";
import type { Depth, Derivative, Liquidation, Omitted, Trade } from "../events.ts";
import type { Instrument } from "../instrument.ts";
import { type Latest, unknownLatest } from "../source.ts";
import { DepthSampler } from "./book.ts";
import { Coverage } from "./coverage.ts";
import { DerivativeState } from "./derivative_state.ts";
import { LargeTrades } from "./large_trades.ts";
import { Column, Contract, MinuteRing, Source, WINDOW_MINUTES } from "./minute_ring.ts";
import type { SeriesOptions } from "./series_options.ts";
import { TradeIds } from "./trade_ids.ts";

/** A trade that is further ahead of the venue's clock than this is garbage. */
export const FUTURE_MS = 10_000;
/** A trade this many minutes behind is left to repair: its row may have been read as final. */
export const LATE_MINUTES = 5;

/** What became of an event. Refusals are counted, never thrown. */
export type Added = "added" | "duplicate" | "late" | "future";

export class Series {
  readonly instrument: Instrument;
  readonly options: SeriesOptions;
  readonly ring = new MinuteRing();
  readonly large: LargeTrades;
  readonly latest: Latest = unknownLatest();
  readonly coverage: Coverage;
  readonly ids: TradeIds;
  /** Whether nothing heard of liquidations means that there were none. */
  hearsLiquidations: boolean;
  readonly #depth: DepthSampler;
  readonly #derivative: DerivativeState;

  constructor(instrument: Instrument, options: SeriesOptions, largeThresholdUsd?: number) {
    this.large = new LargeTrades(largeThresholdUsd);
    this.instrument = instrument;
    this.options = options;
    this.hearsLiquidations = options.liquidations;
    this.#depth = new DepthSampler(options.depthDeltas);
    this.#derivative = new DerivativeState(options.derivativeDeltas ?? false);
    this.coverage = new Coverage(this.ring, (minute) => this.#liveRow(minute));
    this.ids = new TradeIds(options.sequentialIds, this.coverage);
  }

  /** Adds a print to its minute. `nowMs` is the venue's clock. */
  addTrade(trade: Trade, nowMs: number): Added {
    const { timeMs, price, size, side, id } = trade;
    const refused = outside(timeMs, nowMs);
    if (refused) {
      if (refused === "late" && !this.ids.has(id)) this.#missed(timeMs, nowMs);
      return refused;
    }
    if (!this.ids.take(id, timeMs)) return "duplicate";
    const minute = Math.floor(timeMs / MINUTE_MS);
    const at = this.#liveRow(minute);
    const { cells } = this.ring;
    const key = this.options.sequentialIds ? id : timeMs;
    if (cells[at + Column.source] !== Source.live && !this.#reopen(at, key)) return "duplicate";
    const quote = price * size;
    const buy = side === "buy";
    if (!(key >= (cells[at + Column.firstKey] as number))) {
      cells[at + Column.open] = price;
      cells[at + Column.firstKey] = key;
    }
    if (!(key < (cells[at + Column.lastKey] as number))) {
      cells[at + Column.close] = price;
      cells[at + Column.lastKey] = key;
    }
    if (!(price <= (cells[at + Column.high] as number))) cells[at + Column.high] = price;
    if (!(price >= (cells[at + Column.low] as number))) cells[at + Column.low] = price;
    (cells[at + (buy ? Column.buyBase : Column.sellBase)] as number) += size;
    (cells[at + (buy ? Column.buyQuote : Column.sellQuote)] as number) += quote;
    (cells[at + (buy ? Column.buys : Column.sells)] as number) += 1;
    const large = this.large.add(timeMs, side, quote);
    if (large > 0) this.#addLarge(large, buy);
    if (timeMs >= (this.latest.tradeMs ?? 0)) {
      this.latest.price = price;
      this.latest.tradeMs = timeMs;
    }
    return "added";
  }

  /** Takes the id of a fill that moves no volume, so that the sequence stays whole. */
  addOmitted(omitted: Omitted, nowMs: number): Added {
    const refused = outside(omitted.timeMs, nowMs);
    if (refused) return refused;
    return this.ids.take(omitted.id, omitted.timeMs) ? "added" : "duplicate";
  }

  addLiquidation(event: Liquidation, nowMs: number): Added {
    const refused = outside(event.timeMs, nowMs);
    if (refused) return refused;
    const at = this.ring.touch(Math.floor(event.timeMs / MINUTE_MS));
    const long = event.position === "long";
    const quote = event.price * event.size;
    this.#liquidate(at, long ? Contract.liqLongQuote : Contract.liqShortQuote, quote);
    this.#liquidate(at, long ? Contract.liqLongs : Contract.liqShorts, 1);
    return "added";
  }

  addDerivative(event: Derivative, nowMs: number): Added {
    const refused = outside(event.timeMs, nowMs);
    if (refused) return refused;
    const at = this.ring.touch(Math.floor(event.timeMs / MINUTE_MS));
    this.#derivative.take(event, this.ring, at, this.latest);
    return "added";
  }

  /** Samples the book at most once a second; deltas are always applied. */
  addDepth(depth: Depth, nowMs: number): Added {
    const timeMs = depth.timeMs ?? nowMs;
    const refused = outside(timeMs, nowMs);
    if (refused) {
      // Its minute is past or garbage; what it changes in the book is not.
      this.#depth.follow(depth);
      return refused;
    }
    const imbalance = this.#depth.take(depth, timeMs);
    if (imbalance === null) return "added";
    this.latest.imbalance = imbalance;
    const at = this.ring.touch(Math.floor(timeMs / MINUTE_MS));
    this.#increase(at + Column.imbalanceSum, imbalance);
    this.#increase(at + Column.imbalanceSamples, 1);
    return "added";
  }

  /** The depth stream was cut: wait for the next snapshot. */
  resetBook(): void {
    this.#depth.reset();
  }

  /**
   * A new trade for a minute that was rebuilt. The minute held all that the venue had of it,
   * so a trade within it is no news; one beyond its ids, or one that we should know, says
   * that the venue had not told all, and the minute is open again. Returns whether it is.
   */
  #reopen(at: number, key: number): boolean {
    const { cells } = this.ring;
    if (cells[at + Column.source] !== Source.repaired) return false;
    const [first, last] = [this.ring.get(at, Column.firstKey), this.ring.get(at, Column.lastKey)];
    if (this.options.sequentialIds && key >= first && key <= last) return false;
    cells[at + Column.source] = Source.live;
    (cells[at + Column.holesMs] as number) += 1;
    return true;
  }

  /** A stored minute, read back at start. */
  restore(bucket: Bucket): void {
    this.ids.restored();
    this.ring.write(bucket);
    this.ring.clean(bucket.t / MINUTE_MS);
    const { latest } = this;
    const t = bucket.t;
    if (bucket.c !== null && t >= (latest.tradeMs ?? 0)) {
      latest.price = bucket.c;
      latest.tradeMs = t + Math.max(0, bucket.coverageMs - 1);
    }
    if (bucket.markPrice !== null) {
      latest.markPrice = bucket.markPrice;
      latest.markMs = t;
    }
    latest.fundingRate = bucket.fundingRate ?? latest.fundingRate;
    latest.fundingIntervalHours = bucket.fundingIntervalHours ?? latest.fundingIntervalHours;
    if (bucket.oiBase !== null) {
      latest.oiBase = bucket.oiBase;
      latest.oiMs = t;
    }
    if (bucket.lastId !== null) {
      // The end of what is covered: a hole seen later must not reach back over it.
      this.ids.resume(bucket.lastId, t + Math.min(bucket.coverageMs, MINUTE_MS - 1));
    }
  }

  /** Replaces a minute's tape by a complete one (rebuilt from trades, or a candle). */
  replace(bucket: Bucket): void {
    if (bucket.source !== "live") this.coverage.doubtCalm(bucket.t / MINUTE_MS);
    this.ring.write(bucket);
  }

  /** Where a minute's tape came from, as its bucket says; cheaper than that. */
  sourceAt(minute: number): BucketSource | null {
    return this.ring.sourceAt(minute);
  }

  /** Whether the minute is in the hot window and complete; cheaper than its bucket. */
  isWholeAt(minute: number): boolean {
    const at = this.ring.find(minute);
    return at >= 0 && this.ring.coverageMs(at) === MINUTE_MS;
  }

  /** The minute as it stands, or `null` where the hot window does not hold it. */
  bucket(minute: number): Bucket | null {
    return this.ring.read(minute, this.options.sequentialIds);
  }

  /** A late trade is missing from its minute, and the minute must say so. */
  #missed(timeMs: number, nowMs: number): void {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const held = Math.floor(nowMs / MINUTE_MS) - minute < WINDOW_MINUTES;
    if (held && this.ring.find(minute) >= 0) this.coverage.open(timeMs, timeMs);
  }

  /** The minute's row with volumes known: the trade stream has said something about it. */
  #liveRow(minute: number): number {
    const at = this.ring.touch(minute);
    const { cells } = this.ring;
    if (cells[at + Column.source] !== Source.none) return at;
    cells[at + Column.source] = Source.live;
    cells.fill(0, at + Column.buyBase, at + Column.largeSellQuote + 1);
    if (!this.hearsLiquidations) return at;
    for (let column = Contract.liqLongQuote; column <= Contract.liqShorts; column++) {
      this.#liquidate(at, column, 0);
    }
    return at;
  }

  #addLarge(quote: number, buy: boolean): void {
    const at = this.ring.find(Math.floor(this.large.clusterStartMs / MINUTE_MS));
    if (at < 0) return;
    this.#increase(at + (buy ? Column.largeBuyQuote : Column.largeSellQuote), quote);
  }

  #liquidate(at: number, column: number, by: number): void {
    this.ring.setContract(at, column, increased(this.ring.getContract(at, column), by));
  }

  /** Adds to a cell that may still be unknown. */
  #increase(cell: number, by: number): void {
    this.ring.cells[cell] = increased(this.ring.cells[cell] ?? NaN, by);
  }
}

/** A sum of which nothing may be known yet. */
function increased(sum: number, by: number): number {
  return sum === sum ? sum + by : by;
}

/** Whether a time is one that the open minutes take; garbage times are refused here. */
export function outside(timeMs: number, nowMs: number): "late" | "future" | null {
  if (timeMs > nowMs + FUTURE_MS) return "future";
  const behind = Math.floor(nowMs / MINUTE_MS) - Math.floor(timeMs / MINUTE_MS);
  return behind > LATE_MINUTES ? "late" : null;
}

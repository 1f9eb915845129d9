/**
 * Frame → parse → series: the one path that every frame takes, live or replayed. What is
 * malformed or refused is counted and changes nothing.
 */
import type { Collector, Notice } from "../../market/collector.ts";
import type { Liquidation, MarketEvent, Trade } from "../../market/events.ts";
import type { Added, Series } from "../../market/head/series.ts";
import type { Log } from "../../log.ts";
import type { Cut } from "../handover/cut.ts";
import { type CountedKind, FeedStats } from "./feed_stats.ts";

/** Trades of one socket that follow each other are this close in time, on any busy venue. */
const AGREEING_MS = 30_000;

/** A series that takes events now. */
export interface Slot {
  readonly series: Series;
  /** Told before the first event of a frame goes into the series, and for each one. */
  heard(kind: CountedKind, nowMs: number): void;
  /** Whether a liquidation was told by another connection already; it has no id. */
  isEcho?(liquidation: Liquidation, nowMs: number): boolean;
}

/** A print that went into its minute; on the hot path. */
export type OnTrade = (asset: string, venue: string, price: number, timeMs: number) => void;

export interface IntakeOptions {
  readonly collector: Collector;
  /** Where a symbol's events go; `undefined` for a symbol that is not collected. */
  readonly find: (symbol: string) => Slot | undefined;
  /** Told the newest trade time of each frame that has one. */
  readonly observe?: (eventMs: number) => void;
  /** Told of every print that went into its minute. */
  readonly onTrade?: OnTrade | undefined;
  /** Where the tape changes hands; none in a replay. */
  readonly cut?: Cut | undefined;
  readonly log: Log;
}

export class Intake {
  readonly stats = new FeedStats();
  readonly #options: IntakeOptions;
  /** The venue's time while a frame is parsed. */
  #nowMs = 0;
  /** Newest trade time of the frame; 0 where it has none. */
  #tradeMs = 0;
  /** The same of the frame before. */
  #observedMs = -Infinity;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  get venue(): string {
    return this.#options.collector.venue;
  }

  /** Takes one frame at the venue's time; returns what it said about the connection. */
  take(text: string, nowMs: number): Notice | undefined {
    this.stats.frames++;
    this.#nowMs = nowMs;
    this.#tradeMs = 0;
    try {
      const notice = this.#options.collector.parse(text, this.#sink);
      if (this.#tradeMs > 0) this.#observe(this.#tradeMs);
      return notice;
    } catch (error) {
      this.stats.parseErrors++;
      const { venue } = this.#options.collector;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.rateLimited(`malformed ${venue}`, 60_000, nowMs)
        ?.warn("malformed frame", { venue, reason });
      return undefined;
    }
  }

  /** Garbage may carry any time: one that the trade before it contradicts sets no clock. */
  #observe(tradeMs: number): void {
    if (Math.abs(tradeMs - this.#observedMs) <= AGREEING_MS) this.#options.observe?.(tradeMs);
    this.#observedMs = tradeMs;
  }

  readonly #sink = (event: MarketEvent): void => {
    const slot = this.#options.find(event.symbol);
    if (!slot) {
      this.stats.unwatched++;
      return;
    }
    const nowMs = this.#nowMs;
    if (event.kind !== "omitted") slot.heard(event.kind, nowMs);
    if (event.kind === "liquidation" && slot.isEcho?.(event, nowMs)) {
      this.stats.count("liquidation", "duplicate");
      return;
    }
    if (this.#options.cut?.takes(event, nowMs, this.#put)) return;
    this.#add(event, slot.series, nowMs);
  };

  /** An event that waited. */
  readonly #put = (event: MarketEvent, nowMs: number): void => {
    const slot = this.#options.find(event.symbol);
    if (slot) this.#add(event, slot.series, nowMs);
  };

  #add(event: MarketEvent, series: Series, nowMs: number): void {
    switch (event.kind) {
      case "trade":
        return this.#took(event, series, series.addTrade(event, nowMs), nowMs);
      case "omitted":
        series.addOmitted(event, nowMs);
        return;
      case "depth":
        this.stats.count("depth", series.addDepth(event, nowMs));
        return;
      case "derivative":
        this.stats.count("derivative", series.addDerivative(event, nowMs));
        return;
      case "liquidation":
        this.stats.count("liquidation", series.addLiquidation(event, nowMs));
    }
  }

  #took({ timeMs, price }: Trade, series: Series, added: Added, nowMs: number): void {
    this.#tradeMs = timeMs;
    this.stats.trade(added, nowMs - timeMs);
    if (added !== "added") return;
    const { base, venue } = series.instrument;
    this.#options.onTrade?.(base, venue, price, timeMs);
  }
}

/** Asks a venue for what repair needs: all trades of a span, the newest trades, candles. */
import { barStart } from "../../market/bucket.ts";
import type { Candle, Endpoint } from "../../market/collector.ts";
import type { Trade } from "../../market/events.ts";
import type { RepairVenue } from "./mender.ts";
import type { Span } from "./plan.ts";

/** A span with more trades than this many pages is cheaper from candles. */
const MAX_PAGES = 30;

/** The trades of a span, and what the venue told beyond its end. */
export interface Told {
  readonly trades: readonly Trade[];
  /** The newest id that was told, of the span or after it; `null` where none was. */
  readonly lastId: number | null;
  /** A trade after the span was told: what comes before it is complete. */
  readonly beyond: boolean;
}

export class Fetcher {
  readonly #venue: RepairVenue;
  readonly #signal: AbortSignal;

  constructor(venue: RepairVenue, signal: AbortSignal) {
    this.#venue = venue;
    this.#signal = signal;
  }

  #ask<P, R>(endpoint: Endpoint<P, R>, params: P): Promise<R> {
    return this.#venue.ask(endpoint, params, this.#signal, "repair");
  }

  /**
   * Every trade of a span, oldest first, from a venue that pages by id: from `fromId` on
   * where the first id is known, else by time. `null` where there are too many to be worth it.
   */
  async tradesOf(symbol: string, span: Span, fromId: number | null): Promise<Told | null> {
    const { trades: endpoint, tradesReach } = this.#venue.collector.api;
    const trades: Trade[] = [];
    let lastId: number | null = null;
    let next = fromId;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const byTime = next === null;
      const times = byTime ? span : { fromMs: null, toMs: null };
      const page = await this.#ask(endpoint, { symbol, fromId: next, ...times });
      trades.push(...page.filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs));
      const last = page.at(-1);
      lastId = last?.id ?? lastId;
      const beyond = last !== undefined && last.timeMs >= span.toMs;
      // By time nothing after the span is told: the ids after the last one show that it is.
      const end = !last || (page.length < tradesReach.page && !byTime);
      if (beyond || end) return { trades, lastId, beyond };
      next = last.id + 1;
    }
    return null;
  }

  /** The trades from an id on, oldest first, as far as one answer reaches. */
  tradesFrom(symbol: string, fromId: number): Promise<readonly Trade[]> {
    const { trades } = this.#venue.collector.api;
    return this.#ask(trades, { symbol, fromId, fromMs: null, toMs: null });
  }

  /** The newest trades that the venue still tells, oldest first. */
  newestTrades(symbol: string): Promise<readonly Trade[]> {
    const { trades } = this.#venue.collector.api;
    return this.#ask(trades, { symbol, fromId: null, fromMs: null, toMs: null });
  }

  candles(symbol: string, span: Span): Promise<readonly Candle[]> {
    return this.#ask(this.#venue.collector.api.candles, { symbol, ...span });
  }

  /** Open interest of the past, in steps of five minutes, newest page first. */
  async oiHistory(symbol: string, span: Span): Promise<readonly { t: number; oiBase: number }[]> {
    const { oiHistory } = this.#venue.collector.api;
    if (!oiHistory) return [];
    const rows = await this.#ask(oiHistory, { symbol, ...span });
    return rows.map(({ timeMs, oiBase }) => ({ t: barStart(timeMs, 1), oiBase }));
  }

  async fundingHistory(symbol: string, span: Span): Promise<{ t: number; fundingRate: number }[]> {
    const { fundingHistory } = this.#venue.collector.api;
    if (!fundingHistory) return [];
    const rows = await this.#ask(fundingHistory, { symbol, ...span });
    return rows.map(({ timeMs, fundingRate }) => ({
      t: barStart(timeMs, 1),
      fundingRate,
    }));
  }
}

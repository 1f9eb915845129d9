/**
 * Markets that are asked about and not watched: the last day's candles and the newest
 * values are fetched when somebody asks, kept for a while, and then let go.
 */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { Derivative } from "../../market/events.ts";
import type { Head } from "../../market/head/head.ts";
import { seriesOptions } from "../../market/head/series_options.ts";
import type { Instrument } from "../../market/instrument.ts";
import { pause } from "../every.ts";
import type { Minutes } from "../minutes.ts";
import type { Universe } from "../universe.ts";
import { putCandles, type RepairVenue } from "./mender.ts";

/** What was fetched answers for this long before it is fetched again. */
const FRESH_MS = 30_000;
/** A market that nobody asked about for this long is let go. */
const KEEP_MS = 20 * MINUTE_MS;
/** Asked about at once; more wait their turn by evicting the oldest. */
const MAX_ASSETS = 20;
const DAY_MINUTES = 1440;
/** A reply waits this long for what it asked for. */
const WITHIN_MS = 1_900;
/** What comes later still lands, but not for ever. */
const ABANDON_MS = 10_000;

export interface DemandOptions {
  readonly venues: readonly Pick<RepairVenue, "collector" | "ask" | "clock">[];
  readonly universe: Pick<Universe, "watched" | "marketsOf" | "fundingHours">;
  readonly head: Head;
  readonly minutes: Pick<Minutes, "replaceTape">;
  /** Local time and a sleep that an abort ends; the real ones unless told. */
  readonly nowMs?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Fetched {
  readonly markets: readonly Instrument[];
  /** When the newest question was asked that was answered in full; 0 before the first. */
  fetchedMs: number;
  askedMs: number;
  running: Promise<void> | null;
}

export class Demand {
  readonly #options: DemandOptions;
  readonly #fetched = new Map<string, Fetched>();
  readonly #nowMs: () => number;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor(options: DemandOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#sleep = options.sleep ?? pause;
  }

  /** See `Source.ensure`; never later than 2 s, with what has arrived by then. */
  async ensure(asset: string): Promise<"watched" | "fetched" | "unlisted"> {
    const { universe } = this.#options;
    if (universe.watched().includes(asset)) return "watched";
    const markets = universe.marketsOf(asset);
    if (markets.length === 0) return "unlisted";
    const nowMs = this.#nowMs();
    let held = this.#fetched.get(asset);
    if (!held) {
      this.#evict(nowMs, MAX_ASSETS - 1);
      held = { markets, fetchedMs: 0, askedMs: nowMs, running: null };
      this.#fetched.set(asset, held);
    }
    held.askedMs = nowMs;
    if (nowMs - held.fetchedMs <= FRESH_MS) return "fetched";
    const answered = new AbortController();
    held.running ??= this.#fetch(held, nowMs);
    try {
      // What comes later than that still lands; the reply says what it stands on.
      await Promise.race([held.running, this.#sleep(WITHIN_MS, answered.signal)]);
    } finally {
      answered.abort();
    }
    return "fetched";
  }

  /** Never rejects: what does not come is asked for again with the next question. */
  async #fetch(held: Fetched, nowMs: number): Promise<void> {
    const minutes = held.fetchedMs === 0
      ? DAY_MINUTES
      : Math.min(DAY_MINUTES, Math.ceil((nowMs - held.fetchedMs) / MINUTE_MS) + 1);
    const abandon = new AbortController();
    const stop = new AbortController();
    const watch = this.#sleep(ABANDON_MS, stop.signal).then(() => abandon.abort());
    const jobs = held.markets.map((market) => this.#fetchMarket(market, minutes, abandon.signal));
    const results = await Promise.allSettled(jobs);
    stop.abort();
    await watch;
    if (results.every(({ status }) => status === "fulfilled")) held.fetchedMs = nowMs;
    held.running = null;
  }

  async #fetchMarket(market: Instrument, minutes: number, signal: AbortSignal): Promise<void> {
    const venue = this.#options.venues.find(({ collector }) => collector.venue === market.venue);
    if (!venue) return;
    const { collector, clock } = venue;
    const { symbol } = market;
    this.#options.head.open(market, seriesOptions(collector));
    const toMs = Math.floor(clock.nowMs() / MINUTE_MS) * MINUTE_MS;
    const fromMs = toMs - minutes * MINUTE_MS;
    const pages: Promise<void>[] = [this.#fetchState(venue, market, signal)];
    const stepMs = collector.api.candlesPage * MINUTE_MS;
    for (let endMs = toMs; endMs > fromMs; endMs -= stepMs) {
      const span = { symbol, fromMs: Math.max(fromMs, endMs - stepMs), toMs: endMs };
      pages.push(
        venue.ask(collector.api.candles, span, signal).then(async (candles) => {
          await putCandles(this.#options.minutes, market, candles);
        }),
      );
    }
    await Promise.all(pages);
  }

  /** Open interest, mark and funding where the venue answers for one symbol. */
  async #fetchState(
    venue: DemandOptions["venues"][number],
    market: Instrument,
    signal: AbortSignal,
  ): Promise<void> {
    const { openInterest } = venue.collector.api;
    if (!openInterest) return;
    const { symbol } = market;
    const { timeMs, oiBase } = await venue.ask(openInterest, { symbol }, signal);
    const event: Derivative = {
      ...{ kind: "derivative", symbol, timeMs, oiBase },
      ...{ markPrice: null, fundingRate: null, nextFundingMs: null },
      fundingIntervalHours: this.#options.universe.fundingHours(market.venue, symbol),
    };
    this.#options.head.get(market.venue, symbol)?.addDerivative(event, venue.clock.nowMs());
  }

  /** Whether a market is kept for somebody who asked. */
  holds(venue: string, symbol: string): boolean {
    for (const { markets } of this.#fetched.values()) {
      if (markets.some((one) => one.venue === venue && one.symbol === symbol)) return true;
    }
    return false;
  }

  /** Lets go of what nobody asks about any more; called now and then. */
  sweep(): void {
    this.#evict(this.#nowMs(), MAX_ASSETS);
  }

  /** Leaves at most `most` assets, those asked about last, and none that nobody asks about. */
  #evict(nowMs: number, most: number): void {
    const oldest = [...this.#fetched].sort((a, b) => a[1].askedMs - b[1].askedMs);
    for (const [asset, { askedMs }] of oldest) {
      if (this.#fetched.size <= most && nowMs - askedMs < KEEP_MS) continue;
      this.#fetched.delete(asset);
    }
  }
}

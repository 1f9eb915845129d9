/**
 * One venue at work: its clock, its lists and polls over REST, and its live feed. What
 * fails is tried again on its own timetable; nothing here ends the process.
 */
import type { Collector, Endpoint } from "../market/collector.ts";
import type { Derivative } from "../market/events.ts";
import type { Head } from "../market/head/head.ts";
import type { Instrument } from "../market/instrument.ts";
import { VenueClock } from "../net/clock.ts";
import type { RestClient } from "../net/rest.ts";
import { steadyMs } from "../net/timing.ts";
import type { Log } from "../log.ts";
import { Feed } from "./feed/feed.ts";
import type { OnTrade } from "./feed/intake.ts";
import type { Cut } from "./handover/cut.ts";
import { every } from "./every.ts";
import type { Universe } from "./universe.ts";

/** Minutes close by the venue's clock, so it is asked for as often as they do. */
const CLOCK_EVERY_MS = 60_000;
/** Symbols appear and vanish daily: the lists are read at least hourly. */
const LISTS_EVERY_MS = 60 * 60_000;
/** Open interest of a symbol is asked for this often; symbols come up one after the other. */
const OI_EVERY_MS = 20_000;
const OI_LOOK_MS = 1_000;
const RETRY_MS = 5_000;

export interface VenueOptions {
  readonly collector: Collector;
  readonly wsBase: string;
  /** Shared by the markets of one host: a venue counts its limits per machine. */
  readonly rest: RestClient;
  readonly head: Head;
  readonly universe: Universe;
  readonly log: Log;
  readonly alarm: (text: string) => void;
  /** The lists or tickers of this venue changed: choose the markets anew. */
  readonly changed: (venue: string) => void;
  /** Told of every print that went into its minute. */
  readonly onTrade?: OnTrade | undefined;
  /** Where the tape changes hands. */
  readonly cut?: Cut | undefined;
}

export class Venue {
  readonly collector: Collector;
  readonly clock = new VenueClock(steadyMs);
  readonly rest: RestClient;
  readonly feed: Feed;
  readonly #options: VenueOptions;
  readonly #oiAskedMs = new Map<string, number>();
  /** What went wrong last in the lists, until they are read; for `/readyz`. */
  #listTrouble: string | null = "instrument list not read yet";

  constructor(options: VenueOptions) {
    const { collector, wsBase, rest, head, log, alarm, onTrade, cut } = options;
    this.#options = options;
    this.collector = collector;
    this.rest = rest;
    const { clock } = this;
    const nowMs = () => clock.nowMs();
    const observe = (eventMs: number) => clock.observe(eventMs, steadyMs());
    this.feed = new Feed({ collector, wsBase, head, nowMs, observe, onTrade, cut, log, alarm });
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { api } = this.collector;
    const retry = { everyMs: CLOCK_EVERY_MS, retryMs: RETRY_MS, signal };
    const said = (what: string) => (error: unknown) => this.#failed(what, error);
    // The clock comes first: without it a wrong local one would refuse every trade.
    if (this.clock.offsetMs === null) await this.syncClock(signal).catch(said("clock"));
    await Promise.all([
      this.feed.run(signal),
      every({ ...retry, startMs: CLOCK_EVERY_MS }, () => this.syncClock(signal), said("clock")),
      every({ ...retry, everyMs: LISTS_EVERY_MS }, () => this.#readLists(signal), said("lists")),
      every(
        { ...retry, everyMs: LISTS_EVERY_MS },
        () => this.#readFunding(signal),
        said("funding intervals"),
      ),
      every(
        { ...retry, everyMs: api.tickersEveryMs },
        () => this.#readFundingNow(signal),
        said("funding rates"),
      ),
      every(
        { ...retry, everyMs: api.tickersEveryMs },
        () => this.#readTickers(signal),
        said("tickers"),
      ),
      every({ ...retry, everyMs: OI_LOOK_MS }, () => this.#pollOi(signal), said("open interest")),
    ]);
  }

  /** Collects exactly these markets. */
  watch(instruments: readonly Instrument[]): void {
    this.feed.watch(instruments);
  }

  /** Why this venue is not live, or `null`. */
  trouble(): string | null {
    if (this.#listTrouble) return `${this.collector.venue}: ${this.#listTrouble}`;
    return this.feed.trouble(this.clock.nowMs());
  }

  /** The same for where the venue's name stands before it. */
  reason(): string | null {
    const { venue } = this.collector;
    const trouble = this.trouble();
    // A socket's name is the venue's and its own.
    return trouble?.startsWith(venue)
      ? trouble.slice(venue.length).replace(/^(: |\/)/, "")
      : trouble;
  }

  /** Holes seen in the ids of all its series since the start. */
  gaps(): number {
    const { head } = this.#options;
    const { venue } = this.collector;
    return this.feed.symbols.reduce(
      (sum, symbol) => sum + (head.get(venue, symbol)?.ids.gaps ?? 0),
      0,
    );
  }

  /** Asks the venue over REST, within its limits. */
  ask<P, R>(
    endpoint: Endpoint<P, R>,
    params: P,
    signal: AbortSignal,
    priority: "live" | "repair" = "live",
  ): Promise<R> {
    const weight = endpoint.weight(params);
    const { list } = endpoint;
    return this.rest.get(endpoint.path(params), { weight, priority, signal, list })
      .then((body) => endpoint.read(body, params));
  }

  /** Sets the clock by the venue's time endpoint. */
  async syncClock(signal: AbortSignal): Promise<void> {
    const sentMs = steadyMs();
    const serverMs = await this.ask(this.collector.api.time, null, signal);
    this.clock.sample(sentMs, steadyMs(), serverMs);
  }

  async #readLists(signal: AbortSignal): Promise<void> {
    const { api, venue } = this.collector;
    const instruments: Instrument[] = [];
    for (let cursor: string | null = null, page = 0; page < 50; page++) {
      const { rows, next }: { rows: readonly Instrument[]; next: string | null } = await this.ask(
        api.instruments,
        { cursor },
        signal,
      );
      instruments.push(...rows);
      cursor = next;
      if (cursor === null) break;
    }
    if (instruments.length === 0) throw new Error("the venue lists no market");
    this.#options.universe.list(venue, instruments);
    this.#listTrouble = null;
    this.#options.changed(venue);
  }

  /** Apart from the lists: no market waits for how often its neighbours pay. */
  async #readFunding(signal: AbortSignal): Promise<void> {
    const { api, venue } = this.collector;
    if (!api.fundingInfo) return;
    this.#options.universe.setFunding(venue, await this.ask(api.fundingInfo, null, signal));
  }

  async #readFundingNow(signal: AbortSignal): Promise<void> {
    const { api, venue } = this.collector;
    if (!api.fundingNow) return;
    this.#options.universe.setFundingNow(venue, await this.ask(api.fundingNow, null, signal));
  }

  async #readTickers(signal: AbortSignal): Promise<void> {
    const { api, venue } = this.collector;
    const first = this.#options.universe.hasTickers(venue) === false;
    const tickers = await this.ask(api.tickers, null, signal);
    this.#options.universe.setTickers(venue, tickers, this.clock.nowMs());
    if (first) this.#options.changed(venue);
  }

  /** Where no stream carries open interest it is asked for, symbol by symbol. */
  async #pollOi(signal: AbortSignal): Promise<void> {
    const { openInterest } = this.collector.api;
    const { universe, head } = this.#options;
    const { venue } = this.collector;
    if (!openInterest) return;
    for (const symbol of this.feed.symbols) {
      if (performance.now() - (this.#oiAskedMs.get(symbol) ?? -Infinity) < OI_EVERY_MS) continue;
      this.#oiAskedMs.set(symbol, performance.now());
      const { timeMs, oiBase } = await this.ask(openInterest, { symbol }, signal);
      const event: Derivative = {
        kind: "derivative",
        symbol,
        timeMs,
        oiBase,
        markPrice: null,
        fundingRate: null,
        fundingIntervalHours: universe.fundingHours(venue, symbol),
        nextFundingMs: null,
      };
      const added = head.get(venue, symbol)?.addDerivative(event, this.clock.nowMs());
      if (added) this.feed.stats.count("derivative", added);
    }
  }

  #failed(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const { venue } = this.collector;
    // A list that was read once is good enough to go on with.
    if (what === "lists" && this.#listTrouble !== null) {
      this.#listTrouble = `instrument list not read: ${reason}`;
    }
    this.#options.log.rateLimited(`${venue} ${what}`, 60_000, Date.now())
      ?.warn(`${what} not read`, { venue, reason });
  }
}

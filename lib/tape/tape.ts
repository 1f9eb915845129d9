/**
 * The tape as a whole: all venues at work on one head, the choice of markets, and the
 * writing to the store. `main.ts` owns its lifetime.
 */
import type { Collector } from "../market/collector.ts";
import { Head } from "../market/head/head.ts";
import { RestClient } from "../net/rest.ts";
import { steadyMs } from "../net/timing.ts";
import type { Store } from "../store/mod.ts";
import type { Log } from "../log.ts";
import { every } from "./every.ts";
import type { OnTrade } from "./feed/intake.ts";
import { Flusher } from "./flush.ts";
import { Cut } from "./handover/cut.ts";
import { Minutes } from "./minutes.ts";
import { Norms } from "./past/norms.ts";
import { Quarters } from "./past/quarters.ts";
import { EarlierDays } from "./past/earlier_days.ts";
import { Canary } from "./repair/canary.ts";
import { Demand } from "./repair/demand.ts";
import { Repairer } from "./repair/repairer.ts";
import { reseed } from "./reseed.ts";
import { TapeSource } from "./tape_source.ts";
import { TradeSizes } from "./trade_sizes.ts";
import { type SymbolChoice, Universe } from "./universe.ts";
import { Upkeep } from "./upkeep.ts";
import { Venue } from "./venue.ts";

export interface TapeOptions {
  readonly collectors: readonly Collector[];
  readonly symbols: SymbolChoice;
  /** Base URLs by the name of their variable, where they differ from the venue's own. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly store: Store;
  /** How long minutes are kept, and how far back they are fetched. */
  readonly retentionHours: number;
  /** Whether minutes from before the start are fetched, too: the default. */
  readonly historyBeforeStart?: boolean;
  readonly log: Log;
  /** Something the owner should know. */
  readonly alarm: (text: string) => void;
  /** Told of every print that went into its minute. */
  readonly onTrade?: OnTrade;
}

const TICK_MS = 1_000;
/** A start does not wait longer than this for the venues' time. */
const CLOCK_WITHIN_MS = 800;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export class Tape {
  readonly head = new Head();
  readonly universe: Universe;
  readonly venues: readonly Venue[];
  readonly source: TapeSource;
  readonly flusher: Flusher;
  readonly repairers: readonly Repairer[];
  readonly canaries: readonly Canary[];
  /** Where the tape changes hands. */
  readonly cut = new Cut();
  readonly #upkeep: Upkeep;
  readonly #sizes: TradeSizes;
  readonly #options: TapeOptions;
  readonly #rest = new Map<string, RestClient>();
  #rankedMs = 0;

  constructor(options: TapeOptions) {
    this.#options = options;
    const { collectors, endpoints, store, log, alarm } = options;
    const { head } = this;
    this.universe = new Universe(collectors, options.symbols);
    this.flusher = new Flusher(head, store, log);
    this.venues = collectors.map((collector) =>
      new Venue({
        collector,
        wsBase: endpoints[collector.envWs] ?? collector.ws,
        rest: this.#restOf(collector),
        head,
        universe: this.universe,
        log,
        alarm,
        changed: () => this.choose(),
        onTrade: options.onTrade,
        cut: this.cut,
      })
    );
    const { universe, venues } = this;
    const nowMs = () => this.nowMs();
    const minutes = new Minutes(head, store, nowMs);
    const { flusher } = this;
    const quarters = new Quarters({ head, minutes, flusher, nowMs });
    const earlierDays = new EarlierDays({ head, store, nowMs });
    const keptMs = options.retentionHours * HOUR_MS;
    const norms = new Norms({ minutes, keptMs, nowMs });
    const { historyBeforeStart = true } = options;
    const startMs = steadyMs();
    this.repairers = venues.map((venue) => {
      const seriesOf = (symbol: string) => head.get(venue.collector.venue, symbol);
      // The venue's clock may not be set yet: it will tell when the start was.
      const beginMs = historyBeforeStart
        ? undefined
        : () => venue.clock.nowMs() - (steadyMs() - startMs);
      return new Repairer({ venue, minutes, seriesOf, horizonMs: keptMs, beginMs, log });
    });
    this.canaries = venues.map((venue) => {
      const distrust = (symbol: string, t: number) =>
        head.get(venue.collector.venue, symbol)?.coverage.open(t, t);
      return new Canary({ venue, minutes, alarm, distrust });
    });
    const demand = new Demand({ venues, universe, head, minutes });
    const sizes = new TradeSizes({ head, store, nowMs: () => this.#toldMs(), log });
    this.#sizes = sizes;
    this.#upkeep = new Upkeep({
      ...{ head, venues, flusher, minutes, quarters, earlierDays, sizes, demand },
      ...{ nowMs, alarm, log },
      ...{ repairers: this.repairers, canaries: this.canaries },
      fillNorms: (signal) => norms.fill(this.source, signal),
      troubles: () => this.troubles(),
    });
    this.source = new TapeSource({
      collectors,
      head,
      store,
      minutes,
      quarters,
      norms,
      earlierDays,
      universe,
      keptMs,
      ensure: (asset) => demand.ensure(asset),
      nowMs,
      trouble: (venue) => this.#venue(venue)?.reason() ?? null,
    });
  }

  /** The venues' clock: the first one that is known, else the local one. */
  nowMs(): number {
    const venue = this.venues.find(({ clock }) => clock.offsetMs !== null) ?? this.venues[0];
    return venue ? venue.clock.nowMs() : Date.now();
  }

  /** The same; `null` before any is known. */
  #toldMs(): number | null {
    return this.venues.some(({ clock }) => clock.offsetMs !== null) ? this.nowMs() : null;
  }

  /** One client per base URL and budget: the markets of a host share its limits. */
  #restOf(collector: Collector): RestClient {
    const baseUrl = this.#options.endpoints[collector.envRest] ?? collector.rest;
    const key = `${baseUrl} ${collector.restLimits.weight}`;
    const held = this.#rest.get(key);
    if (held) return held;
    const client = new RestClient({ baseUrl, limits: collector.restLimits });
    this.#rest.set(key, client);
    return client;
  }

  #venue(name: string): Venue | undefined {
    return this.venues.find(({ collector }) => collector.venue === name);
  }

  /** Sets the clocks, as far as the venues answer soon, and fills the hot window from the store. */
  async reseed(signal: AbortSignal): Promise<void> {
    const { collectors, store } = this.#options;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(CLOCK_WITHIN_MS)]);
    await Promise.allSettled(this.venues.map((venue) => venue.syncClock(soon)));
    this.#upkeep.reachMs = await reseed(this.head, collectors, store, this.#toldMs());
    await this.#sizes.restore();
    await this.source.loadFirstMinutes();
  }

  /** Hears the venues until aborted. */
  async listen(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const failed = (error: unknown) => log.error("tape task failed", { error });
    const tick = { everyMs: TICK_MS, retryMs: TICK_MS, startMs: TICK_MS, signal };
    await Promise.all([
      ...this.venues.map((venue) => venue.run(signal)),
      every(tick, () => this.#tick(), failed),
    ]);
  }

  /** Writes and repairs until aborted: one process at a time does, on the same data. */
  async keep(signal: AbortSignal): Promise<void> {
    await this.#upkeep.run(signal);
  }

  /** Writes what is open, at the end of this process's time; resolves to whether all minutes were. */
  async store(): Promise<boolean> {
    const isWhole = await this.flusher.flush();
    await this.#sizes.finish(this.cut.creditToMs);
    return isWhole;
  }

  /** Takes what another process has stored up to a time for the truth, and goes on from there. */
  async continueFrom(timeMs: number): Promise<void> {
    const { collectors, store } = this.#options;
    this.#upkeep.reachMs = null;
    await reseed(this.head, collectors, store, timeMs);
    await this.#sizes.continueFrom(timeMs);
    for (const { ids, coverage } of this.head.all()) {
      ids.beginAt(timeMs);
      coverage.beginAt(timeMs);
    }
  }

  /** Credits the coverage of what was heard until now, for who cannot wait for the next second. */
  readonly credit = (): void => {
    for (const { feed } of this.venues) feed.credit();
  };

  #tick(): Promise<void> {
    for (const { feed } of this.venues) feed.tick();
    if (this.nowMs() - this.#rankedMs > DAY_MS) this.choose();
    return Promise.resolve();
  }

  /** Chooses the markets: when a venue's lists or first tickers are read, and daily. */
  choose(): void {
    this.#rankedMs = this.nowMs();
    if (this.universe.rerank()) {
      this.#options.log.info("markets chosen", { assets: this.universe.watched() });
    }
    const unlisted = this.universe.unlisted();
    if (unlisted.length > 0) {
      this.#options.log.rateLimited("unlisted", DAY_MS, this.nowMs())
        ?.warn("no venue lists what SYMBOLS names", { assets: unlisted });
    }
    for (const venue of this.venues) {
      const { venue: name } = venue.collector;
      if (this.universe.isListed(name)) venue.watch(this.universe.watchedOn(name));
    }
  }

  /** Why not everything is live yet; empty where it is. */
  troubles(): string[] {
    return this.venues.flatMap((venue) => venue.trouble() ?? []);
  }
}

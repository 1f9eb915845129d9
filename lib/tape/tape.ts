/**
 * The tape as a whole: all venues at work on one head, the choice of markets, and the
 * writing to the store. `main.ts` owns its lifetime.
 */
import { MINUTE_MS } from "../market/bucket.ts";
import type { Collector } from "../market/collector.ts";
import { Head } from "../market/head/head.ts";
import { RestClient } from "../net/rest.ts";
import type { Store } from "../store/mod.ts";
import type { Log } from "../log.ts";
import { every, pause } from "./every.ts";
import type { OnTrade } from "./feed/intake.ts";
import { FLUSH_EVERY_MS, Flusher } from "./flush.ts";
import { Minutes } from "./minutes.ts";
import { Quarters } from "./quarters.ts";
import { Canary } from "./repair/canary.ts";
import { Demand } from "./repair/demand.ts";
import { Repairer } from "./repair/repairer.ts";
import { restartReport } from "./repair/restart_report.ts";
import { reseed } from "./reseed.ts";
import { TapeSource } from "./tape_source.ts";
import { type SymbolChoice, Universe } from "./universe.ts";
import { Venue } from "./venue.ts";

export interface TapeOptions {
  readonly collectors: readonly Collector[];
  readonly symbols: SymbolChoice;
  /** Base URLs by the name of their variable, where they differ from the venue's own. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly store: Store;
  /** How long minutes are kept, and how far back they are fetched. */
  readonly retentionHours: number;
  readonly log: Log;
  /** Something the owner should know. */
  readonly alarm: (text: string) => void;
  /** Told of every print that went into its minute. */
  readonly onTrade?: OnTrade;
}

const TICK_MS = 1_000;
/** A start does not wait longer than this for the venues' time. */
const CLOCK_WITHIN_MS = 800;
const CANARY_EVERY_MS = 60_000;
const QUARTERS_EVERY_MS = 60_000;
/** The report of a restart waits this long for repair, and so often again. */
const REPORT_AFTER_MS = 75_000;
const REPORT_TRIES = 8;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export class Tape {
  readonly head = new Head();
  readonly universe: Universe;
  readonly venues: readonly Venue[];
  readonly source: TapeSource;
  readonly flusher: Flusher;
  readonly repairers: readonly Repairer[];
  readonly #demand: Demand;
  readonly #options: TapeOptions;
  readonly #rest = new Map<string, RestClient>();
  readonly #minutes: Minutes;
  readonly #quarters: Quarters;
  readonly #canaries: readonly Canary[];
  #rankedMs = 0;
  /** How far the tape stored before this start reaches; `null` where there is none. */
  #reachMs: number | null = null;

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
      })
    );
    const { universe, venues } = this;
    const nowMs = () => this.nowMs();
    const minutes = this.#minutes = new Minutes(head, store, nowMs);
    const { flusher } = this;
    const quarters = this.#quarters = new Quarters({ head, minutes, flusher, nowMs });
    const keptMs = options.retentionHours * HOUR_MS;
    this.repairers = venues.map((venue) => {
      const seriesOf = (symbol: string) => head.get(venue.collector.venue, symbol);
      return new Repairer({ venue, minutes, seriesOf, horizonMs: keptMs, log });
    });
    this.#canaries = venues.map((venue) => {
      const distrust = (symbol: string, t: number) =>
        head.get(venue.collector.venue, symbol)?.coverage.open(t, t);
      return new Canary({ venue, minutes, alarm, distrust });
    });
    this.#demand = new Demand({ venues, universe, head, minutes });
    this.source = new TapeSource({
      collectors,
      head,
      store,
      minutes,
      quarters,
      universe,
      keptMs,
      ensure: (asset) => this.#demand.ensure(asset),
      nowMs,
      trouble: (venue) => this.#venue(venue)?.trouble() ?? null,
    });
  }

  /** The venues' clock: the first one that is known, else the local one. */
  nowMs(): number {
    const venue = this.venues.find(({ clock }) => clock.offsetMs !== null) ?? this.venues[0];
    return venue ? venue.clock.nowMs() : Date.now();
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
    const told = this.venues.some(({ clock }) => clock.offsetMs !== null);
    this.#reachMs = await reseed(this.head, collectors, store, told ? this.nowMs() : null);
    await this.source.loadFirstMinutes();
  }

  /** Runs until aborted, then writes what is open. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const failed = (error: unknown) => log.error("tape task failed", { error });
    const tick = { everyMs: TICK_MS, retryMs: TICK_MS, startMs: TICK_MS, signal };
    await Promise.all([
      ...this.venues.map((venue) => venue.run(signal)),
      ...this.repairers.map((repairer) => repairer.run(signal)),
      every(tick, () => this.#tick(), failed),
      every(
        { ...tick, everyMs: FLUSH_EVERY_MS, startMs: FLUSH_EVERY_MS },
        () => this.#flush(),
        failed,
      ),
      ...this.#canaries.map((canary) =>
        every({ ...tick, everyMs: CANARY_EVERY_MS }, () => canary.look(signal), failed)
      ),
      every(
        { ...tick, everyMs: QUARTERS_EVERY_MS },
        () => this.#quarters.fill(signal),
        failed,
      ),
      this.#reportRestart(signal),
    ]);
    await this.flusher.flush();
  }

  #tick(): Promise<void> {
    for (const { feed } of this.venues) feed.tick();
    if (this.nowMs() - this.#rankedMs > DAY_MS) this.choose();
    return Promise.resolve();
  }

  /** Tells the owner what a break cost, when it is as good as it will be. */
  async #reportRestart(signal: AbortSignal): Promise<void> {
    const fromMs = this.#reachMs;
    if (fromMs === null) return;
    while (!signal.aborted && this.troubles().length > 0) await pause(TICK_MS, signal);
    const toMs = this.nowMs();
    const settled = () => this.repairers.every(({ waiting }) => waiting === 0);
    // The minute of the return must close before it can be repaired.
    await pause(REPORT_AFTER_MS, signal);
    for (let i = 0; i < REPORT_TRIES && !settled(); i++) await pause(REPORT_AFTER_MS, signal);
    if (signal.aborted) return;
    const series = await Promise.all(
      this.venues.flatMap(({ collector: { venue }, feed }) =>
        feed.symbols.map(async (symbol) => ({
          venue,
          buckets: await this.#minutes.read({ venue, symbol }, fromMs - MINUTE_MS, toMs),
        }))
      ),
    );
    const text = restartReport(fromMs, toMs, series);
    if (text !== null) this.#options.alarm(text);
  }

  async #flush(): Promise<void> {
    await this.flusher.flush();
    await this.flusher.rollUp(this.nowMs());
    this.#demand.sweep();
    this.#minutes.sweep();
    this.#letGo();
  }

  /** Series that nobody watches or asks about any more leave memory; their rows stay. */
  #letGo(): void {
    for (const { collector: { venue }, feed } of this.venues) {
      const watched = new Set(feed.symbols);
      if (watched.size === 0) continue;
      for (const { instrument: { symbol, venue: of } } of [...this.head.all()]) {
        if (of !== venue || watched.has(symbol) || this.#demand.holds(of, symbol)) continue;
        this.head.close(of, symbol);
      }
    }
  }

  /** Chooses the markets: when a venue's lists or first tickers are read, and daily. */
  choose(): void {
    this.#rankedMs = this.nowMs();
    if (this.universe.rerank()) {
      this.#options.log.info("markets chosen", { assets: this.universe.watched() });
    }
    for (const venue of this.venues) {
      const instruments = this.universe.watchedOn(venue.collector.venue);
      if (instruments.length > 0) venue.watch(instruments);
    }
  }

  /** Why not everything is live yet; empty where it is. */
  troubles(): string[] {
    return this.venues.flatMap((venue) => venue.trouble() ?? []);
  }
}

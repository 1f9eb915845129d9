/**
 * One venue's live tape: spreads the streams of the watched markets over sockets, runs
 * every frame through the intake, and once a second credits coverage and looks for
 * streams that died without a word.
 */
import type { Collector, Notice, Route, Topic } from "../../market/collector.ts";
import type { Head } from "../../market/head/head.ts";
import { seriesOptions } from "../../market/head/series_options.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Log } from "../../log.ts";
import type { FeedStats } from "./feed_stats.ts";
import type { Cut } from "../handover/cut.ts";
import { Intake, type OnTrade } from "./intake.ts";
import { Shard } from "./shard.ts";
import { shards } from "./shards.ts";
import { type Connection, Watched } from "./watched.ts";

/**
 * Where trade ids have no order, prints still in flight when a socket dies cannot be
 * missed by id; coverage is credited this much behind the last frame instead.
 */
const IN_FLIGHT_MS = 1_500;

export interface FeedOptions {
  readonly collector: Collector;
  /** Base URL of the venue's sockets. */
  readonly wsBase: string;
  readonly head: Head;
  /** The venue's clock, ms. */
  readonly nowMs: () => number;
  /** Told the newest trade time of a frame, to set the clock by where REST cannot. */
  readonly observe: (eventMs: number) => void;
  /** Told of every print that went into its minute. */
  readonly onTrade?: OnTrade | undefined;
  /** Where the tape changes hands. */
  readonly cut?: Cut | undefined;
  readonly log: Log;
  /** Something the owner should know: a stream that stays dead. */
  readonly alarm: (text: string) => void;
}

/** A symbol whose silence is to be looked into. */
export interface Suspect {
  readonly symbol: string;
  /** Trades from here on, venue ms, must have come. */
  readonly sureFromMs: number;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #intake: Intake;
  readonly #watched = new Map<string, Watched>();
  readonly #shards: Shard[] = [];
  #running: { readonly signal: AbortSignal; readonly tasks: Promise<void>[] } | null = null;
  /** Set while a frame is parsed: the connection it came by. */
  #connection: Connection | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    const { collector, observe, onTrade, cut, log } = options;
    const find = (symbol: string) => this.#watched.get(symbol);
    this.#intake = new Intake({ collector, find, observe, onTrade, cut, log });
  }

  get stats(): FeedStats {
    return this.#intake.stats;
  }

  /** The symbols that are collected now. */
  get symbols(): readonly string[] {
    return [...this.#watched.keys()];
  }

  /** Connections replaced since the start, over all sockets. */
  get reconnects(): number {
    return this.#shards.reduce((sum, { socket }) => sum + socket.stats.reconnects, 0);
  }

  /** Collect exactly these markets from now on; sockets grow, shrink and subscribe anew. */
  watch(instruments: readonly Instrument[]): void {
    const { collector, head } = this.#options;
    const wanted = new Set(instruments.map((instrument) => instrument.symbol));
    for (const symbol of this.#watched.keys()) {
      if (!wanted.has(symbol)) this.#watched.delete(symbol);
    }
    for (const instrument of instruments) {
      if (this.#watched.has(instrument.symbol)) continue;
      const series = head.open(instrument, seriesOptions(collector));
      this.#watched.set(instrument.symbol, new Watched(series, () => this.#connection));
    }
    for (const route of collector.routes) this.#spread(route, route.topics(instruments));
  }

  /** Gives each topic of a route to a socket, within the venue's limits. */
  #spread(route: Route, topics: readonly Topic[]): void {
    const held = this.#shards.filter((shard) => shard.route === route);
    const parts = shards(topics, route.limits);
    // Sockets that are left over go first, so that the others have room for what they carried.
    for (const idle of held.slice(parts.length)) idle.setTopics([]);
    parts.forEach((part, index) => (held[index] ?? this.#open(route, index)).setTopics(part));
  }

  #open(route: Route, index: number): Shard {
    const { collector, wsBase, nowMs, log, alarm } = this.#options;
    const shard = new Shard({
      name: `${collector.venue}/${route.name}#${index + 1}`,
      url: wsBase + route.path,
      route,
      nowMs,
      behindMs: collector.tradeIds === "sequential" ? 0 : IN_FLIGHT_MS,
      creditToMs: () => this.#options.cut?.creditToMs ?? Infinity,
      find: (symbol) => this.#watched.get(symbol),
      take: (text, connection, now) => this.#take(text, connection, now),
      log,
      alarm,
    });
    this.#shards.push(shard);
    if (this.#running) this.#running.tasks.push(shard.socket.start(this.#running.signal));
    return shard;
  }

  #take(text: string, connection: Connection, nowMs: number): Notice | undefined {
    this.#connection = connection;
    return this.#intake.take(text, connection.lastFrameMs = nowMs);
  }

  /** Runs until aborted; a venue's trouble never ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const tasks = this.#shards.map((shard) => shard.socket.start(signal));
    this.#running = { signal, tasks };
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
    await Promise.all(tasks);
  }

  /** Credits the coverage of what was heard until now. */
  credit(): void {
    for (const shard of this.#shards) shard.credit();
  }

  /** How far every socket with trades has told what was traded, ms. */
  toldToMs(): number {
    return Math.min(...this.#shards.map((shard) => shard.toldToMs()));
  }

  /** Once a second. */
  tick(): void {
    this.credit();
    const nowMs = this.#options.nowMs();
    for (const shard of this.#shards) {
      this.stats.silences += shard.wake(nowMs);
    }
  }

  /** A symbol whose trade stream is so quiet that the venue should be asked whether it trades. */
  suspect(): Suspect | null {
    const nowMs = this.#options.nowMs();
    for (const [symbol, { streams }] of this.#watched) {
      const stream = streams.get("trade");
      if (stream?.wantsProbe(nowMs)) return { symbol, sureFromMs: stream.sureFromMs };
    }
    return null;
  }

  /** The venue traded a symbol while its stream said nothing: the stream is dead. */
  deaf(symbol: string): void {
    const nowMs = this.#options.nowMs();
    if (this.#shards.some((shard) => shard.deaf(symbol, nowMs))) this.stats.silences++;
  }

  /** Why the venue is not live, or `null` where every stream delivers. */
  trouble(nowMs: number): string | null {
    if (this.#watched.size === 0) return `${this.#options.collector.venue}: no market chosen yet`;
    for (const shard of this.#shards) {
      const trouble = shard.trouble(nowMs);
      if (trouble !== null) return trouble;
    }
    return null;
  }
}

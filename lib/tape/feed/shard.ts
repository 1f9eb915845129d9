/**
 * One socket's share of a venue's streams: which connection carries them, since when, and
 * how far their coverage may be credited.
 */
import type { Notice, Route, Topic } from "../../market/collector.ts";
import { LastingSocket } from "../../net/socket.ts";
import type { Log } from "../../log.ts";
import { type Cure, cureAfter, judge, type StreamWatch } from "./watch.ts";
import type { Connection, Watched } from "./watched.ts";

/** Sockets that carry books send all the time; a longer pause may have lost what has no ids. */
const PAUSE_MS = 5_000;
/** No socket lives on through such a silence: it was the clock that moved. */
const JUMP_MS = 300_000;
/**
 * Before a first id nothing tells what was traded just before the ack, and our clock is only
 * right within half a round trip: credit begins this much later.
 */
const UNPROVEN_MS = 500;

export interface ShardOptions {
  /** `binance-perp/market#1` */
  readonly name: string;
  readonly url: string;
  readonly route: Route;
  /** The venue's clock, ms. */
  readonly nowMs: () => number;
  /** Credit stays this much behind the last frame; see `Feed`. */
  readonly behindMs: number;
  /** Credit ends here, though the stream goes on: another process counts what comes after. */
  readonly creditToMs: () => number;
  readonly find: (symbol: string) => Watched | undefined;
  readonly take: (text: string, connection: Connection, nowMs: number) => Notice | undefined;
  readonly log: Log;
  readonly alarm: (text: string) => void;
}

export class Shard {
  readonly route: Route;
  readonly socket: LastingSocket;
  readonly #options: ShardOptions;
  readonly #connections = new Map<number, Connection>();
  #topics: readonly Topic[] = [];
  #socketName: string;

  constructor(options: ShardOptions) {
    this.#options = options;
    const { route, name, url, log } = options;
    this.#socketName = name;
    this.route = route;
    this.socket = new LastingSocket({
      name,
      url,
      topics: [],
      subscribe: route.subscribe,
      unsubscribe: route.unsubscribe,
      limits: route.limits,
      ping: route.ping,
      handlers: {
        frame: (text, id) => this.#frame(text, id),
        up: (id) => {
          const lastFrameMs = options.nowMs();
          this.#connections.set(id, { ackedMs: new Map(), proven: new Set(), lastFrameMs });
        },
        subscribed: (names, id) => this.#subscribed(names, id),
        down: (id, reason) => {
          this.#down(id);
          log.info("socket down", { socket: name, reason });
        },
        trouble: (what, detail) => {
          log.rateLimited(`${name} ${what}`, 60_000, Date.now())
            ?.warn("socket trouble", { socket: name, what, detail });
        },
      },
    });
  }

  setTopics(topics: readonly Topic[]): void {
    const kept = new Set(topics.map(({ name }) => name));
    this.#lapse(this.#topics.filter(({ name }) => !kept.has(name)));
    this.#topics = topics;
    for (const topic of topics) this.#watchedOf(topic)?.register(topic);
    this.socket.setTopics([...kept]);
  }

  #frame(text: string, id: number): Notice | undefined {
    const connection = this.#connections.get(id);
    if (!connection) return undefined;
    const nowMs = this.#options.nowMs();
    const sinceMs = nowMs - connection.lastFrameMs;
    // Where ids tell what was missed, a pause needs no suspicion; a clock that was set does.
    if (Math.abs(sinceMs) > JUMP_MS) this.#resume(connection, nowMs);
    else if (sinceMs > PAUSE_MS && this.#options.behindMs > 0) {
      this.#creditFor(connection);
      this.#resume(connection, nowMs);
    }
    return this.#options.take(text, connection, nowMs);
  }

  /** After a pause the trade streams count as live from now on, not for the time of it. */
  #resume(connection: Connection, nowMs: number): void {
    for (const { name, kind } of this.#topics) {
      if (kind === "trade" && connection.ackedMs.has(name)) connection.ackedMs.set(name, nowMs);
    }
  }

  /** These topics deliver nothing certain any more, until they are acked and proven again. */
  #lapse(topics: readonly Topic[]): void {
    for (const connection of this.#connections.values()) {
      this.#creditFor(connection);
      for (const { name, kind, symbol } of topics) {
        connection.ackedMs.delete(name);
        if (kind === "trade" && symbol !== null) connection.proven.delete(symbol);
      }
    }
  }

  #watchedOf(topic: Topic): Watched | undefined {
    return topic.symbol === null ? undefined : this.#options.find(topic.symbol);
  }

  #subscribed(names: readonly string[], id: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    const nowMs = this.#options.nowMs();
    const acked = new Set(names);
    for (const topic of this.#topics) {
      if (!acked.has(topic.name)) continue;
      const watched = this.#watchedOf(topic);
      const { ids } = watched?.series ?? {};
      if (topic.kind === "trade") ids?.begin(nowMs);
      connection.ackedMs.set(topic.name, nowMs + (ids?.lastId === null ? UNPROVEN_MS : 0));
      watched?.acked(topic.kind, nowMs);
    }
  }

  #down(id: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#creditFor(connection);
    this.#connections.delete(id);
    if (this.#connections.size > 0) return;
    for (const topic of this.#topics) {
      const watched = this.#watchedOf(topic);
      watched?.lost(topic.kind, this.#options.nowMs());
      // A book that misses deltas is wrong until its next snapshot.
      if (topic.kind === "depth") watched?.series.resetBook();
    }
  }

  /** Credits coverage up to what the connections delivered. */
  credit(): void {
    for (const connection of this.#connections.values()) this.#creditFor(connection);
  }

  #creditFor(connection: Connection): void {
    const toMs = connection.lastFrameMs - this.#options.behindMs;
    for (const topic of this.#topics) {
      if (topic.kind !== "trade" || topic.symbol === null) continue;
      const ackedMs = connection.ackedMs.get(topic.name);
      if (ackedMs === undefined || !connection.proven.has(topic.symbol)) continue;
      const series = this.#watchedOf(topic)?.series;
      if (!series) continue;
      const told = Math.max(toMs, this.#printedMs(series, connection));
      series.coverage.cover(ackedMs, Math.min(told, this.#options.creditToMs()));
    }
  }

  /**
   * A market's prints come in order, so its newest one proves what was before it at once;
   * of two connections it is not known which one brought it.
   */
  #printedMs({ latest }: Watched["series"], { lastFrameMs }: Connection): number {
    if (this.#connections.size > 1) return -Infinity;
    return Math.min(latest.tradeMs ?? -Infinity, lastFrameMs);
  }

  /** How far this socket has told what was traded, ms; `Infinity` where it carries no trades. */
  toldToMs(): number {
    if (!this.#topics.some(({ kind }) => kind === "trade")) return Infinity;
    const frames = [...this.#connections.values()].map(({ lastFrameMs }) => lastFrameMs);
    return Math.max(...frames) - this.#options.behindMs;
  }

  #streams(): StreamWatch[] {
    return this.#topics.flatMap((topic) => this.#watchedOf(topic)?.streams.get(topic.kind) ?? []);
  }

  /**
   * Asks again for streams that fell silent; where that does not help, replaces the
   * connection. Returns how many streams were silent.
   */
  wake(nowMs: number): number {
    const silence = judge(this.#streams(), nowMs);
    if (!silence) return 0;
    for (const stream of silence.streams) {
      const { topic, heardMs } = stream;
      // What was credited since its last trade may have been lost; ids would tell.
      if (topic.kind !== "trade" || heardMs === null || !stream.isDense()) continue;
      if (this.#options.behindMs > 0) this.#watchedOf(topic)?.series.coverage.open(heardMs, nowMs);
    }
    this.#cure(silence.cure, silence.streams.map(({ topic }) => topic));
    return silence.streams.length;
  }

  /** The venue trades on and nothing of it comes; whether this socket carries that stream. */
  deaf(symbol: string, nowMs: number): boolean {
    const topic = this.#topics.find((one) => one.kind === "trade" && one.symbol === symbol);
    const stream = topic && this.#watchedOf(topic)?.streams.get("trade");
    if (!stream) return false;
    // What hardly ever speaks beside it may be dead, too, and nothing else would tell.
    const beside = this.#streams().filter((one) => one.isSparse() && one.topic.symbol === symbol);
    this.#cure(cureAfter(stream.attempt(nowMs)), [topic, ...beside.map((one) => one.topic)]);
    return true;
  }

  #cure(cure: Cure, topics: readonly Topic[]): void {
    const names = topics.map(({ name }) => name);
    const { log, alarm } = this.#options;
    const fields = { socket: this.#socketName, streams: names.slice(0, 5), count: names.length };
    if (cure === "resubscribe" || cure === "tell") {
      log.warn("stream silent, asking for it again", fields);
      this.#lapse(topics);
      this.socket.resubscribe(names);
    } else {
      log.warn("stream stays silent, connecting anew", fields);
      this.socket.reconnect("Silent stream");
    }
    if (cure === "tell" || cure === "alarm") {
      alarm(`${this.#socketName}: no data on ${names[0]} although subscribed`);
    }
  }

  /** Why this socket's streams are not all live, or `null`. */
  trouble(nowMs: number): string | null {
    if (this.#topics.length === 0) return null;
    if (this.#connections.size === 0) return `${this.#socketName}: not connected`;
    const streams = this.#streams();
    const waiting = streams.filter((stream) => !stream.isAcked()).length;
    if (waiting > 0) return `${this.#socketName}: ${waiting} subscriptions not yet confirmed`;
    for (const kind of new Set(streams.map((stream) => stream.topic.kind))) {
      const ofKind = streams.filter((stream) => stream.topic.kind === kind);
      if (!ofKind[0]?.isSparse() && !ofKind.some((stream) => stream.isFresh(nowMs))) {
        return `${this.#socketName}: no ${kind} data in the last minute`;
      }
    }
    return null;
  }
}

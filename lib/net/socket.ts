/**
 * The lasting socket: a stream of frames that does not end until it is aborted. It connects
 * again after a pause that grows, subscribes within the venue's limits, replaces silent
 * connections, and moves to a new one before the venue cuts the old, with both open
 * meanwhile. Whether single topics deliver is for the consumer to judge, who can read them.
 */
import { backoffMs } from "./backoff.ts";
import { Connection } from "./connection.ts";
import { BARRED_MS } from "./region.ts";
import type { SocketOptions } from "./socket_options.ts";
import { type SocketStats, Tally } from "./socket_stats.ts";
import { whenReady } from "./takeover.ts";
import { type Timing, timingOf } from "./timing.ts";

export type {
  SocketHandlers,
  SocketLimits,
  SocketNotice,
  SocketOptions,
  Trouble,
} from "./socket_options.ts";
export type { SocketStats } from "./socket_stats.ts";

export class LastingSocket implements AsyncDisposable {
  readonly #options: SocketOptions;
  readonly #timing: Timing;
  readonly #closing = new Set<Promise<void>>();
  readonly #cancels = new Map<"retry" | "ready" | "rotate", () => void>();
  readonly #done = Promise.withResolvers<void>();
  #topics: readonly string[];
  #current: Connection | null = null;
  /** The second connection of a rotation. */
  #next: Connection | null = null;
  #state: "new" | "running" | "stopped" = "new";
  #unlisten: () => void = () => {};
  #failures = 0;
  #rotateFailures = 0;
  #numbers = 0;
  readonly #tally = new Tally();

  /**
   * @throws {TypeError} where the URL is none
   * @throws {RangeError} where the topics exceed what one socket may carry
   */
  constructor(options: SocketOptions) {
    if (!/^wss?:$/.test(new URL(options.url).protocol)) {
      throw new TypeError(`Cannot open ${options.url} as a socket: give a ws: or wss: address`);
    }
    this.#options = options;
    this.#timing = timingOf(options);
    this.#topics = this.#checked(options.topics);
  }

  get stats(): SocketStats {
    return this.#tally.stats(this.#current, this.#next);
  }

  /**
   * Connects and keeps connected. Resolves when the signal was aborted and every
   * connection is closed; never rejects.
   * @throws {Error} when started twice
   */
  start(signal: AbortSignal): Promise<void> {
    if (this.#state === "running") throw new Error(`Cannot start ${this.#options.name} twice`);
    if (this.#state === "stopped" || signal.aborted) {
      this.#stop();
      return this.#done.promise;
    }
    this.#state = "running";
    const stop = () => this.#stop();
    signal.addEventListener("abort", stop, { once: true });
    this.#unlisten = () => signal.removeEventListener("abort", stop);
    this.#connect();
    return this.#done.promise;
  }

  /**
   * From now on these: the new ones are subscribed and the gone ones unsubscribed.
   * @throws {RangeError} where they exceed what one socket may carry
   */
  setTopics(topics: readonly string[]): void {
    this.#topics = this.#checked(topics);
    this.#current?.setTopics(this.#topics);
    this.#next?.setTopics(this.#topics);
  }

  /** Unsubscribe and subscribe again; topics that the venue refused on this connection are not. */
  resubscribe(topics: readonly string[]): void {
    this.#current?.renew(topics);
    this.#next?.renew(topics);
  }

  /**
   * Drop the connection and open another: at once if it had been good for 30 s, else after
   * the usual pause. Nothing while already on the way.
   */
  reconnect(reason: string): void {
    const old = this.#current;
    if (old === null || old.openedMs === null) return;
    const good = old.healthy;
    old.end(reason);
    if (good && this.#cancels.has("retry")) {
      this.#failures = 0;
      this.#after("retry", 0, () => this.#connect());
    }
  }

  /**
   * Open a second connection, subscribe it, and close the first when the second delivers.
   * Where that fails it is tried again after a pause, as long as the first one lives.
   */
  rotate(reason: string): void {
    const old = this.#current;
    if (this.#next !== null || old === null || old.openedMs === null) return;
    if (this.#cancels.has("rotate")) return;
    old.leaving ??= reason;
    this.#next = this.#open();
    if (this.#next === null) this.#rotateLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#done.promise;
  }

  #checked(topics: readonly string[]): readonly string[] {
    const { topicsPerSocket, charsPerSocket } = this.#options.limits;
    const chars = topics.reduce((sum, topic) => sum + topic.length, 0);
    if (topics.length > topicsPerSocket || chars > charsPerSocket) {
      throw new RangeError(
        `Cannot put ${topics.length} topics of ${chars} characters on ${this.#options.name}: ` +
          `the venue allows ${topicsPerSocket} and ${charsPerSocket}; use another socket`,
      );
    }
    return [...topics];
  }

  #open(): Connection | null {
    try {
      return new Connection(++this.#numbers, this.#options, this.#topics, this.#timing, {
        opened: (connection) => this.#opened(connection),
        leaving: (connection, reason) => this.#leaving(connection, reason),
        ended: (connection, reason) => this.#ended(connection, reason),
        refused: (topics) => void (this.#tally.refused += topics.length),
      });
    } catch (error) {
      this.#options.handlers.trouble("connect", String(error));
      return null;
    }
  }

  #connect(): void {
    this.#current = this.#open();
    if (this.#current === null) this.#connectLater();
  }

  #connectLater(barred = false): void {
    const random = this.#timing.random();
    const delayMs = barred ? BARRED_MS * (0.9 + random / 5) : backoffMs(++this.#failures, random);
    this.#after("retry", delayMs, () => this.#connect());
  }

  #rotateLater(): void {
    const delayMs = backoffMs(++this.#rotateFailures, this.#timing.random());
    this.#after("rotate", delayMs, () => this.rotate(this.#current?.leaving ?? "again"));
  }

  #opened(connection: Connection): void {
    if (connection === this.#current && this.#tally.connects > 0) this.#tally.reconnects++;
    this.#tally.connects++;
    this.#options.handlers.up(connection.number);
    const old = this.#current;
    if (connection !== this.#next || old === null) return;
    const cancel = whenReady(connection, old, this.#timing, () => this.#handOver(connection, old));
    this.#cancels.set("ready", cancel);
  }

  #leaving(connection: Connection, reason: string): void {
    if (connection === this.#current) this.rotate(reason);
    else connection.end(reason);
  }

  #handOver(next: Connection, old: Connection): void {
    this.#tally.rotations++;
    this.#promote(next);
    old.end(`Rotated: ${old.leaving ?? "asked to"}`);
    if (next.leaving !== null) this.rotate(next.leaving);
  }

  #promote(next: Connection): void {
    this.#cancel("ready");
    this.#cancel("rotate");
    this.#rotateFailures = 0;
    this.#current = next;
    this.#next = null;
  }

  #ended(connection: Connection, reason: string): void {
    this.#tally.take(connection);
    const { closed } = connection;
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
    if (this.#state === "running") this.#replace(connection, reason);
    const { handlers } = this.#options;
    if (connection.openedMs !== null) handlers.down(connection.number, reason);
    else if (this.#state === "running") handlers.trouble("connect", reason);
  }

  #replace(connection: Connection, reason: string): void {
    if (connection === this.#next) {
      this.#cancel("ready");
      this.#next = null;
      this.#options.handlers.trouble("rotate", reason);
      this.#rotateLater();
    } else if (connection === this.#current) {
      this.#cancel("rotate");
      if (connection.healthy) this.#failures = 0;
      if (this.#next !== null) return this.#promote(this.#next);
      this.#current = null;
      this.#connectLater(connection.barred);
    }
  }

  #stop(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#unlisten();
    for (const cancel of this.#cancels.values()) cancel();
    const open = [this.#current, this.#next];
    this.#current = this.#next = null;
    for (const connection of open) connection?.end("Stopped");
    void Promise.all(this.#closing).then(() => this.#done.resolve());
  }

  #after(what: "retry" | "ready" | "rotate", delayMs: number, run: () => void): void {
    this.#cancel(what);
    const cancel = this.#timing.after(delayMs, () => {
      this.#cancels.delete(what);
      run();
    });
    this.#cancels.set(what, cancel);
  }

  #cancel(what: "retry" | "ready" | "rotate"): void {
    this.#cancels.get(what)?.();
    this.#cancels.delete(what);
  }
}

/**
 * Who listens to what. Sockets of all venues meet here; what a frame says is none of
 * the hub's business, but every frame passes the faults in force.
 */
import type { Feed } from "./feed.ts";
import type { Faults, Where } from "./faults.ts";
import type { VenueName } from "../market/listing.ts";
import type { Random } from "../market/random.ts";

export interface Session {
  readonly venue: VenueName;
  readonly route: string;
  readonly socket: WebSocket;
  readonly streams: Set<string>;
  readonly openedMs: number;
  /** Dresses a payload as this socket wants it (Binance's combined streams). */
  dress(stream: string, payload: string): string;
  /** Answers a message of the client. */
  message(text: string, nowMs: number): void;
}

interface Channel {
  readonly sessions: Set<Session>;
  readonly feed: Feed | null;
  dueMs: number;
}

/** A socket that does not read is closed rather than fed for ever. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const MAX_DELAYED = 100_000;
const SWAP_MS = 120;

export class Hub {
  readonly sessions = new Set<Session>();
  framesSent = 0;
  readonly #channels = new Map<string, Channel>();
  #delayed: { dueMs: number; session: Session; text: string }[] = [];

  constructor(
    readonly faults: Faults,
    readonly random: Random,
    /** True time: faults last by it, whatever the exchange's own clock says. */
    readonly now: () => number,
  ) {}

  subscribe(session: Session, stream: string, feed: Feed | null, nowMs: number): void {
    session.streams.add(stream);
    const key = keyOf(session, stream);
    const known = this.#channels.get(key);
    const channel = known ?? { sessions: new Set(), feed, dueMs: nowMs };
    if (!known) this.#channels.set(key, channel);
    channel.sessions.add(session);
    if (channel.feed?.hello) {
      const hello = channel.feed.hello(nowMs);
      this.send(session, session.dress(stream, hello), stream);
    }
  }

  unsubscribe(session: Session, stream: string): void {
    session.streams.delete(stream);
    const key = keyOf(session, stream);
    const channel = this.#channels.get(key);
    channel?.sessions.delete(session);
    if (channel?.sessions.size === 0) this.#channels.delete(key);
  }

  remove(session: Session): void {
    for (const stream of [...session.streams]) this.unsubscribe(session, stream);
    this.sessions.delete(session);
  }

  /** Sends an event to those who asked for it; `make` runs only where somebody did. */
  publish(at: Where, stream: string, trade: boolean, make: () => string): void {
    const channel = this.#channels.get(keyOf(at, stream));
    if (!channel) return;
    const payload = make();
    for (const session of channel.sessions) {
      const text = session.dress(stream, payload);
      if (trade && !this.faults.none) this.#sendTrade(session, text, stream);
      else this.send(session, text, stream);
    }
  }

  /** Sends what is due: the feeds' next frames, and trades that were held back. */
  tick(nowMs: number): void {
    for (const [key, channel] of this.#channels) {
      if (!channel.feed || channel.dueMs > nowMs) continue;
      channel.dueMs = Math.max(channel.dueMs + channel.feed.everyMs, nowMs);
      const payload = channel.feed.frame(nowMs);
      if (payload === null) continue;
      const stream = key.slice(key.indexOf(" ") + 1);
      for (const session of channel.sessions) {
        this.send(session, session.dress(stream, payload), stream);
      }
    }
    const due = this.#delayed.filter((held) => held.dueMs <= this.now());
    if (due.length > 0) this.#delayed = this.#delayed.filter((held) => held.dueMs > this.now());
    for (const { session, text } of due) this.send(session, text);
  }

  /** Sends text now, unless the socket is stalled or gone. */
  send(session: Session, text: string, stream?: string): void {
    const { socket } = session;
    if (socket.readyState !== WebSocket.OPEN || this.#stalled(session, stream)) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.close(1008, "Slow consumer");
      return;
    }
    this.framesSent++;
    socket.send(text);
  }

  #stalled(session: Session, stream: string | undefined): boolean {
    if (this.faults.none) return false;
    const { venue, route } = session;
    const where = stream === undefined ? { venue, route } : { venue, route, stream };
    return this.faults.find("stall", where, this.now()) !== undefined;
  }

  #sendTrade(session: Session, text: string, stream: string): void {
    const where = { venue: session.venue, route: session.route, stream };
    const nowMs = this.now();
    const lost = this.faults.find("lose", where, nowMs);
    if (lost && this.random.chance(lost.ratio)) return;
    const late = this.faults.find("late", where, nowMs);
    if (late && this.random.chance(late.ratio)) return this.#hold(session, text, late.delayMs);
    const swapped = this.faults.find("reorder", where, nowMs);
    if (swapped && this.random.chance(swapped.ratio)) return this.#hold(session, text, SWAP_MS);
    this.send(session, text, stream);
    const doubled = this.faults.find("duplicate", where, nowMs);
    if (doubled && this.random.chance(doubled.ratio)) this.send(session, text, stream);
  }

  #hold(session: Session, text: string, delayMs: number): void {
    if (this.#delayed.length >= MAX_DELAYED) this.#delayed.shift();
    this.#delayed.push({ dueMs: this.now() + delayMs, session, text });
  }
}

function keyOf(at: Where, stream: string): string {
  return `${at.venue}/${at.route} ${stream}`;
}

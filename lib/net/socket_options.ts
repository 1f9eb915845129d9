/** What a lasting socket is told, and what it tells; shared by its parts. */
import type { Timing } from "./timing.ts";

export interface SocketLimits {
  readonly topicsPerSocket: number;
  readonly topicsPerRequest: number;
  /** All topic names of one socket together. */
  readonly charsPerSocket: number;
  /** Pause between two messages that we send, pings included. */
  readonly requestSpacingMs: number;
  /** The venue cuts the socket at this age; we leave before. */
  readonly maxAgeMs: number;
  /** What to set where the host refuses whoever asks: a variable and another address. */
  readonly elsewhere?: string;
}

/** What a frame said about the connection itself. */
export type SocketNotice =
  /** `id` is `null` where the venue does not repeat it: the oldest open request is meant. */
  | { readonly kind: "ack"; readonly id: number | null }
  | {
    readonly kind: "refused";
    readonly id: number | null;
    readonly reason: string;
    /** These were refused and the rest of the request stands; empty, or all: not known which. */
    readonly topics: readonly string[];
  }
  | { readonly kind: "pong" }
  | { readonly kind: "closing"; readonly reason: string };

/** Called synchronously. Connections are numbered from 1; during a rotation two are up. */
export interface SocketHandlers {
  /** Every text frame. The returned notice, if any, is acted on by the socket. */
  frame(text: string, connection: number): SocketNotice | undefined;
  /** Connected; nothing is subscribed yet. */
  up(connection: number): void;
  /** The venue has confirmed these topics on this connection. */
  subscribed(topics: readonly string[], connection: number): void;
  /** An `up` connection carries nothing any more; no frame of it follows. */
  down(connection: number, reason: string): void;
  /** For the log: something went wrong that the socket deals with by itself. */
  trouble(what: Trouble, detail: string): void;
}

/**
 * - `connect`: an attempt failed; the next one follows after a pause.
 * - `refused`: the venue does not give these topics; left out until the next connection.
 * - `unacked`: a subscription was not answered and is sent once more.
 * - `rotate`: the second connection did not get ready; the old one stays.
 * - `handler`: the `frame` handler threw (said once per connection).
 * - `binary`: a binary frame came (said once per connection; they are only counted).
 * - `close`: a closed socket was not confirmed by the venue in time.
 */
export type Trouble =
  | "connect"
  | "refused"
  | "unacked"
  | "rotate"
  | "handler"
  | "binary"
  | "close";

export interface SocketOptions extends Partial<Timing> {
  /** For logs and metrics: `binance-perp/market#1`. */
  readonly name: string;
  /** `ws:` or `wss:`, complete. */
  readonly url: string;
  readonly topics: readonly string[];
  /** The text that asks for these topics; the ack carries the same `id` where the venue can. */
  subscribe(topics: readonly string[], id: number): string;
  unsubscribe(topics: readonly string[], id: number): string;
  readonly limits: SocketLimits;
  /** Sent every `everyMs` where the venue wants a message rather than a protocol ping. */
  readonly ping: { readonly everyMs: number; readonly frame: string } | null;
  readonly handlers: SocketHandlers;
  /** Without any frame for this long the connection is replaced; 60 s unless told. */
  readonly silenceMs?: number;
}

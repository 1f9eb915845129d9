// This module is pure.
/** What the sockets of all Binance markets share: requests, envelopes, trades, notices. */
import type { Notice, Route, RouteLimits } from "../lib/market/collector.ts";
import type { MarketEvent, Trade } from "../lib/market/events.ts";
import { multiplierOf } from "../lib/market/instrument.ts";
import type { LevelLists } from "./_levels.ts";
import {
  clip,
  flag,
  isRecord,
  type Json,
  price,
  type Reading,
  record,
  size,
  text,
  time,
  whole,
} from "./_wire.ts";

export const HOUR_MS = 3_600_000;

/** Requests in Binance's text; the caller adds what differs per route. */
export const REQUESTS: Pick<Route, "subscribe" | "unsubscribe" | "ping"> = {
  subscribe: (params, id) => JSON.stringify({ method: "SUBSCRIBE", params, id }),
  unsubscribe: (params, id) => JSON.stringify({ method: "UNSUBSCRIBE", params, id }),
  // Binance sends WebSocket pings; the client's pong is all it wants.
  ping: null,
};

/** Limits of one socket. Spot takes 5 messages a second, futures 10; both cut at 24 h. */
export function limitsOf(topicsPerSocket: number): RouteLimits {
  return {
    topicsPerSocket,
    topicsPerRequest: 200,
    charsPerSocket: Infinity,
    requestSpacingMs: 250,
    maxAgeMs: 24 * HOUR_MS,
  };
}

/** Stream names are lower-case, and symbols may hold letters outside ASCII. */
export function streamOf(symbol: string, suffix: string): string {
  return `${symbol.toLowerCase()}@${suffix}`;
}

/** Reads one payload; `stream` is `null` on a raw socket, which does not name it. */
type ReadEvent = (
  data: Json,
  stream: string | null,
  lists: LevelLists,
) => MarketEvent | undefined;

/**
 * Takes a frame of a combined (`{"stream","data"}`) or raw socket apart. Whole-market
 * streams (`!markPrice@arr`) carry a list of payloads.
 */
export function readFrame(decoded: unknown, lists: LevelLists, read: ReadEvent): Reading {
  if (Array.isArray(decoded)) return readAll(decoded, null, lists, read);
  const frame = record(decoded, "the frame");
  if (frame.data === undefined) return read(frame, null, lists) ?? noticeOf(frame);
  const stream = text(frame.stream, "stream");
  if (Array.isArray(frame.data)) return readAll(frame.data, stream, lists, read);
  const data = record(frame.data, "data");
  return read(data, stream, lists) ?? noticeOf(data);
}

function readAll(
  rows: readonly unknown[],
  stream: string | null,
  lists: LevelLists,
  read: ReadEvent,
): MarketEvent[] {
  const events: MarketEvent[] = [];
  for (const row of rows) {
    const event = read(record(row, "a row"), stream, lists);
    if (event) events.push(event);
  }
  return events;
}

/**
 * `{"result":null,"id":1}`, `{"code":2,"msg":"Invalid request: …","id":1}`, the same in
 * `{"error":…,"id":1}`, `{"e":"serverShutdown","E":1770123456789}`; else `undefined`.
 */
function noticeOf(data: Json): Notice | undefined {
  if (data.e !== undefined) {
    if (data.e !== "serverShutdown") return undefined;
    return { kind: "closing", reason: "Binance is shutting this server down" };
  }
  const id = typeof data.id === "number" ? data.id : null;
  const error = isRecord(data.error) ? data.error : data;
  if (typeof error.code === "number" && typeof error.msg === "string") {
    // Binance never names the stream; a symbol that does not exist is acked all the same.
    return { kind: "refused", id, reason: `${error.code}: ${clip(error.msg)}`, topics: [] };
  }
  return data.result === undefined ? undefined : { kind: "ack", id };
}

/**
 * An `aggTrade` (id in `a`) or a `trade` (id in `t`):
 * `{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"64000.10","q":"0.005",
 * "f":100,"l":105,"T":1672515782136,"m":true}`. `m`: the buyer was the maker, so the
 * taker sold.
 */
export function tradeOf(data: Json, id: unknown): Trade {
  const symbol = text(data.s, "s");
  const multiplier = multiplierOf(symbol);
  return {
    kind: "trade",
    symbol,
    timeMs: time(data.T, "T"),
    price: price(data.p, "p", multiplier),
    size: size(data.q, "q", multiplier),
    side: flag(data.m, "m") ? "sell" : "buy",
    id: whole(id, "the trade id"),
  };
}

/** True for `…@depth5/10/20`, whose every frame is a whole small book; `…@depth` is a diff. */
export function isPartialDepth(stream: string | null): stream is string {
  return stream !== null && /@depth(5|10|20)(@|$)/.test(stream);
}

// This module is pure.
/** What the sockets of both Bybit markets share (v5): requests, notices, trades, book. */
import type { Notice, Route } from "../lib/market/collector.ts";
import type { Depth, MarketEvent, Trade } from "../lib/market/events.ts";
import { multiplierOf } from "../lib/market/instrument.ts";
import type { LevelLists } from "./_levels.ts";
import {
  clip,
  type Json,
  levels,
  list,
  price,
  type Reading,
  record,
  size,
  text,
  time,
} from "./_wire.ts";

/** Requests in Bybit's text; the caller adds what differs per market. */
export const REQUESTS: Pick<Route, "subscribe" | "unsubscribe" | "ping"> = {
  subscribe: (args, id) => JSON.stringify({ req_id: String(id), op: "subscribe", args }),
  unsubscribe: (args, id) => JSON.stringify({ req_id: String(id), op: "unsubscribe", args }),
  ping: { everyMs: 20_000, frame: '{"req_id":"ping","op":"ping"}' },
};

/** Bybit names no age; a fresh socket a day costs nothing and outlives silent faults. */
export const MAX_AGE_MS = 24 * 3_600_000;

/** Reads the data of a topic that this market has beyond trades and book. */
type ReadTopic = (topic: string, frame: Json) => Reading;

/** Takes a frame `{"topic","type","ts","data"}` apart, or a reply, which has no topic. */
export function readFrame(decoded: unknown, lists: LevelLists, readMore: ReadTopic): Reading {
  const frame = record(decoded, "the frame");
  const topic = frame.topic;
  if (typeof topic !== "string") return topic === undefined ? noticeOf(frame) : undefined;
  if (topic.startsWith("publicTrade.")) return tradesOf(frame.data);
  if (topic.startsWith("orderbook.")) return depthOf(frame, lists);
  return readMore(topic, frame);
}

/**
 * `{"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"}`,
 * `{"args":["1672916271846"],"op":"pong"}`,
 * `{"success":true,"ret_msg":"","conn_id":"…","req_id":"7","op":"subscribe"}`; else `undefined`.
 */
function noticeOf(frame: Json): Notice | undefined {
  if (frame.op === "pong" || frame.ret_msg === "pong") return { kind: "pong" };
  const id = typeof frame.req_id === "string" && /^\d{1,15}$/.test(frame.req_id)
    ? Number(frame.req_id)
    : null;
  if (frame.success === true) return { kind: "ack", id };
  if (frame.success !== false) return undefined;
  const reason = typeof frame.ret_msg === "string" ? clip(frame.ret_msg) : "no reason given";
  // The answer to the first asking was lost: the topics flow.
  if (reason.includes("already subscribed")) return { kind: "ack", id };
  // One bad topic fails the whole request, so naming it does not say that the rest stands.
  return { kind: "refused", id, reason, topics: [] };
}

/** Reads every row of `data`; the usual frame has one, which needs no list. */
export function readRows(
  data: unknown,
  read: (row: Json) => MarketEvent | undefined,
): MarketEvent | MarketEvent[] | undefined {
  const rows = list(data, "data");
  if (rows.length === 1) return read(record(rows[0], "a row"));
  const events: MarketEvent[] = [];
  for (const row of rows) {
    const event = read(record(row, "a row"));
    if (event) events.push(event);
  }
  return events;
}

function tradesOf(data: unknown): Reading {
  return readRows(data, tradeOf);
}

/**
 * `{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick",
 * "i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":1783284617}`.
 * A block trade (`BT`) is agreed off the book, at its own price, and is left out.
 */
function tradeOf(row: Json): Trade | undefined {
  if (row.BT === true) return undefined;
  const symbol = text(row.s, "s");
  const multiplier = multiplierOf(symbol);
  return {
    kind: "trade",
    symbol,
    timeMs: time(row.T, "T"),
    price: price(row.p, "p", multiplier),
    size: size(row.v, "v", multiplier),
    side: isBuy(row.S, "S") ? "buy" : "sell",
    id: tradeId(row.i, "i"),
  };
}

export function isBuy(value: unknown, name: string): boolean {
  if (value === "Buy") return true;
  if (value === "Sell") return false;
  throw new SyntaxError(`${name} is neither Buy nor Sell`);
}

const NUMERIC_DIGITS = 15;
const DASH = 45;

/**
 * A number for a text id, good for dropping repeats: of a numeric id (spot) the last 15
 * digits, of any other (derivatives send UUIDs) 52 bits made of all its characters: some
 * kinds of UUID begin alike for all trades of a millisecond.
 */
export function tradeId(value: unknown, name: string): number {
  const id = text(value, name);
  if (id.charCodeAt(8) !== DASH && /^\d+$/.test(id)) return Number(id.slice(-NUMERIC_DIGITS));
  // cyrb53, a public-domain hash by bryc: two lanes, mixed as in MurmurHash3 at the end.
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < id.length; at++) {
    // Hex digits of either case are the same id.
    const code = id.charCodeAt(at) | 32;
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
  }
  low = Math.imul(low ^ low >>> 16, 0x85ebca6b) ^ Math.imul(high ^ high >>> 13, 0xc2b2ae35);
  high = Math.imul(high ^ high >>> 16, 0x85ebca6b) ^ Math.imul(low ^ low >>> 13, 0xc2b2ae35);
  return (high >>> 12) * 0x1_0000_0000 + (low >>> 0);
}

/**
 * `{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1680652808085,"data":{"s":"BTCUSDT",
 * "b":[["28161.04","0.177474"],["28145.71","0"]],"a":[],"u":59438061,"seq":4281282232}}`;
 * `u` 1 is a snapshot whatever the type says: the service was restarted.
 */
function depthOf(frame: Json, lists: LevelLists): Depth {
  const data = record(frame.data, "data");
  const symbol = text(data.s, "s");
  const multiplier = multiplierOf(symbol);
  if (frame.type !== "snapshot" && frame.type !== "delta") {
    throw new SyntaxError("type is neither snapshot nor delta");
  }
  return {
    kind: "depth",
    symbol,
    timeMs: time(frame.ts, "ts"),
    snapshot: frame.type === "snapshot" || data.u === 1,
    bids: levels(data.b, "b", multiplier, lists),
    asks: levels(data.a, "a", multiplier, lists),
  };
}

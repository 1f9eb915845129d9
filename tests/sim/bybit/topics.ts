// This module is pure.
/** Which topics Bybit has, and what the clock-driven ones send. */
import type { Feed } from "../engine/feed.ts";
import { changes, LEVELS, type TickLevel } from "../market/book.ts";
import type { Market } from "../market/market.ts";
import { levelTexts, tickerFields } from "./frames.ts";

export interface Topic {
  readonly kind: string;
  readonly symbol: string;
  readonly levels: number;
}

const DEPTHS: ReadonlySet<number> = new Set([1, 50, 200, 1000]);

/** Reads `orderbook.50.BTCUSDT`; `null` where no topic has that shape on that route. */
export function readTopic(text: string, route: string): Topic | null {
  const [kind = "", ...rest] = text.split(".");
  const symbol = rest.at(-1) ?? "";
  if (kind === "orderbook") {
    const levels = Number(rest[0]);
    return rest.length === 2 && DEPTHS.has(levels) ? { kind, symbol, levels } : null;
  }
  if (rest.length !== 1) return null;
  if (kind === "publicTrade" || kind === "tickers") return { kind, symbol, levels: 0 };
  return kind === "allLiquidation" && route === "linear" ? { kind, symbol, levels: 0 } : null;
}

/** The feed of a topic, or `null` where events drive it. */
export function feedOf(market: Market, topic: Topic): Feed | null {
  if (topic.kind === "tickers") return market.listing.perp ? linear(market) : spot(market);
  return topic.kind === "orderbook" ? orderbook(market, topic.levels) : null;
}

/** Spot tickers are always whole. */
function spot(market: Market): Feed {
  const topic = `tickers.${market.listing.symbol}`;
  const frame = (ts: number) =>
    JSON.stringify({ topic, ts, type: "snapshot", cs: ts, data: tickerFields(market, ts) });
  return { everyMs: 250, frame, hello: frame };
}

/** Linear tickers: whole at first, then only what changed. */
function linear(market: Market): Feed {
  const { symbol } = market.listing;
  const topic = `tickers.${symbol}`;
  let sent: Record<string, string> = tickerFields(market, 0);
  return {
    everyMs: 250,
    hello(ts) {
      const data = tickerFields(market, ts);
      return JSON.stringify({ topic, type: "snapshot", data, cs: ts, ts });
    },
    frame(ts) {
      const now = tickerFields(market, ts);
      const changed = Object.entries(now).filter(([name, value]) => sent[name] !== value);
      sent = now;
      if (changed.length === 0) return null;
      const data = { symbol, ...Object.fromEntries(changed) };
      return JSON.stringify({ topic, type: "delta", data, cs: ts, ts });
    },
  };
}

/** A snapshot at first, then changes; level 1 is a snapshot every time. */
function orderbook(market: Market, levels: number): Feed {
  const { symbol } = market.listing;
  const topic = `orderbook.${levels}.${symbol}`;
  const count = Math.min(levels, LEVELS);
  let sentBids: ReadonlyMap<number, number> | null = null;
  let sentAsks: ReadonlyMap<number, number> = new Map();
  let updates = 1;
  const text = (type: string, b: readonly TickLevel[], a: readonly TickLevel[], ts: number) => {
    const sides = { b: levelTexts(market.listing, b), a: levelTexts(market.listing, a) };
    const data = { s: symbol, ...sides, u: updates, seq: market.book.updateId };
    return JSON.stringify({ topic, type, ts, data, cts: ts });
  };
  const look = (ts: number) => {
    const book = market.bookAt(ts);
    return { bids: book.bids(count), asks: book.asks(count) };
  };
  const remember = (bids: readonly TickLevel[], asks: readonly TickLevel[]) => {
    sentBids = new Map(bids);
    sentAsks = new Map(asks);
    updates++;
  };
  return {
    everyMs: 100,
    hello(ts) {
      // A second subscriber joins at the state that the first one has.
      if (sentBids) return text("snapshot", [...sentBids], [...sentAsks], ts);
      const { bids, asks } = look(ts);
      remember(bids, asks);
      return text("snapshot", bids, asks, ts);
    },
    frame(ts) {
      const { bids, asks } = look(ts);
      const b = changes(sentBids ?? new Map(), bids);
      const a = changes(sentAsks, asks);
      remember(bids, asks);
      return levels === 1 ? text("snapshot", bids, asks, ts) : text("delta", b, a, ts);
    },
  };
}

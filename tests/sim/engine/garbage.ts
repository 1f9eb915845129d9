/**
 * Frames that no careful reader takes: cut off, of the wrong types, impossible. Those
 * that look like trades repeat the newest id, so that a reader who drops them whole
 * loses nothing.
 */
import { aggTrade } from "../binance/frames.ts";
import { publicTrade } from "../bybit/frames.ts";
import type { Garbage } from "./faults.ts";
import type { Hub, Session } from "./hub.ts";
import type { Market } from "../market/market.ts";
import type { Print } from "../market/tape.ts";
import type { World } from "../market/world.ts";

const YEAR_MS = 365 * 86_400_000;
const HUGE_BYTES = 10 * 1024 * 1024;

/** Those that come by turns; `huge` is only sent where it is asked for. */
const GARBAGE: readonly Garbage[] = [
  "cut",
  "null",
  "types",
  "negative",
  "old",
  "future",
  "unknown",
  "text",
];

/** Sends what garbage faults ask for in the time since the last tick. */
export function sendGarbage(hub: Hub, world: World, nowMs: number, tickMs: number): void {
  for (const session of hub.sessions) {
    const fault = hub.faults.find("garbage", session, hub.now());
    if (!fault) continue;
    const mean = (fault.perSecond ?? 5) * (tickMs > 0 ? tickMs : 1000) / 1000;
    for (let count = hub.random.poisson(mean); count > 0; count--) {
      const what = fault.what ?? GARBAGE[hub.framesSent % GARBAGE.length] ?? "null";
      const stream = [...session.streams].find(isTrades) ?? "btcusdt@aggTrade";
      const market = marketOf(world, session, stream);
      const dress = (payload: string) => session.dress(stream, payload);
      if (market) hub.send(session, garbage(what, market, nowMs, dress));
    }
  }
}

function isTrades(stream: string): boolean {
  return stream.endsWith("@aggTrade") || stream.startsWith("publicTrade.");
}

function marketOf(world: World, session: Session, stream: string): Market | undefined {
  const symbol = stream.replace(/^.*\./, "").replace(/@.*$/, "").toUpperCase();
  return world.market(session.venue, symbol) ?? world.market(session.venue, "BTCUSDT");
}

/** A broken frame about a market; `dress` wraps what is a payload at all. */
function garbage(
  what: Garbage,
  market: Market,
  nowMs: number,
  dress: (payload: string) => string,
): string {
  const print = newest(market, nowMs);
  switch (what) {
    case "cut":
      return dress(trade(market, print, nowMs)).slice(0, 57);
    case "null":
      return dress("null");
    case "types":
      return dress(trade(market, print, nowMs).replace(/"(p|v|q)":"[^"]*"/g, '"$1":{"x":[]}'));
    case "negative":
      return dress(trade(market, { ...print, steps: -print.steps }, nowMs));
    case "old":
      return dress(trade(market, { ...print, timeMs: 1000 }, nowMs));
    case "future":
      return dress(trade(market, { ...print, timeMs: nowMs + YEAR_MS }, nowMs));
    case "unknown":
      return dress(JSON.stringify({ e: "moonPhase", topic: "moonPhase.BTCUSDT", E: nowMs, p: 1 }));
    case "text":
      return "<html><body>502 Bad Gateway</body></html>";
    case "huge":
      return dress(JSON.stringify({ e: "aggTrade", topic: "", p: "9".repeat(HUGE_BYTES) }));
  }
}

function newest(market: Market, nowMs: number): Print {
  const [print] = market.tape.newest({ limit: 1 });
  const { nextId, lastTicks } = market.tape;
  return print ??
    { id: nextId - 1, timeMs: nowMs, ticks: lastTicks, steps: 1, buy: true, block: false };
}

function trade(market: Market, print: Print, nowMs: number): string {
  const { listing } = market;
  return listing.venue.startsWith("binance")
    ? aggTrade(listing, print, nowMs)
    : publicTrade(listing, [print], nowMs);
}

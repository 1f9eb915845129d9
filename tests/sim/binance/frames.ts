// This module is pure.
/** What Binance pushes, as text; spot pads every decimal to eight digits. */
import { decimal } from "../engine/decimal.ts";
import type { Listing } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import type { Print } from "../market/tape.ts";
import type { Liquidation } from "../market/world.ts";

export function priceText(listing: Listing, ticks: number): string {
  return decimal(ticks, listing.priceDecimals, listing.perp ? 0 : 8);
}

export function sizeText(listing: Listing, steps: number): string {
  return decimal(steps, listing.sizeDecimals, listing.perp ? 0 : 8);
}

/** A price that is no multiple of the tick: mark and index. */
export function fineText(price: number): string {
  return price.toFixed(8);
}

/** Raw trades merged into a print: one, one, two and one, over and over. */
export function rawIds(id: number): { first: number; last: number } {
  const first = Math.floor(id / 4) * 5 + ([0, 1, 2, 4][id % 4] ?? 0);
  return { first, last: id % 4 === 2 ? first + 1 : first };
}

/** The REST row of a print; on the stream it has a few fields more. */
export function aggTradeRow(listing: Listing, print: Print) {
  const { first, last } = rawIds(print.id);
  const quantity = sizeText(listing, print.steps);
  const row = { a: print.id, p: priceText(listing, print.ticks), q: quantity };
  const rest = { f: first, l: last, T: print.timeMs, m: !print.buy };
  // Every seventh print has filled against a retail order, which `nq` leaves out.
  const plain = print.id % 7 === 0 ? sizeText(listing, Math.floor(print.steps / 2)) : quantity;
  return listing.perp ? { ...row, nq: plain, ...rest } : { ...row, ...rest, M: true };
}

export function aggTrade(listing: Listing, print: Print, eventMs: number): string {
  const head = { e: "aggTrade", E: eventMs, s: listing.symbol };
  const row = aggTradeRow(listing, print);
  return JSON.stringify(listing.perp ? { ...head, ...row, st: 1 } : { ...head, ...row });
}

/** The raw trades of a print, `<s>@trade`. */
export function rawTrades(listing: Listing, print: Print, eventMs: number): string[] {
  const { first, last } = rawIds(print.id);
  const part = last > first && print.steps > 1 ? Math.floor(print.steps / 2) : print.steps;
  const sizes = last > first && print.steps > 1 ? [part, print.steps - part] : [part];
  return sizes.map((steps, nth) =>
    JSON.stringify({
      e: "trade",
      E: eventMs,
      ...(listing.perp ? { T: print.timeMs } : {}),
      s: listing.symbol,
      t: first + nth,
      p: priceText(listing, print.ticks),
      q: sizeText(listing, steps),
      ...(listing.perp ? { X: "MARKET" } : { T: print.timeMs }),
      m: !print.buy,
      ...(listing.perp ? {} : { M: true }),
    })
  );
}

export function forceOrder(listing: Listing, liquidation: Liquidation, eventMs: number): string {
  const price = priceText(listing, liquidation.ticks);
  const quantity = sizeText(listing, liquidation.steps);
  const o = {
    s: listing.symbol,
    // The side of the order, not of the position.
    S: liquidation.long ? "SELL" : "BUY",
    o: "LIMIT",
    f: "IOC",
    q: quantity,
    p: priceText(listing, Math.round(liquidation.ticks * (liquidation.long ? 0.995 : 1.005))),
    ap: price,
    X: "FILLED",
    l: quantity,
    z: quantity,
    T: liquidation.timeMs,
  };
  return JSON.stringify({ e: "forceOrder", E: eventMs, o, ps: listing.symbol, st: 1 });
}

/** A COIN-M liquidation, which comes along on the whole-market streams: contracts of 100 USD. */
export function coinForceOrder(price: number, eventMs: number): string {
  const p = price.toFixed(1);
  const o = { s: "BTCUSD_PERP", S: "SELL", o: "LIMIT", f: "IOC", q: "250", p, ap: p };
  const rest = { X: "FILLED", l: "250", z: "250", T: eventMs };
  return JSON.stringify({
    e: "forceOrder",
    E: eventMs,
    o: { ...o, ...rest },
    ps: "BTCUSD",
    st: 2,
  });
}

export function markPrice(market: Market, nowMs: number) {
  return {
    e: "markPriceUpdate",
    E: nowMs,
    s: market.listing.symbol,
    p: fineText(market.markPrice),
    ap: fineText(market.markPrice),
    i: fineText(market.indexPrice),
    P: fineText(market.indexPrice),
    r: market.fundingRate(nowMs).toFixed(8),
    T: market.nextFundingMs(nowMs),
    st: 1,
  };
}

export function levelTexts(listing: Listing, levels: readonly (readonly [number, number])[]) {
  return levels.map(([ticks, steps]) => [priceText(listing, ticks), sizeText(listing, steps)]);
}

/** A partial book; on spot it names neither its symbol nor a time. */
export function partialDepth(market: Market, levels: number, nowMs: number): string {
  const { listing } = market;
  const book = market.bookAt(nowMs);
  const bids = levelTexts(listing, book.bids(levels));
  const asks = levelTexts(listing, book.asks(levels));
  if (!listing.perp) return JSON.stringify({ lastUpdateId: book.updateId, bids, asks });
  const ids = { U: book.updateId - 1, u: book.updateId, pu: book.updateId - 2 };
  const names = { s: listing.symbol, ps: listing.symbol };
  const head = { e: "depthUpdate", E: nowMs, T: nowMs };
  return JSON.stringify({ ...head, ...names, ...ids, b: bids, a: asks, st: 1 });
}

export function bookTicker(market: Market, nowMs: number): string {
  const { listing } = market;
  const book = market.bookAt(nowMs);
  const [bid] = levelTexts(listing, book.bids(1));
  const [ask] = levelTexts(listing, book.asks(1));
  const sides = { b: bid?.[0], B: bid?.[1], a: ask?.[0], A: ask?.[1] };
  if (!listing.perp) return JSON.stringify({ u: book.updateId, s: listing.symbol, ...sides });
  const names = { s: listing.symbol, ps: listing.symbol };
  const head = { e: "bookTicker", u: book.updateId };
  return JSON.stringify({ ...head, ...names, ...sides, T: nowMs, E: nowMs, st: 1 });
}

// This module is pure.
/** What Bybit v5 pushes, as text. Spot and linear differ in ids and in the order of fields. */
import { decimal } from "../engine/decimal.ts";
import { seedOf } from "../market/random.ts";
import type { Listing } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import type { Print } from "../market/tape.ts";
import type { Liquidation } from "../market/world.ts";

export function priceText(listing: Listing, ticks: number): string {
  return decimal(ticks, listing.priceDecimals);
}

export function sizeText(listing: Listing, steps: number): string {
  return decimal(steps, listing.sizeDecimals);
}

/** A UUID on derivatives, a long decimal number beyond 2^53 on spot. */
export function execId(listing: Listing, id: number): string {
  if (!listing.perp) return `22900000${String(id).padStart(11, "0")}`;
  const hex = (nth: number) => seedOf(listing.symbol, id, nth).toString(16).padStart(8, "0");
  const [a, b, c, d] = [hex(0), hex(1), hex(2), hex(3)];
  return `${a}-${b.slice(0, 4)}-5${b.slice(5)}-b${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

export function isRetail(print: Print): boolean {
  return print.id % 7 === 0;
}

function tradeRow(listing: Listing, print: Print) {
  const id = execId(listing, print.id);
  const size = { v: sizeText(listing, print.steps), p: priceText(listing, print.ticks) };
  const flags = { BT: print.block, RPI: isRetail(print), seq: 112_000_000_000 + print.id };
  const side = print.buy ? "Buy" : "Sell";
  return listing.perp
    ? { T: print.timeMs, s: listing.symbol, S: side, ...size, L: "PlusTick", i: id, ...flags }
    : { i: id, T: print.timeMs, ...size, S: side, s: listing.symbol, ...flags };
}

/** One message may hold several trades, at most 1024. */
export function publicTrade(listing: Listing, prints: readonly Print[], ts: number): string {
  const data = prints.map((print) => tradeRow(listing, print));
  const topic = `publicTrade.${listing.symbol}`;
  const type = "snapshot";
  return JSON.stringify(listing.perp ? { topic, type, ts, data } : { topic, ts, type, data });
}

/** `S` is the side of the position: `Buy` says that a long was liquidated. */
export function allLiquidation(
  listing: Listing,
  liquidations: readonly Liquidation[],
  ts: number,
): string {
  const data = liquidations.map((liquidation) => ({
    T: liquidation.timeMs,
    s: listing.symbol,
    S: liquidation.long ? "Buy" : "Sell",
    v: sizeText(listing, liquidation.steps),
    p: priceText(listing, liquidation.ticks),
  }));
  return JSON.stringify({ topic: `allLiquidation.${listing.symbol}`, type: "snapshot", ts, data });
}

/** The ticker's fields as they stand, in Bybit's names; the REST row has the same ones. */
export function tickerFields(market: Market, nowMs: number): Record<string, string> {
  const { listing, lastPrice } = market;
  const price = (value: number) => value.toFixed(listing.priceDecimals);
  const open = Math.exp(market.tape.past.options.path[0] ?? 0) * listing.multiplier;
  const day = {
    symbol: listing.symbol,
    lastPrice: price(lastPrice),
    highPrice24h: price(Math.max(open, lastPrice)),
    lowPrice24h: price(Math.min(open, lastPrice)),
    prevPrice24h: price(open),
    volume24h: (market.dayQuote / lastPrice).toFixed(4),
    turnover24h: market.dayQuote.toFixed(4),
    price24hPcnt: (lastPrice / open - 1).toFixed(6),
  };
  if (!listing.perp) return { ...day, usdIndexPrice: market.indexPrice.toFixed(8) };
  // Rounded first, so that both sides are exactly twice one side.
  const single = Number(market.openInterest.toFixed(listing.sizeDecimals));
  const coins = (value: number) => value.toFixed(listing.sizeDecimals);
  const { markPrice } = market;
  return {
    ...day,
    markPrice: price(markPrice),
    indexPrice: price(market.indexPrice),
    prevPrice1h: price(open),
    // Both sides, and one side.
    openInterest: coins(single * 2),
    openInterestValue: (single * 2 * markPrice).toFixed(2),
    singleOpenInterest: coins(single),
    singleOpenInterestValue: (single * markPrice).toFixed(2),
    fundingRate: String(market.fundingRate(nowMs)),
    nextFundingTime: String(market.nextFundingMs(nowMs)),
    fundingIntervalHour: String(listing.fundingHours),
    fundingCap: "0.005",
    bid1Price: priceText(listing, market.tape.lastTicks - 1),
    bid1Size: "1",
    ask1Price: priceText(listing, market.tape.lastTicks + 1),
    ask1Size: "1",
  };
}

export function levelTexts(listing: Listing, levels: readonly (readonly [number, number])[]) {
  return levels.map(([ticks, steps]) => [
    priceText(listing, ticks),
    // A deleted level is a bare zero.
    steps === 0 ? "0" : sizeText(listing, steps),
  ]);
}

// This module is pure.
/** Puts what happened on the markets on the streams that carry it. */
import { aggTrade, forceOrder, rawTrades } from "../binance/frames.ts";
import { allLiquidation, publicTrade } from "../bybit/frames.ts";
import type { Where } from "./faults.ts";
import type { Happened } from "../market/world.ts";

export interface Publisher {
  publish(at: Where, stream: string, trade: boolean, make: () => string): void;
}

/** Trades per message, at most. */
const BATCH = 1024;

export function publish(hub: Publisher, happened: Happened, nowMs: number): void {
  if (happened.market.listing.venue.startsWith("binance")) binance(hub, happened, nowMs);
  else bybit(hub, happened, nowMs);
}

function binance(hub: Publisher, { market, prints, liquidations }: Happened, nowMs: number): void {
  const { listing } = market;
  const { venue } = listing;
  const name = listing.symbol.toLowerCase();
  const at = { venue, route: venue === "binance-spot" ? "stream" : "market" };
  // The undocumented futures @trade flows on /public, and on the path from before the split.
  const raw = venue === "binance-spot" ? ["stream"] : ["public", "legacy"];
  for (const print of prints) {
    hub.publish(at, `${name}@aggTrade`, true, () => aggTrade(listing, print, nowMs));
    for (const route of raw) {
      const count = print.id % 4 === 2 && print.steps > 1 ? 2 : 1;
      for (let nth = 0; nth < count; nth++) {
        hub.publish(
          { venue, route },
          `${name}@trade`,
          true,
          () => rawTrades(listing, print, nowMs)[nth] ?? "",
        );
      }
    }
  }
  for (const liquidation of liquidations) {
    for (const stream of [`${name}@forceOrder`, "!forceOrder@arr"]) {
      hub.publish(at, stream, false, () => forceOrder(listing, liquidation, nowMs));
    }
  }
}

function bybit(hub: Publisher, { market, prints, liquidations }: Happened, nowMs: number): void {
  const { listing } = market;
  const at = { venue: listing.venue, route: listing.perp ? "linear" : "spot" };
  for (let from = 0; from < prints.length; from += BATCH) {
    const batch = prints.slice(from, from + BATCH);
    const topic = `publicTrade.${listing.symbol}`;
    hub.publish(at, topic, true, () => publicTrade(listing, batch, nowMs));
  }
  if (liquidations.length === 0) return;
  const topic = `allLiquidation.${listing.symbol}`;
  hub.publish(at, topic, false, () => allLiquidation(listing, liquidations, nowMs));
}

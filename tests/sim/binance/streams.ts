// This module is pure.
/**
 * Which Binance streams exist on which path. A stream asked for elsewhere, misspelt or
 * in capitals is acknowledged and silent, as on the real exchange.
 */
import type { Feed } from "../engine/feed.ts";
import type { VenueName } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import type { World } from "../market/world.ts";
import { bookTicker, coinForceOrder, fineText, markPrice, partialDepth } from "./frames.ts";

/** Futures streams that flow on `/public`; all others belong to `/market`. */
const PUBLIC = /@(bookTicker|trade|depth\d*(@\d+ms)?)$/;

/**
 * The feed of a stream; `null` where it is event-driven, or silent because nothing is
 * ever published under that name and path.
 */
export function feedOf(world: World, venue: VenueName, route: string, stream: string): Feed | null {
  if (venue === "binance-spot") return symbolFeed(world, venue, stream);
  const isPublic = PUBLIC.test(stream);
  // The path from before the split of 2026-04-23 still carries what is public now.
  if (isPublic !== (route !== "market")) return null;
  return wholeMarketFeed(world, stream) ?? symbolFeed(world, venue, stream);
}

function symbolFeed(world: World, venue: VenueName, stream: string): Feed | null {
  const at = stream.indexOf("@");
  const name = stream.slice(0, at);
  if (at < 1 || name !== name.toLowerCase()) return null;
  const market = world.market(venue, name.toUpperCase());
  const kind = stream.slice(at + 1);
  if (!market) return null;
  const depth = /^depth(5|10|20)(@(100|500)ms)?$/.exec(kind);
  if (depth) return depthFeed(market, Number(depth[1]), depth[3]);
  if (kind === "bookTicker") return { everyMs: 100, frame: (nowMs) => bookTicker(market, nowMs) };
  if (venue === "binance-perp" && (kind === "markPrice" || kind === "markPrice@1s")) {
    const everyMs = kind === "markPrice" ? 3000 : 1000;
    return { everyMs, frame: (nowMs) => JSON.stringify(markPrice(market, nowMs)) };
  }
  return null;
}

function depthFeed(market: Market, levels: number, speed: string | undefined): Feed {
  const standardMs = market.listing.perp ? 250 : 1000;
  const everyMs = speed === undefined ? standardMs : Number(speed);
  return { everyMs, frame: (nowMs) => partialDepth(market, levels, nowMs) };
}

/** Whole-market streams; since 2026-06-30 they carry COIN-M contracts too, marked `st: 2`. */
function wholeMarketFeed(world: World, stream: string): Feed | null {
  const bitcoin = world.market("binance-perp", "BTCUSDT");
  if (stream === "!forceOrder@arr") {
    const frame = (nowMs: number) => bitcoin ? coinForceOrder(bitcoin.markPrice, nowMs) : null;
    return { everyMs: 5000, frame };
  }
  if (stream !== "!markPrice@arr" && stream !== "!markPrice@arr@1s") return null;
  return {
    everyMs: stream.endsWith("1s") ? 1000 : 3000,
    frame(nowMs) {
      const rows: unknown[] = world.on("binance-perp").map((market) => markPrice(market, nowMs));
      if (bitcoin) {
        const p = fineText(bitcoin.markPrice);
        rows.push({
          ...markPrice(bitcoin, nowMs),
          s: "BTCUSD_PERP",
          p,
          ap: p,
          ps: "BTCUSD",
          st: 2,
        });
      }
      return JSON.stringify(rows);
    },
  };
}

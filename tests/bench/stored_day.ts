/**
 * A service's memory after a day: 20 symbols on four venues, 24 h in a store on disk, the
 * newest two hours in the head. Nothing is connected.
 */
import { COLLECTORS } from "../../collectors/mod.ts";
import { createLog } from "../../lib/log.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Ticker } from "../../lib/market/collector.ts";
import type { SeriesBucket, Store } from "../../lib/store/mod.ts";
import { Tape } from "../../lib/tape/tape.ts";
import { assetsOf } from "../sim/market/listing.ts";
import type { Market } from "../sim/market/market.ts";
import type { MinuteTruth } from "../sim/market/tape.ts";
import { World } from "../sim/market/world.ts";
import { SYMBOLS } from "./frames.ts";

/** Enough for a price in nearly every minute of the busier half of the symbols. */
const TRADES_PER_SECOND = 10;

/** A market that has traded for so many minutes before `endMs`. */
export function pastWorld(minutes: number, endMs: number): World {
  return new World({
    seed: 1,
    assets: assetsOf(SYMBOLS),
    tradesPerSecond: TRADES_PER_SECOND,
    historyMinutes: minutes,
    startMs: endMs,
    cascadesPerHour: 0,
    keepPrints: 1,
  });
}

/** The past of all its markets, minute by minute. */
export function* minutesOf(world: World): Generator<{ minute: number; rows: SeriesBucket[] }> {
  const truths = world.markets.map((market) => ({ market, truth: market.tape.truth() }));
  for (let index = 0; index < world.options.historyMinutes; index++) {
    const rows = truths.flatMap(({ market, truth }) => {
      const row = truth[index];
      const { venue, symbol } = market.listing;
      return row ? [{ series: { venue, symbol }, bucket: bucketOf(market, row) }] : [];
    });
    yield { minute: (rows[0]?.bucket.t ?? 0) / MINUTE_MS, rows };
  }
}

/** A whole live minute with everything that the venue would have told. */
function bucketOf({ listing, openInterest }: Market, row: MinuteTruth): Bucket {
  const { perp, venue, fundingHours } = listing;
  const { liqLongQuote, liqShortQuote, liqLongs, liqShorts, ...trades } = row;
  // Some value that moves with time, so that no column is a constant.
  const wave = Math.sin(row.t / 3_000_000);
  return {
    ...emptyBucket(row.t),
    ...trades,
    volBase: row.buyBase + row.sellBase,
    volQuote: row.buyQuote + row.sellQuote,
    largeBuyQuote: 0,
    largeSellQuote: 0,
    ...(perp ? { liqLongQuote, liqShortQuote, liqLongs, liqShorts } : {}),
    ...(perp ? { oiBase: openInterest * (1 + 0.01 * wave), markPrice: row.c } : {}),
    ...(perp ? { fundingRate: 0.0001 * wave, fundingIntervalHours: fundingHours } : {}),
    imbalance: 0.3 * wave,
    imbalanceSamples: venue.startsWith("binance") ? 60 : 55,
    coverageMs: MINUTE_MS,
    source: "live",
  };
}

/** Writes the past into the store and rolls its hours up, as the service does hourly. */
export async function fillStore(store: Store, world: World, nowMs: number): Promise<void> {
  for (const { minute, rows } of minutesOf(world)) await store.writeMinute(minute, rows);
  await store.rollUp(nowMs);
}

/** The tape of a service that was started on this store, with its lists and tickers read. */
export async function openStoredTape(store: Store, world: World, nowMs: number): Promise<Tape> {
  const tape = new Tape({
    collectors: COLLECTORS,
    symbols: { kind: "list", assets: world.options.assets.map(({ name }) => name) },
    endpoints: {},
    store,
    retentionHours: 72,
    log: createLog({ level: "error" }),
    alarm: () => {},
  });
  // Aborted beforehand: no venue is asked for its time.
  await tape.reseed(AbortSignal.abort());
  for (const { venue } of COLLECTORS) {
    const markets = world.markets.filter(({ listing }) => listing.venue === venue);
    tape.universe.list(
      venue,
      markets.map(({ listing: { symbol, asset: base, multiplier } }) => (
        { venue, symbol, base, quote: "USDT", multiplier }
      )),
    );
    tape.universe.setTickers(venue, markets.map(tickerOf), nowMs);
  }
  return tape;
}

function tickerOf({ listing, lastPrice, dayQuote, openInterest }: Market, index: number): Ticker {
  return {
    symbol: listing.symbol,
    lastPrice: lastPrice / listing.multiplier,
    quoteVolume24h: dayQuote,
    change24h: 0.05 * Math.sin(index),
    oiBase: listing.perp ? openInterest : null,
    fundingRate: listing.perp ? 0.0001 : null,
  };
}

// This module is pure.
/**
 * What is listed where. The venues' own names and precisions; one asset (HYPE) trades on
 * Bybit alone, and PEPE's perpetuals trade thousands of coins, as on the real venues.
 */

export type VenueName = "binance-spot" | "binance-perp" | "bybit-spot" | "bybit-perp";

export const VENUES: readonly VenueName[] = [
  "binance-spot",
  "binance-perp",
  "bybit-spot",
  "bybit-perp",
];

export function isVenue(text: unknown): text is VenueName {
  return VENUES.some((venue) => venue === text);
}

export interface Asset {
  readonly name: string;
  /** USD at the beginning of history. */
  readonly price: number;
  /** Share of all trades, relative to the other assets. */
  readonly weight: number;
  /** Standard deviation of the log price over one second. */
  readonly volatility: number;
}

export interface Listing {
  readonly venue: VenueName;
  /** The venue's own name of the market, `1000PEPEUSDT`. */
  readonly symbol: string;
  readonly asset: string;
  /** The venue's own name of the base coin, `1000PEPE`. */
  readonly baseAsset: string;
  /** Real coins per traded coin. */
  readonly multiplier: number;
  readonly perp: boolean;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** Share of all trades, relative to the other markets. */
  readonly weight: number;
  /** Distance of the market's price from the asset's, as a fraction. */
  readonly basis: number;
  readonly fundingHours: number;
}

const KNOWN: readonly (readonly [name: string, price: number, weight: number])[] = [
  ["BTC", 65_000, 10],
  ["ETH", 3_400, 6],
  ["SOL", 155, 4],
  ["PEPE", 0.0000121, 2],
  ["DOGE", 0.21, 2],
  ["XRP", 2.4, 2],
  ["HYPE", 38, 1],
  ["BNB", 890, 1],
  ["ADA", 0.62, 1],
  ["AVAX", 27, 1],
  ["LINK", 17, 1],
  ["SUI", 3.1, 1],
  ["TRX", 0.31, 1],
  ["LTC", 98, 1],
  ["DOT", 4.1, 1],
  ["NEAR", 2.6, 1],
  ["UNI", 8.4, 1],
  ["APT", 4.9, 1],
  ["ARB", 0.43, 1],
  ["AAVE", 260, 1],
];

/** The asset that Bybit alone lists. */
export const BYBIT_ONLY = "HYPE";

const TRADED_IN_THOUSANDS: ReadonlySet<string> = new Set(["PEPE"]);
const SHARES: Readonly<Record<VenueName, number>> = {
  "binance-spot": 2,
  "binance-perp": 4,
  "bybit-spot": 1,
  "bybit-perp": 3,
};

/** The first `count` assets: known names first, then made-up ones (`ZAA`, `ZAB` …). */
export function assetsOf(count: number): Asset[] {
  return Array.from({ length: count }, (_, index) => {
    const [name, price, weight] = KNOWN[index] ?? madeUp(index - KNOWN.length);
    return { name, price, weight, volatility: name === "BTC" ? 0.00008 : 0.00014 };
  });
}

function madeUp(index: number): readonly [string, number, number] {
  const letter = (n: number) => String.fromCharCode(65 + n % 26);
  return [`Z${letter(Math.floor(index / 26))}${letter(index)}`, 1 + (index % 90), 0.5];
}

/** All markets of these assets. */
export function listingsOf(assets: readonly Asset[]): Listing[] {
  return assets.flatMap((asset) =>
    VENUES.filter((venue) => asset.name !== BYBIT_ONLY || venue.startsWith("bybit"))
      .map((venue) => listingOf(asset, venue))
  );
}

function listingOf(asset: Asset, venue: VenueName): Listing {
  const perp = venue.endsWith("perp");
  const multiplier = perp && TRADED_IN_THOUSANDS.has(asset.name) ? 1000 : 1;
  const baseAsset = multiplier === 1 ? asset.name : `${multiplier}${asset.name}`;
  const magnitude = Math.floor(Math.log10(asset.price * multiplier));
  return {
    venue,
    symbol: `${baseAsset}USDT`,
    asset: asset.name,
    baseAsset,
    multiplier,
    perp,
    // Spot's finest tick is 1e-8.
    priceDecimals: Math.min(8, Math.max(1, 5 - magnitude)),
    sizeDecimals: Math.max(0, magnitude) + (perp || magnitude < 0 ? 0 : 1),
    weight: asset.weight * SHARES[venue],
    basis: (perp ? 0.0003 : 0) + (venue.startsWith("bybit") ? -0.00005 : 0.00005),
    // Binance says 8 h by not listing a symbol in fundingInfo; DOGE is the exception here.
    fundingHours: asset.name === "DOGE" ? 4 : 8,
  };
}

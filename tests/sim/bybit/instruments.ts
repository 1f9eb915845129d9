/** Bybit's lists of instruments, in pages on linear, with rows that do not trade here. */
import type { Listing, VenueName } from "../market/listing.ts";
import type { World } from "../market/world.ts";

export interface InstrumentsAsked {
  readonly world: World;
  readonly query: URLSearchParams;
}

/** Dated, quoted in another coin, not open yet, gone. */
const NOISE: readonly Record<string, unknown>[] = [
  { symbol: "BTCUSDT-25DEC26", contractType: "LinearFutures", baseCoin: "BTC" },
  { symbol: "NEWUSDT", baseCoin: "NEW", status: "PreLaunch" },
  { symbol: "LUNAUSDT", baseCoin: "LUNA", status: "Closed" },
];

export function instruments(asked: InstrumentsAsked, venue: VenueName): unknown {
  const { world, query } = asked;
  const spot = venue === "bybit-spot";
  const rows = world.on(venue).map(({ listing }) => spot ? spotRow(listing) : linearRow(listing));
  const [sample] = rows;
  const noise = spot || !sample ? [] : NOISE.map((row) => ({ ...sample, ...row }));
  const symbol = query.get("symbol");
  const status = query.get("status");
  const all = [...rows, ...noise].filter((row) =>
    (symbol === null || row.symbol === symbol) && (status === null || row.status === status)
  );
  const category = query.get("category");
  // Spot answers with everything at once and knows no cursor.
  if (spot) return { category, list: all };
  const limit = Math.min(Number(query.get("limit") ?? 500), 1000);
  const from = Number((query.get("cursor") ?? "").replace("page%3D", "").replace("page=", ""));
  const list = all.slice(from, from + limit);
  const next = from + limit < all.length ? `page%3D${from + limit}` : "";
  return { category, list, nextPageCursor: next };
}

function spotRow(listing: Listing) {
  return {
    symbol: listing.symbol,
    baseCoin: listing.baseAsset,
    quoteCoin: "USDT",
    innovation: "0",
    status: "Trading",
    marginTrading: "utaOnly",
    lotSizeFilter: { basePrecision: (10 ** -listing.sizeDecimals).toFixed(listing.sizeDecimals) },
    priceFilter: { tickSize: (10 ** -listing.priceDecimals).toFixed(listing.priceDecimals) },
  };
}

function linearRow(listing: Listing) {
  return {
    symbol: listing.symbol,
    contractType: "LinearPerpetual",
    status: "Trading",
    baseCoin: listing.baseAsset,
    quoteCoin: "USDT",
    settleCoin: "USDT",
    launchTime: "1699990000000",
    deliveryTime: "0",
    priceScale: String(listing.priceDecimals),
    priceFilter: { tickSize: (10 ** -listing.priceDecimals).toFixed(listing.priceDecimals) },
    lotSizeFilter: { qtyStep: (10 ** -listing.sizeDecimals).toFixed(listing.sizeDecimals) },
    fundingInterval: listing.fundingHours * 60,
    upperFundingRate: "0.005",
    lowerFundingRate: "-0.005",
  };
}

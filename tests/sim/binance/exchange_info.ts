/** Binance's lists of symbols, with rows that a careful reader must leave out. */
import type { Listing } from "../market/listing.ts";
import type { Asked } from "./asked.ts";

export function exchangeInfo({ world, venue, nowMs }: Asked): unknown {
  const spot = venue === "binance-spot";
  const rows = world.on(venue).map(({ listing }) => spot ? spotRow(listing) : perpRow(listing));
  const [sample] = rows;
  return {
    timezone: "UTC",
    serverTime: nowMs,
    rateLimits: [{
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 1,
      limit: spot ? 6000 : 2400,
    }],
    exchangeFilters: [],
    symbols: sample ? [...rows, ...(spot ? SPOT_NOISE : PERP_NOISE).map(over(sample))] : rows,
  };
}

/** Halted, gone, quoted in another coin, dated, not crypto: none of them trades here. */
const SPOT_NOISE: readonly Record<string, unknown>[] = [
  { symbol: "LUNAUSDT", baseAsset: "LUNA", status: "BREAK" },
  { symbol: "ETHBTC", baseAsset: "ETH", quoteAsset: "BTC" },
  { symbol: "币安人生USDT", baseAsset: "币安人生", status: "HALT" },
];

const PERP_NOISE: readonly Record<string, unknown>[] = [
  {
    symbol: "BTCUSDT_261225",
    pair: "BTCUSDT",
    contractType: "CURRENT_QUARTER",
    deliveryDate: 1_798_185_600_000,
  },
  { symbol: "TSLAUSDT", baseAsset: "TSLA", contractType: "TRADIFI_PERPETUAL" },
  { symbol: "LUNAUSDT", baseAsset: "LUNA", status: "SETTLING" },
  { symbol: "ETHBTC", baseAsset: "ETH", quoteAsset: "BTC", marginAsset: "BTC" },
];

function over(sample: object): (row: Record<string, unknown>) => object {
  return (row) => ({ ...sample, ...row });
}

function filters(listing: Listing): unknown[] {
  const unit = (decimals: number) => (10 ** -decimals).toFixed(listing.perp ? decimals : 8);
  return [
    { filterType: "PRICE_FILTER", tickSize: unit(listing.priceDecimals) },
    { filterType: "LOT_SIZE", stepSize: unit(listing.sizeDecimals) },
  ];
}

function spotRow(listing: Listing) {
  return {
    symbol: listing.symbol,
    status: "TRADING",
    baseAsset: listing.baseAsset,
    baseAssetPrecision: 8,
    quoteAsset: "USDT",
    quotePrecision: 8,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: true,
    filters: filters(listing),
    permissions: [],
  };
}

function perpRow(listing: Listing) {
  return {
    symbol: listing.symbol,
    pair: listing.symbol,
    contractType: "PERPETUAL",
    deliveryDate: 4_133_404_800_000,
    onboardDate: 1_569_398_400_000,
    status: "TRADING",
    baseAsset: listing.baseAsset,
    quoteAsset: "USDT",
    marginAsset: "USDT",
    pricePrecision: listing.priceDecimals,
    quantityPrecision: listing.sizeDecimals,
    underlyingType: "COIN",
    underlyingSubType: [],
    filters: filters(listing),
  };
}

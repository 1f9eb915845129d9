/** History of Binance's open interest and funding. */
import { type Asked, BinanceError, marketOf, numberOf } from "./asked.ts";

const PERIODS: Readonly<Record<string, number>> = {
  "5m": 5,
  "15m": 15,
  "30m": 30,
  "1h": 60,
  "2h": 120,
  "4h": 240,
  "1d": 1440,
};

/** Oldest first; without a start, the newest `limit`. */
export function openInterestHistory(asked: Asked): unknown {
  const market = marketOf(asked);
  const minutes = PERIODS[asked.query.get("period") ?? ""];
  if (minutes === undefined) throw new BinanceError(-1130, "Invalid period.");
  const limit = numberOf(asked.query, "limit", 500) ?? 30;
  const fromMs = numberOf(asked.query, "startTime");
  const toMs = Math.min(numberOf(asked.query, "endTime") ?? asked.nowMs, asked.nowMs);
  const width = minutes * 60_000;
  const times: number[] = [];
  const first = Math.max(fromMs ?? toMs - limit * width, market.startMs);
  for (let t = Math.ceil(first / width) * width; t <= toMs; t += width) times.push(t);
  const chosen = fromMs === undefined ? times.slice(-limit) : times.slice(0, limit);
  return chosen.map((timestamp) => {
    const coins = market.interestAt(timestamp / 60_000 - 1);
    return {
      symbol: market.listing.symbol,
      sumOpenInterest: coins.toFixed(8),
      sumOpenInterestValue: (coins * market.markPrice).toFixed(8),
      timestamp,
    };
  });
}

/** Rates that were exchanged, oldest first. */
export function fundingRates(asked: Asked): unknown {
  const market = marketOf(asked);
  const limit = numberOf(asked.query, "limit", 1000) ?? 100;
  const width = market.listing.fundingHours * 3_600_000;
  const toMs = Math.min(numberOf(asked.query, "endTime") ?? asked.nowMs, asked.nowMs);
  const fromMs = numberOf(asked.query, "startTime");
  const times: number[] = [];
  // A month of history is enough for every question that the service asks.
  const first = Math.max(fromMs ?? 0, asked.nowMs - 30 * 86_400_000);
  for (let t = Math.ceil(first / width) * width; t <= toMs; t += width) times.push(t);
  const chosen = fromMs === undefined ? times.slice(-limit) : times.slice(0, limit);
  return chosen.map((fundingTime) => ({
    symbol: market.listing.symbol,
    fundingTime,
    fundingRate: market.fundingRate(fundingTime - 1).toFixed(8),
    markPrice: market.markPrice.toFixed(8),
  }));
}

/** Only symbols whose interval is not the usual 8 h, or whose caps were adjusted. */
export function fundingInfo({ world }: Asked): unknown {
  return world.on("binance-perp").filter(({ listing }) => listing.fundingHours !== 8)
    .map(({ listing }) => ({
      symbol: listing.symbol,
      adjustedFundingRateCap: "0.02000000",
      adjustedFundingRateFloor: "-0.02000000",
      fundingIntervalHours: listing.fundingHours,
      disclaimer: false,
    }));
}

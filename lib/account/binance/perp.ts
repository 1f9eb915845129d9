/** The Binance USDⓈ-M account. Source: the USDⓈ-M documentation (exchanges page §§3.4, 11). */
import { realAsset, splitPair } from "../../market/instrument.ts";
import { type Account, positionOf } from "../account.ts";
import { dollars, isDollar, type PriceOf } from "../dollars.ts";
import { incomePnl } from "./income.ts";
import type { SignedRest } from "../signed_rest.ts";
import type { AssetBalance, Balance, Position } from "../types.ts";
import { type Json, maybe, number, priceOrNone, record, rows, text } from "../wire.ts";

const NAME = "binance-perp";

export function binancePerpAccount(rest: SignedRest, given: PriceOf): Account {
  const priceOf = dollars(given);
  return {
    name: NAME,
    nowMs: () => rest.nowMs(),
    async balance(signal) {
      const [list, totals] = await Promise.all([
        rest.get("/fapi/v3/balance", 5, signal),
        rest.get("/fapi/v3/account", 5, signal),
      ]);
      return balanceOf(rows(list, "balance"), record(totals, "the account"), priceOf);
    },
    positions: (signal) => positions(rest, signal),
    pnl: (span, signal) => incomePnl({ rest, span, signal, priceOf }),
  };
}

/**
 * The account's totals; in single-asset mode they are those of USDT alone, and the other
 * dollars, which hold positions of their own, are added.
 */
function balanceOf(list: readonly Json[], totals: Json, priceOf: PriceOf): Balance {
  // `crossUnPnl` is without isolated positions; the account's own row of the asset has both.
  const whole = new Map(
    (totals.assets === undefined ? [] : rows(totals.assets, "assets"))
      .map((row) => [text(row, "asset"), maybe(row, "unrealizedProfit")]),
  );
  const held = list.map((row) => ({
    asset: text(row, "asset"),
    wallet: number(row, "balance"),
    unrealized: whole.get(text(row, "asset")) ?? maybe(row, "crossUnPnl") ?? 0,
    free: maybe(row, "availableBalance"),
  })).filter(({ wallet, unrealized }) => wallet !== 0 || unrealized !== 0);
  const wallet = maybe(totals, "totalWalletBalance");
  const usdt = held.find(({ asset }) => asset === "USDT")?.wallet ?? 0;
  const others = held.filter(({ asset }) => asset !== "USDT");
  const alone = wallet !== null && Math.abs(wallet - usdt) < 1e-6;
  const added = alone ? others.filter(({ asset }) => isDollar(asset)) : [];
  const plus = (name: string, more: (row: typeof held[number]) => number) => {
    const total = maybe(totals, name);
    return total === null ? null : added.reduce((sum, row) => sum + more(row), total);
  };
  const left = alone ? others.filter(({ asset }) => !isDollar(asset)) : [];
  const value = (row: typeof held[number]) => {
    const price = priceOf(row.asset);
    return price === null ? null : price * row.wallet;
  };
  return {
    equityUsd: plus("totalMarginBalance", (row) => row.wallet + row.unrealized),
    freeUsd: plus("availableBalance", (row) => row.free ?? 0),
    unrealizedUsd: plus("totalUnrealizedProfit", (row) => row.unrealized),
    assets: held.map((row): AssetBalance => ({
      asset: row.asset,
      total: row.wallet,
      free: row.free,
      valueUsd: value(row),
    })).sort((a, b) => (b.valueUsd ?? 0) - (a.valueUsd ?? 0)),
    remarks: left.length === 0
      ? []
      : [`${left.map(({ asset }) => asset).join(", ")} not in the sums: single-asset mode`],
  };
}

async function positions(rest: SignedRest, signal: AbortSignal): Promise<Position[]> {
  const risks = rows(await rest.get("/fapi/v3/positionRisk", 5, signal), "positions")
    .filter((row) => number(row, "positionAmt") !== 0);
  if (risks.length === 0) return [];
  const [leverages, premiums] = await Promise.all([
    bySymbol(rest.get("/fapi/v1/symbolConfig", 5, signal)),
    bySymbol(rest.getPublic("/fapi/v1/premiumIndex", 10, signal)),
  ]);
  return risks.map((row) => {
    const symbol = text(row, "symbol");
    const amount = number(row, "positionAmt");
    const [leverage, premium] = [leverages.get(symbol), premiums.get(symbol)];
    const nextFundingMs = premium ? priceOrNone(premium, "nextFundingTime") : null;
    return positionOf({
      ...{ venue: NAME, symbol, ...realAsset(splitPair(symbol.split("_")[0] ?? "").base) },
      side: amount > 0 ? "long" : "short",
      size: Math.abs(amount),
      entry: priceOrNone(row, "entryPrice"),
      mark: priceOrNone(row, "markPrice"),
      // 0 is none: the margin covers any price.
      liquidation: priceOrNone(row, "liquidationPrice"),
      unrealizedUsd: maybe(row, "unRealizedProfit"),
      leverage: maybe(row, "leverage") ?? (leverage ? maybe(leverage, "leverage") : null),
      // A dated future has no funding, and says 0 for its next time.
      fundingRate: premium && nextFundingMs !== null ? maybe(premium, "lastFundingRate") : null,
      nextFundingMs,
    });
  });
}

/** What would be nice to know beside a position; without it the rest is still true. */
async function bySymbol(asked: Promise<unknown>): Promise<Map<string, Json>> {
  try {
    return new Map(rows(await asked, "symbols").map((row) => [text(row, "symbol"), row]));
  } catch {
    return new Map();
  }
}

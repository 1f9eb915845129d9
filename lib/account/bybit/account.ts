/** The Bybit unified account. Source: the v5 documentation (exchanges page §§5.4, 11). */
import { realAsset, splitPair } from "../../market/instrument.ts";
import { type Account, positionOf } from "../account.ts";
import { cursorOf, resultOf } from "./bybit.ts";
import { bybitPnl } from "./pnl.ts";
import { dollars, type PriceOf } from "../dollars.ts";
import { AccountRefusal } from "../refusal.ts";
import { pathOf } from "../../market/path.ts";
import type { Pause, SignedRest } from "../signed_rest.ts";
import type { AssetBalance, Balance, Position } from "../types.ts";
import { type Json, maybe, number, priceOrNone, record, rows, text } from "../wire.ts";

/** Coins that linear contracts settle in; the position list wants one. */
const SETTLED = ["USDT", "USDC"];
const POSITION_ROWS = 200;
const POSITION_PAGES = 5;
/** Positions whose funding is asked for. */
const FUNDED = 40;

export interface BybitOptions {
  readonly rest: SignedRest;
  readonly priceOf: PriceOf;
  readonly pause: Pause;
}

export function bybitAccount({ rest, priceOf, pause }: BybitOptions): Account {
  return {
    name: "bybit",
    nowMs: () => rest.nowMs(),
    async balance(signal) {
      const path = pathOf("/v5/account/wallet-balance", { accountType: "UNIFIED" });
      const [wallet] = rows((await resultOf(rest, path, signal)).list, "the wallets");
      return balanceOf(wallet ?? {});
    },
    positions: (signal) => positions(rest, signal),
    pnl: (span, signal) => bybitPnl({ rest, span, signal, priceOf: dollars(priceOf), pause }),
  };
}

function balanceOf(wallet: Json): Balance {
  const coins = wallet.coin === undefined ? [] : rows(wallet.coin, "coin");
  const assets = coins.flatMap((row): AssetBalance[] => {
    const total = maybe(row, "equity") ?? maybe(row, "walletBalance") ?? 0;
    if (total === 0) return [];
    return [{ asset: text(row, "coin"), total, free: null, valueUsd: maybe(row, "usdValue") }];
  });
  const freeUsd = maybe(wallet, "totalAvailableBalance");
  return {
    equityUsd: maybe(wallet, "totalEquity"),
    freeUsd,
    unrealizedUsd: maybe(wallet, "totalPerpUPL"),
    assets: assets.sort((a, b) => (b.valueUsd ?? 0) - (a.valueUsd ?? 0)),
    remarks: freeUsd === null ? ["isolated margin: Bybit names no free balance"] : [],
  };
}

async function positions(rest: SignedRest, signal: AbortSignal): Promise<Position[]> {
  const held: Json[] = [];
  for (const settleCoin of SETTLED) {
    for (let cursor: string | null = null, page = 0; page < POSITION_PAGES; page++) {
      const query = { category: "linear", settleCoin, limit: POSITION_ROWS, cursor };
      const result = await resultOf(rest, pathOf("/v5/position/list", query), signal);
      // A one-way position that is closed stays listed, with size 0 and no side.
      held.push(...rows(result.list, "positions").filter((row) => number(row, "size") !== 0));
      cursor = cursorOf(result, cursor);
      if (cursor === null) break;
    }
  }
  return await Promise.all(held.map(async (row, nth) => {
    const symbol = text(row, "symbol");
    const funding = nth < FUNDED ? await fundingOf(rest, symbol, signal) : NO_FUNDING;
    return positionOf({
      ...{ venue: "bybit-perp", symbol, ...realAsset(splitPair(symbol.split("-")[0] ?? "").base) },
      side: text(row, "side") === "Buy" ? "long" : "short",
      size: number(row, "size"),
      entry: priceOrNone(row, "avgPrice"),
      mark: priceOrNone(row, "markPrice"),
      liquidation: priceOrNone(row, "liqPrice"),
      unrealizedUsd: maybe(row, "unrealisedPnl"),
      leverage: maybe(row, "leverage"),
      ...funding,
    });
  }));
}

const NO_FUNDING = { fundingRate: null, nextFundingMs: null };

/** From the public ticker; a dated future has none. */
async function fundingOf(rest: SignedRest, symbol: string, signal: AbortSignal) {
  try {
    const path = pathOf("/v5/market/tickers", { category: "linear", symbol });
    const body = record(await rest.getPublic(path, 1, signal), "the body");
    const [ticker] = rows(record(body.result, "result").list, "tickers");
    const nextFundingMs = ticker ? priceOrNone(ticker, "nextFundingTime") : null;
    if (!ticker || nextFundingMs === null) return NO_FUNDING;
    return { fundingRate: maybe(ticker, "fundingRate"), nextFundingMs };
  } catch (error) {
    // Nice to know; the position is true without it.
    if (error instanceof AccountRefusal || error instanceof SyntaxError) return NO_FUNDING;
    throw error;
  }
}

// This module is pure.
/** Binance's account calls, spot and USDⓈ-M, as the documents describe them. */
import type { Books } from "./books.ts";

/** A refusal with Binance's code. */
export class BinanceNo extends Error {
  constructor(readonly code: number, said: string) {
    super(said);
  }
}

export interface Asked {
  readonly books: Books;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

export interface Call {
  readonly weight: number;
  readonly signed: boolean;
  answer(asked: Asked): unknown;
}

const DAY_MS = 86_400_000;
const fixed = (value: number) => value.toFixed(8);

/** By base and path. To add a call: one row. */
export const BINANCE_CALLS: Readonly<Record<string, Call>> = {
  "binance-spot/api/v3/time": { weight: 1, signed: false, answer: time },
  "binance-spot/api/v3/ticker/price": { weight: 2, signed: false, answer: price },
  "binance-spot/api/v3/account": { weight: 20, signed: true, answer: spotAccount },
  "binance-spot/api/v3/myTrades": { weight: 20, signed: true, answer: myTrades },
  "binance-spot/sapi/v1/account/apiRestrictions": {
    ...{ weight: 1, signed: true },
    answer: ({ books }) => books.binanceRights,
  },
  "binance-perp/fapi/v1/time": { weight: 1, signed: false, answer: time },
  "binance-perp/fapi/v1/premiumIndex": { weight: 10, signed: false, answer: premium },
  "binance-perp/fapi/v3/balance": { weight: 5, signed: true, answer: perpBalance },
  "binance-perp/fapi/v3/account": { weight: 5, signed: true, answer: perpAccount },
  "binance-perp/fapi/v3/positionRisk": { weight: 5, signed: true, answer: positionRisk },
  "binance-perp/fapi/v1/symbolConfig": { weight: 5, signed: true, answer: symbolConfig },
  "binance-perp/fapi/v1/income": { weight: 30, signed: true, answer: income },
};

function time({ nowMs }: Asked): unknown {
  return { serverTime: nowMs };
}

function price({ books, query }: Asked): unknown {
  const symbol = query.get("symbol") ?? "";
  return { symbol, price: fixed(listed(books, symbol)) };
}

function listed(books: Books, symbol: string): number {
  const found = books.spotPrices.get(symbol);
  if (found === undefined) throw new BinanceNo(-1121, "Invalid symbol.");
  return found;
}

function spotAccount({ books, query, nowMs }: Asked): unknown {
  const zeros = query.get("omitZeroBalances") !== "true";
  return {
    ...{ makerCommission: 15, takerCommission: 15, canTrade: true, canWithdraw: true },
    ...{ updateTime: nowMs, accountType: "SPOT", permissions: ["SPOT"], uid: 354937868 },
    balances: books.spotBalances.filter(({ free, locked }) => zeros || free + locked > 0)
      .map(({ asset, free, locked }) => ({ asset, free: fixed(free), locked: fixed(locked) })),
  };
}

function limitOf(query: URLSearchParams, usual: number, most: number): number {
  const limit = Number(query.get("limit") ?? usual);
  if (!(limit >= 1 && limit <= most)) {
    throw new BinanceNo(-1130, "Data sent for parameter 'limit' is not valid.");
  }
  return limit;
}

function myTrades({ books, query }: Asked): unknown {
  const symbol = query.get("symbol");
  if (symbol === null) throw new BinanceNo(-1102, "Mandatory parameter 'symbol' was not sent.");
  listed(books, symbol);
  const [from, to] = [query.get("startTime"), query.get("endTime")].map((text) => Number(text));
  if (query.has("startTime") && query.has("endTime") && (to ?? 0) - (from ?? 0) > DAY_MS) {
    throw new BinanceNo(-1127, "More than 24 hours between startTime and endTime.");
  }
  const fromId = query.get("fromId");
  const limit = limitOf(query, 500, 1000);
  const all = books.spotFills.filter((fill) => fill.symbol === symbol)
    .toSorted((a, b) => a.id - b.id)
    .filter(({ id }) => fromId === null || id >= Number(fromId));
  const page = fromId === null ? all.slice(-limit) : all.slice(0, limit);
  return page.map((fill) => ({
    ...{ symbol, id: fill.id, orderId: fill.id, orderListId: -1, time: fill.time },
    ...{ price: fixed(fill.price), qty: fixed(fill.qty), quoteQty: fixed(fill.price * fill.qty) },
    ...{ commission: fixed(fill.commission), commissionAsset: fill.commissionAsset },
    ...{ isBuyer: fill.buyer, isMaker: false, isBestMatch: true },
  }));
}

function premium({ books, nowMs }: Asked): unknown {
  return [...books.funding].map(([symbol, { rate, nextMs }]) => ({
    ...{ symbol, markPrice: "1.0", indexPrice: "1.0", interestRate: "0.0001", time: nowMs },
    ...{ lastFundingRate: fixed(rate), nextFundingTime: nextMs },
  }));
}

function perpBalance({ books, nowMs }: Asked): unknown {
  return books.perpBalances.map(({ asset, balance, crossUnPnl, available }) => ({
    ...{ accountAlias: "SgsR", asset, balance: fixed(balance), updateTime: nowMs },
    ...{ crossWalletBalance: fixed(balance), crossUnPnl: fixed(crossUnPnl) },
    ...{ availableBalance: fixed(available), maxWithdrawAmount: fixed(available) },
    marginAvailable: true,
  }));
}

/** Single-asset mode: the totals are those of USDT alone. */
function perpAccount({ books }: Asked): unknown {
  const usdt = books.perpBalances.find(({ asset }) => asset === "USDT");
  const { balance = 0, crossUnPnl = 0, available = 0, isolatedUnPnl = 0 } = usdt ?? {};
  return {
    totalWalletBalance: fixed(balance),
    totalUnrealizedProfit: fixed(crossUnPnl + isolatedUnPnl),
    totalMarginBalance: fixed(balance + crossUnPnl + isolatedUnPnl),
    availableBalance: fixed(available),
    assets: books.perpBalances.map((row) => ({
      ...{ asset: row.asset, walletBalance: fixed(row.balance) },
      unrealizedProfit: fixed(row.crossUnPnl + (row.isolatedUnPnl ?? 0)),
      ...{ crossUnPnl: fixed(row.crossUnPnl), availableBalance: fixed(row.available) },
    })),
    positions: [],
  };
}

function positionRisk({ books, nowMs }: Asked): unknown {
  return books.perpPositions.map((held) => ({
    ...{ symbol: held.symbol, positionSide: "BOTH", positionAmt: String(held.amount) },
    ...{ entryPrice: String(held.entry), breakEvenPrice: String(held.entry) },
    ...{ markPrice: String(held.mark), liquidationPrice: String(held.liquidation) },
    unRealizedProfit: fixed(held.amount * (held.mark - held.entry)),
    ...{ notional: fixed(held.amount * held.mark), marginAsset: held.marginAsset ?? "USDT" },
    ...{ isolatedMargin: "0", isolatedWallet: "0", adl: 2, updateTime: nowMs },
  }));
}

function symbolConfig({ books }: Asked): unknown {
  return books.perpPositions.map(({ symbol, leverage }) => ({
    ...{ symbol, marginType: "CROSSED", isAutoAddMargin: "false", leverage },
    maxNotionalValue: "1000000",
  }));
}

function income({ books, query, nowMs }: Asked): unknown {
  const limit = limitOf(query, 100, 1000);
  const fromMs = Number(query.get("startTime") ?? nowMs - 7 * DAY_MS);
  const toMs = Number(query.get("endTime") ?? nowMs);
  const kind = query.get("incomeType");
  const skipped = books.incomePages ? (Number(query.get("page") ?? 1) - 1) * limit : 0;
  return books.income
    .filter(({ time, incomeType }) =>
      time >= Math.max(fromMs, nowMs - 90 * DAY_MS) && time <= toMs &&
      (kind === null || kind === incomeType)
    )
    .toSorted((a, b) => a.time - b.time)
    .slice(skipped, skipped + limit)
    .map((row) => ({ ...row, income: fixed(row.income), info: "", tradeId: "" }));
}

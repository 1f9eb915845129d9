// This module is pure.
/** Bybit's account calls, v5 unified, as the documents describe them. */
import type { Books } from "./books.ts";

/** A refusal with Bybit's `retCode`. */
export class BybitNo extends Error {
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
  readonly signed: boolean;
  /** Calls a second and key. */
  readonly perSecond: number;
  answer(asked: Asked): unknown;
}

const DAY_MS = 86_400_000;

/** By path. To add a call: one row. */
export const BYBIT_CALLS: Readonly<Record<string, Call>> = {
  "/v5/market/time": { signed: false, perSecond: 1000, answer: time },
  "/v5/market/tickers": { signed: false, perSecond: 1000, answer: tickers },
  "/v5/account/wallet-balance": { signed: true, perSecond: 50, answer: wallet },
  "/v5/position/list": { signed: true, perSecond: 50, answer: positions },
  "/v5/position/closed-pnl": { signed: true, perSecond: 50, answer: closedPnl },
  "/v5/account/transaction-log": { signed: true, perSecond: 25, answer: log },
  "/v5/user/query-api": {
    ...{ signed: true, perSecond: 10 },
    answer: ({ books }) => books.bybitRights,
  },
};

function time({ nowMs }: Asked): unknown {
  return { timeSecond: String(Math.floor(nowMs / 1000)), timeNano: `${Math.floor(nowMs)}000000` };
}

/** `null` where the symbol is for the market's own simulator to tell. */
function tickers({ books, query }: Asked): unknown {
  const symbol = query.get("symbol") ?? "";
  const found = books.funding.get(symbol);
  if (!found || query.get("category") !== "linear") return null;
  const nextFundingTime = String(found.nextMs);
  return {
    category: "linear",
    list: [{ symbol, fundingRate: String(found.rate), nextFundingTime }],
  };
}

function wallet({ books, query }: Asked): unknown {
  if (query.get("accountType") !== "UNIFIED") {
    throw new BybitNo(10001, "accountType only support UNIFIED.");
  }
  const sum = (of: (coin: Books["coins"][number]) => number) =>
    String(books.coins.reduce((total, coin) => total + of(coin), 0));
  return {
    list: [{
      accountType: "UNIFIED",
      totalEquity: sum(({ usdValue }) => usdValue),
      totalWalletBalance: sum(({ usdValue, unrealised }) => usdValue - unrealised),
      totalAvailableBalance: books.available === null ? "" : String(books.available),
      totalPerpUPL: sum(({ unrealised }) => unrealised),
      coin: books.coins.map(({ coin, equity, usdValue, unrealised }) => ({
        ...{ coin, equity: String(equity), usdValue: String(usdValue), locked: "0" },
        ...{ walletBalance: String(equity - unrealised), unrealisedPnl: String(unrealised) },
        ...{ cumRealisedPnl: "0", availableToWithdraw: "" },
      })),
    }],
  };
}

function positions({ books, query }: Asked): unknown {
  const settle = query.get("settleCoin");
  if (query.get("category") !== "linear" || (settle === null && !query.has("symbol"))) {
    throw new BybitNo(10001, "params error: symbol or settleCoin is required");
  }
  const rows = books.linear.filter(({ settleCoin }) => settleCoin === settle);
  return paged(query, rows, 200, (held) => ({
    ...{ positionIdx: 0, symbol: held.symbol, side: held.side, size: String(held.size) },
    ...{ avgPrice: String(held.entry), markPrice: String(held.mark) },
    positionValue: String(held.size * held.entry),
    unrealisedPnl: String(held.size * (held.mark - held.entry) * (held.side === "Sell" ? -1 : 1)),
    liqPrice: held.liquidation === null ? "" : String(held.liquidation),
    ...{ leverage: String(held.leverage), curRealisedPnl: "0", cumRealisedPnl: "0" },
  }));
}

function closedPnl({ books, query, nowMs }: Asked): unknown {
  const rows = inSpan(query, books.closed, 7 * DAY_MS, nowMs);
  return paged(query, rows, 100, ({ symbol, closedPnl, time }) => ({
    ...{
      symbol,
      closedPnl: String(closedPnl),
      createdTime: String(time),
      updatedTime: String(time),
    },
    ...{ avgEntryPrice: "1", avgExitPrice: "1", closedSize: "1" },
  }));
}

function log({ books, query, nowMs }: Asked): unknown {
  const rows = inSpan(query, books.log, DAY_MS, nowMs);
  return paged(query, rows, 50, (row) => ({
    ...{ id: row.id, symbol: row.symbol, category: "linear", type: row.type },
    ...{ currency: row.currency, transactionTime: String(row.time), side: "None" },
    ...{ cashFlow: String(row.cashFlow), funding: row.funding === 0 ? "" : String(row.funding) },
    ...{ fee: String(row.fee), change: String(row.cashFlow + row.funding - row.fee) },
  }));
}

/** Newest first, within a window that the venue bounds. */
function inSpan<T extends { readonly time: number }>(
  query: URLSearchParams,
  rows: readonly T[],
  longestMs: number,
  nowMs: number,
): T[] {
  const toMs = Number(query.get("endTime") ?? nowMs);
  const fromMs = Number(query.get("startTime") ?? toMs - longestMs);
  if (toMs - fromMs > longestMs) {
    throw new BybitNo(
      10001,
      `The time range between startTime and endTime cannot exceed ${longestMs} ms`,
    );
  }
  return rows.filter(({ time }) => time >= fromMs && time <= toMs)
    .toSorted((a, b) => b.time - a.time);
}

function paged<T>(
  query: URLSearchParams,
  rows: readonly T[],
  most: number,
  shown: (row: T) => unknown,
): unknown {
  const limit = Number(query.get("limit") ?? 20);
  if (!(limit >= 1 && limit <= most)) throw new BybitNo(10001, "limit is out of range");
  const at = Number(/^page:(\d+)$/.exec(query.get("cursor") ?? "")?.[1] ?? 0);
  const next = at + limit < rows.length ? `page:${at + limit}` : "";
  return { category: "linear", list: rows.slice(at, at + limit).map(shown), nextPageCursor: next };
}

/** The Binance spot account. Source: the spot documentation (exchanges page §§2.4, 11). */
import type { Account } from "../account.ts";
import { dollars, DollarSum, isDollar, type PriceOf } from "../dollars.ts";
import { AccountRefusal } from "../refusal.ts";
import { pathOf } from "../../market/path.ts";
import type { SignedRest } from "../signed_rest.ts";
import { SpotLedger, type SpotTrade } from "./spot_ledger.ts";
import type { AssetBalance, Balance, Pnl, Span } from "../types.ts";
import { type Json, number, record, rows, text, timeMs } from "../wire.ts";

/** Rows of one page of trades, and pages of a market in one question. */
const TRADE_ROWS = 1000;
const TRADE_PAGES = 10;
/** A market asked costs 20 of 6000 a minute. */
const MARKETS = 60;
/** "Invalid symbol", and what an asset of other letters than a symbol's gets. */
const UNLISTED: ReadonlySet<number> = new Set([-1121, -1100]);
const TRADED_QUOTES = ["USDT", "USDC", "FDUSD"];

export interface BinanceSpotOptions {
  readonly rest: SignedRest;
  readonly priceOf: PriceOf;
  /** Assets whose trades are looked for beside those held. */
  readonly watched: () => readonly string[];
}

export function binanceSpotAccount(options: BinanceSpotOptions): Account {
  const { rest } = options;
  const priceOf = pricing(options);
  const ledgers = new Ledgers(rest);
  return {
    name: "binance-spot",
    nowMs: () => rest.nowMs(),
    balance: async (signal) => balanceOf(await readHeld(rest, signal), priceOf, signal),
    positions: () => Promise.resolve([]),
    async pnl(span, signal) {
      const held = await readHeld(rest, signal);
      const names = held.map(({ asset }) => asset).filter((asset) => !isDollar(asset));
      const read = await ledgers.read([...new Set([...names, ...options.watched()])], signal);
      return await pnlOf(read, span, priceOf, signal);
    },
  };
}

type Held = { readonly asset: string; readonly total: number; readonly free: number };

type AskPrice = (asset: string, signal: AbortSignal) => Promise<number | null>;

/** Prices as the tape knows them; the venue's own for what it does not know. */
function pricing({ rest, priceOf }: BinanceSpotOptions): AskPrice {
  const known = dollars(priceOf);
  return async (asset, signal) => {
    const price = known(asset);
    if (price !== null) return price;
    try {
      const path = pathOf("/api/v3/ticker/price", { symbol: `${asset}USDT` });
      return number(record(await rest.getPublic(path, 2, signal), "the price"), "price");
    } catch (error) {
      if (signal.aborted) throw error;
      // Not listed against the dollar, or not to be had now.
      return null;
    }
  };
}

async function readHeld(rest: SignedRest, signal: AbortSignal): Promise<Held[]> {
  const path = pathOf("/api/v3/account", { omitZeroBalances: "true" });
  const { balances } = record(await rest.get(path, 20, signal), "the account");
  return rows(balances, "balances").map((row) => {
    const free = number(row, "free");
    return { asset: text(row, "asset"), total: free + number(row, "locked"), free };
  }).filter(({ total }) => total !== 0);
}

async function balanceOf(
  held: readonly Held[],
  priceOf: AskPrice,
  signal: AbortSignal,
): Promise<Balance> {
  const priced = await Promise.all(
    held.map(async (row) => ({ ...row, price: await priceOf(row.asset, signal) })),
  );
  const sum = (amount: (row: Held) => number) =>
    priced.reduce((usd, row) => usd + amount(row) * (row.price ?? 0), 0);
  const unpriced = priced.filter(({ price }) => price === null).map(({ asset }) => asset);
  return {
    equityUsd: sum(({ total }) => total),
    freeUsd: sum(({ free }) => free),
    unrealizedUsd: null,
    assets: priced.map(({ asset, total, free, price }): AssetBalance => ({
      ...{ asset, total, free },
      valueUsd: price === null ? null : price * total,
    })).sort((a, b) => (b.valueUsd ?? 0) - (a.valueUsd ?? 0)),
    remarks: unpriced.length === 0
      ? []
      : [`${unpriced.slice(0, 5).join(", ")} without a dollar price: in no sum`],
  };
}

interface ReadMarket {
  readonly base: string;
  readonly quote: string;
  readonly ledger: SpotLedger;
}

/** The trades of all markets asked so far; only what is new is read again. */
class Ledgers {
  readonly #markets = new Map<string, ReadMarket>();
  /** Names that Binance does not list: asked once. */
  readonly #unlisted = new Set<string>();

  constructor(private readonly rest: SignedRest) {}

  async read(assets: readonly string[], signal: AbortSignal) {
    const names = TRADED_QUOTES.flatMap((quote) => assets.map((base) => ({ base, quote })))
      .filter(({ base, quote }) => !this.#unlisted.has(base + quote));
    const asked = names.slice(0, MARKETS);
    const read = await Promise.all(asked.map((pair) => this.#market(pair, signal)));
    return {
      markets: read.flatMap((market) => market?.market ?? []),
      whole: read.every((market) => market?.whole ?? true),
      left: names.length - asked.length,
    };
  }

  /** `null` where there is no such market. */
  async #market(
    { base, quote }: { readonly base: string; readonly quote: string },
    signal: AbortSignal,
  ): Promise<{ readonly market: ReadMarket; readonly whole: boolean } | null> {
    const symbol = base + quote;
    const market = this.#markets.get(symbol) ?? { base, quote, ledger: new SpotLedger(base) };
    const { ledger } = market;
    for (let page = 0; page < TRADE_PAGES; page++) {
      // By id from the first trade on: a window of times may be a day at most, and a
      // profit needs the price of the purchase, however long ago.
      const path = pathOf("/api/v3/myTrades", { symbol, fromId: ledger.nextId, limit: TRADE_ROWS });
      let trades: Json[];
      try {
        trades = rows(await this.rest.get(path, 20, signal), "trades");
      } catch (error) {
        if (!(error instanceof AccountRefusal) || !UNLISTED.has(error.code ?? 0)) throw error;
        this.#unlisted.add(symbol);
        return null;
      }
      this.#markets.set(symbol, market);
      for (const row of trades) {
        const id = number(row, "id");
        if (id < ledger.nextId) continue;
        ledger.add(tradeOf(row));
        ledger.nextId = id + 1;
      }
      if (trades.length < TRADE_ROWS) return { market, whole: true };
    }
    return { market, whole: false };
  }
}

function tradeOf(row: Json): SpotTrade {
  return {
    timeMs: timeMs(row, "time"),
    buy: row.isBuyer === true,
    price: number(row, "price"),
    sizeBase: number(row, "qty"),
    quote: number(row, "quoteQty"),
    fee: number(row, "commission"),
    feeAsset: text(row, "commissionAsset"),
  };
}

async function pnlOf(
  { markets, whole, left }: Awaited<ReturnType<Ledgers["read"]>>,
  { fromMs }: Span,
  priceOf: AskPrice,
  signal: AbortSignal,
): Promise<Pnl> {
  const closed = markets.flatMap(({ base, quote, ledger }) =>
    ledger.since(fromMs).map((row) => ({ ...row, base, quote }))
  );
  const foreign = new Set(
    closed.filter(({ feeAsset, base }) => feeAsset !== base).map(({ feeAsset }) => feeAsset),
  );
  const prices = new Map<string, number | null>();
  for (const asset of foreign) prices.set(asset, await priceOf(asset, signal));
  const fees = new DollarSum((asset) => prices.get(asset) ?? null);
  let [realizedUsd, baseFeesUsd] = [0, 0];
  const unmatched = new Set<string>();
  for (const row of closed) {
    realizedUsd += row.realized;
    if (row.unmatchedBase > 0) unmatched.add(row.base);
    if (row.feeAsset === row.base) baseFeesUsd += row.fee * row.price;
    else fees.add(row.fee, row.feeAsset);
  }
  return {
    // Read from the first trade on: what is not read yet are the newest, those asked about.
    realizedUsd: whole ? realizedUsd : null,
    fundingUsd: null,
    feesUsd: whole ? -(fees.usd + baseFeesUsd) || 0 : null,
    remarks: [
      "spot has no funding, and Binance reports no realised profit for it: first in, first " +
      `out over the trades of coins held or watched against ${TRADED_QUOTES.join(", ")}`,
      ...fees.remarks("fees"),
      ...(unmatched.size === 0 ? [] : [
        `${
          [...unmatched].slice(0, 5).join(", ")
        }: sold more than was bought here, profit of that part unknown`,
      ]),
      ...(left === 0 ? [] : [`${left} markets not asked`]),
      ...(whole ? [] : [
        `not all trades are read yet, ${TRADE_ROWS * TRADE_PAGES} of a market at a time: ask again`,
      ]),
    ],
  };
}

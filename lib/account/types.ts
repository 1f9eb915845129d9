// This module is pure.
/**
 * What the account room tells the commands, the same for every exchange. Read-only: there
 * is no call here, nor below, that could trade or move a coin.
 */

/** One account at one exchange, as it is named in replies. */
export type AccountName = "binance-spot" | "binance-perp" | "bybit";

/** From UTC midnight, or so many times 24 h, until now. */
export type PnlRange = "today" | "7d" | "30d";

// Type aliases: these values leave as JSON, which wants an index signature.

export type AssetBalance = {
  readonly asset: string;
  readonly total: number;
  /** Not in orders and not margin; `null` where the venue does not say it by asset. */
  readonly free: number | null;
  readonly valueUsd: number | null;
};

/** Stablecoins count as dollars. `null` is what the venue does not say. */
export type Balance = {
  readonly equityUsd: number | null;
  readonly freeUsd: number | null;
  readonly unrealizedUsd: number | null;
  /** What is not zero, the largest value first. */
  readonly assets: readonly AssetBalance[];
  /** What the sums leave out, in plain words. */
  readonly remarks: readonly string[];
};

/** Sizes are real coins and prices those of one real coin, whatever the venue trades. */
export type Position = {
  /** Where its tape is: `binance-perp`, `bybit-perp`. */
  readonly venue: string;
  readonly symbol: string;
  readonly base: string;
  readonly side: "long" | "short";
  readonly sizeBase: number;
  readonly entryPrice: number | null;
  readonly markPrice: number | null;
  readonly notionalUsd: number | null;
  readonly unrealizedUsd: number | null;
  readonly leverage: number | null;
  /** Unrealised ÷ (size · entry ÷ leverage), a fraction. */
  readonly roe: number | null;
  /** `null`: the venue names none, the position cannot be liquidated as it stands. */
  readonly liquidationPrice: number | null;
  /** How far the mark is from it, a fraction of the mark. */
  readonly liquidationDistance: number | null;
  /** Of one interval, a fraction; longs pay where it is positive. */
  readonly fundingRate: number | null;
  readonly nextFundingMs: number | null;
};

/** As money flows: what was paid is negative. `null` is what the venue does not report. */
export type Pnl = {
  readonly realizedUsd: number | null;
  readonly fundingUsd: number | null;
  readonly feesUsd: number | null;
  readonly remarks: readonly string[];
};

/** An account's answer, or in plain words why there is none and what to do. */
export type Report<T> =
  | { readonly account: AccountName; readonly value: T; readonly fault: null }
  | { readonly account: AccountName; readonly value: null; readonly fault: string };

export type Span = { readonly fromMs: number; readonly toMs: number };

export type KeyWarning = {
  readonly exchange: string;
  /** `danger`: the key can do more than read. `unasked`: nobody knows what it can do. */
  readonly severity: "danger" | "advice" | "unasked";
  readonly text: string;
};

/** What commands may ask of the owner's accounts. Nothing here rejects. */
export interface AccountDesk {
  /** The accounts that there are keys for, in a fixed order. */
  readonly names: readonly AccountName[];
  balances(): Promise<readonly Report<Balance>[]>;
  positions(): Promise<readonly Report<readonly Position[]>[]>;
  pnl(range: PnlRange): Promise<{ readonly span: Span; readonly reports: readonly Report<Pnl>[] }>;
  /** What the keys can do beyond reading; a key that cannot be asked about is one, too. */
  keyWarnings(): Promise<readonly KeyWarning[]>;
}

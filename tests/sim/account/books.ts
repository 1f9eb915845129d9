// This module is pure.
/** What the simulated exchanges have booked for the owner; tests write into it freely. */

export interface SpotFill {
  readonly id: number;
  readonly symbol: string;
  readonly price: number;
  readonly qty: number;
  readonly buyer: boolean;
  readonly commission: number;
  readonly commissionAsset: string;
  readonly time: number;
}

export interface Booking {
  readonly incomeType: string;
  readonly asset: string;
  readonly income: number;
  readonly symbol: string;
  readonly time: number;
  readonly tranId: number;
}

export interface PerpBalance {
  readonly asset: string;
  readonly balance: number;
  readonly crossUnPnl: number;
  readonly available: number;
  /** Of isolated positions, which only the account's own rows tell. */
  readonly isolatedUnPnl?: number;
}

export interface PerpPosition {
  readonly symbol: string;
  /** Signed. */
  readonly amount: number;
  readonly entry: number;
  readonly mark: number;
  /** 0 is none. */
  readonly liquidation: number;
  readonly leverage: number;
  readonly marginAsset?: string;
}

export interface LinearPosition {
  readonly symbol: string;
  readonly settleCoin: string;
  readonly side: "Buy" | "Sell" | "";
  readonly size: number;
  readonly entry: number;
  readonly mark: number;
  readonly liquidation: number | null;
  readonly leverage: number;
}

export interface LogRow {
  readonly id: string;
  readonly symbol: string;
  readonly type: string;
  readonly currency: string;
  readonly cashFlow: number;
  readonly funding: number;
  readonly fee: number;
  readonly time: number;
}

export interface ClosedRow {
  readonly symbol: string;
  readonly closedPnl: number;
  readonly time: number;
}

export class Books {
  /** Symbols that Binance spot lists, with their last price. */
  readonly spotPrices = new Map<string, number>([["BTCUSDT", 90_000], ["BNBUSDT", 600]]);
  spotBalances: { asset: string; free: number; locked: number }[] = [];
  spotFills: SpotFill[] = [];
  perpBalances: PerpBalance[] = [];
  perpPositions: PerpPosition[] = [];
  income: Booking[] = [];
  /** Whether `page` is obeyed. */
  incomePages = true;
  coins: { coin: string; equity: number; usdValue: number; unrealised: number }[] = [];
  /** `null` in isolated margin mode. */
  available: number | null = 0;
  linear: LinearPosition[] = [];
  log: LogRow[] = [];
  closed: ClosedRow[] = [];
  /** Of both venues' perpetuals, by symbol. */
  readonly funding = new Map<string, { rate: number; nextMs: number }>();
  binanceRights: Record<string, boolean | number> = {
    ...{ ipRestrict: true, enableReading: true, enableWithdrawals: false },
    ...{ enableSpotAndMarginTrading: false, enableFutures: false, enableMargin: false },
    ...{ enableInternalTransfer: false, permitsUniversalTransfer: false },
    createTime: 1_698_645_219_000,
  };
  bybitRights: Record<string, unknown> = {
    ...{ readOnly: 1, ips: ["203.0.113.9"], type: 1, deadlineDay: -2, uta: 1 },
    permissions: { ContractTrade: [], Spot: [], Wallet: [], Options: [] },
  };
}

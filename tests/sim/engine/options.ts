// This module is pure.
/** How an exchange is started, and what it counts. */

export interface ExchangeOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  readonly seed?: number;
  /** How many assets are listed. */
  readonly symbols?: number;
  /** Over all markets together. */
  readonly tradesPerSecond?: number;
  readonly historyMinutes?: number;
  /** False starts in silence: nothing trades before `trading(true)`. */
  readonly trading?: boolean;
  /** Cascades that begin by themselves, over all assets. */
  readonly cascadesPerHour?: number;
  /** How far the exchange's clock is from ours. */
  readonly skewMs?: number;
  /** How often the market moves; 0 leaves that to calls of `tick`. */
  readonly tickMs?: number;
  /** Sockets are cut at this age. */
  readonly maxAgeMs?: number;
  /** Bybit cuts sockets that say nothing for so long. */
  readonly idleMs?: number;
  /** How long a 418 or a 403 of Bybit lasts. */
  readonly banMs?: number;
  readonly limits?: { readonly spot?: number; readonly perp?: number; readonly bybit?: number };
  /** Live trades of a market that stay readable one by one. */
  readonly keepPrints?: number;
  readonly now?: () => number;
}

export interface ExchangeStats {
  readonly sockets: number;
  /** Sockets accepted so far, by `venue/route`. */
  readonly connects: Readonly<Record<string, number>>;
  readonly framesSent: number;
  readonly requests: Readonly<Record<string, number>>;
}

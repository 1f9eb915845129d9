// This module is pure.
/**
 * Realised profit of one spot market, first in first out: Binance reports none, so it is
 * made from the account's own trades. Profit is before fees; fees stand apart.
 */

export interface SpotTrade {
  readonly timeMs: number;
  readonly buy: boolean;
  readonly price: number;
  readonly sizeBase: number;
  readonly quote: number;
  readonly fee: number;
  readonly feeAsset: string;
}

/** What one trade closed and cost. */
export interface Closed {
  readonly timeMs: number;
  /** In quote; 0 for a buy. */
  readonly realized: number;
  /** Sold coins that were never bought here, deposited ones say: their profit is unknown. */
  readonly unmatchedBase: number;
  readonly fee: number;
  readonly feeAsset: string;
  /** The trade's price, which a fee in the base coin counts at. */
  readonly price: number;
}

/** Longer ago than any question reaches. */
const KEPT_MS = 32 * 86_400_000;
/** Sizes are sums of decimals: what is left of one below this part is rounding. */
const DUST = 1e-9;

export class SpotLedger {
  readonly #base: string;
  readonly #lots: { size: number; readonly price: number }[] = [];
  #closed: Closed[] = [];
  /** The id after the last trade taken: where reading goes on. */
  nextId = 0;

  constructor(base: string) {
    this.#base = base;
  }

  /** Takes the next trade, in the order of ids. */
  add(trade: SpotTrade): void {
    const { timeMs, buy, price, sizeBase, quote, fee, feeAsset } = trade;
    const row = { timeMs, fee, feeAsset, price };
    if (buy) {
      // A fee in the coin itself never arrived: it is a fee, no cheaper lot.
      const size = sizeBase - (feeAsset === this.#base ? fee : 0);
      if (size > 0) this.#lots.push({ size, price: quote / sizeBase });
      this.#keep({ ...row, realized: 0, unmatchedBase: 0 });
      return;
    }
    const sold = quote / sizeBase;
    let left = sizeBase;
    let realized = 0;
    for (let lot = this.#lots[0]; lot && left > DUST * sizeBase; lot = this.#lots[0]) {
      const taken = Math.min(lot.size, left);
      realized += taken * (sold - lot.price);
      left -= taken;
      lot.size -= taken;
      if (lot.size > DUST * taken) break;
      this.#lots.shift();
    }
    this.#keep({ ...row, realized, unmatchedBase: left > DUST * sizeBase ? left : 0 });
  }

  /** What was closed and paid from a time on. */
  since(fromMs: number): Closed[] {
    return this.#closed.filter(({ timeMs }) => timeMs >= fromMs);
  }

  #keep(row: Closed): void {
    this.#closed.push(row);
    const oldest = this.#closed[0];
    if (oldest && row.timeMs - oldest.timeMs > KEPT_MS + 86_400_000) {
      this.#closed = this.since(row.timeMs - KEPT_MS);
    }
  }
}

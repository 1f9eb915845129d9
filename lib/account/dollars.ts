// This module is pure.
/** What an asset is worth in dollars, as far as anybody knows. */
import { QUOTES, realAsset } from "../market/instrument.ts";
import { Sum } from "../market/sum.ts";

/** Price of one coin in USD, `null` where unknown. */
export type PriceOf = (asset: string) => number | null;

/** Counted as one dollar each, as everywhere in the house. */
const STABLE: ReadonlySet<string> = new Set([
  ...QUOTES,
  ...["BUSD", "TUSD", "DAI", "USDP", "USDE", "USD1", "BFUSD", "RLUSD"],
]);

export function isDollar(asset: string): boolean {
  return STABLE.has(asset);
}

/** Prices with stablecoins at one dollar, and `1000SATS` by the price of SATS. */
export function dollars(priceOf: PriceOf): PriceOf {
  return (asset) => {
    if (isDollar(asset)) return 1;
    const { base, multiplier } = realAsset(asset);
    const price = priceOf(base);
    return price === null ? null : price * multiplier;
  };
}

/** Sums what is known of money in several assets, and names the assets that are not. */
export class DollarSum {
  readonly #usd = new Sum();
  readonly #unpriced = new Set<string>();
  #converted = false;

  constructor(private readonly priceOf: PriceOf) {}

  add(amount: number, asset: string): void {
    if (amount === 0) return;
    const price = this.priceOf(asset);
    if (price === null) return void this.#unpriced.add(asset);
    if (!isDollar(asset)) this.#converted = true;
    this.#usd.add(amount * price);
  }

  get usd(): number {
    return this.#usd.value;
  }

  /** `BNB at today's price`, `LDBTC without a price: left out`. */
  remarks(what: string): string[] {
    const names = [...this.#unpriced].slice(0, 5).join(", ");
    return [
      ...(this.#converted ? [`${what} in coins count at the price of now`] : []),
      ...(names === "" ? [] : [`${what} in ${names} left out: no price known`]),
    ];
  }
}

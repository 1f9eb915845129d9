/** A request to Binance's REST, and how its parameters are read and refused. */
import type { VenueName } from "../market/listing.ts";
import type { Market } from "../market/market.ts";
import type { World } from "../market/world.ts";

/** Everything an answer is made of; times are the exchange's. */
export interface Asked {
  readonly world: World;
  readonly venue: VenueName;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

/** A refusal as Binance words it, HTTP 400. */
export class BinanceError extends Error {
  override name = "BinanceError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** @throws {BinanceError} where the symbol is missing (-1102) or not listed (-1121) */
export function marketOf({ world, venue, query }: Asked): Market {
  const symbol = query.get("symbol");
  if (symbol === null || symbol === "") {
    const msg = "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.";
    throw new BinanceError(-1102, msg);
  }
  const market = world.market(venue, symbol);
  if (!market) throw new BinanceError(-1121, "Invalid symbol.");
  return market;
}

/** @throws {BinanceError} where a number is none (-1100) or above its maximum (-1130) */
export function numberOf(
  query: URLSearchParams,
  name: string,
  most = Infinity,
): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text)) {
    throw new BinanceError(-1100, `Illegal characters found in parameter '${name}'.`);
  }
  if (value > most) {
    throw new BinanceError(-1130, `Data sent for parameter '${name}' is not valid.`);
  }
  return value;
}

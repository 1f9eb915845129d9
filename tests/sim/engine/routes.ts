// This module is pure.
/** Where the simulated venues are: base URLs, and what the path of a socket asks for. */
import type { VenueName } from "../market/listing.ts";

/** The variables that point the service here. */
export type ExchangeEnv = Readonly<
  Record<
    | "BINANCE_SPOT_WS"
    | "BINANCE_SPOT_REST"
    | "BINANCE_PERP_WS"
    | "BINANCE_PERP_REST"
    | "BYBIT_WS"
    | "BYBIT_REST",
    string
  >
>;

export interface RouteFound {
  readonly venue: VenueName;
  readonly route: string;
  readonly combined: boolean;
  /** Streams named in the path of a raw socket, `/ws/btcusdt@trade`. */
  readonly streams: readonly string[] | null;
}

/** Which venue and route a socket's path means; `null` where it is none. */
export function routeOf(base: string, path: string): RouteFound | null {
  if (base === "bybit") {
    const route = /^\/v5\/public\/(spot|linear)$/.exec(path)?.[1];
    if (route === undefined) return null;
    const venue = route === "spot" ? "bybit-spot" : "bybit-perp";
    return { venue, route, combined: false, streams: null };
  }
  if (base !== "binance-spot" && base !== "binance-perp") return null;
  const match = /^(?:\/(market|public|private))?\/(ws|stream)(?:\/(.+))?$/.exec(path);
  const spot = base === "binance-spot";
  if (!match || (spot && match[1] !== undefined)) return null;
  const named = match[3] === undefined ? null : decodeURIComponent(match[3]).split("/");
  const route = spot ? "stream" : match[1] ?? "legacy";
  return { venue: base, route, combined: match[2] === "stream", streams: named };
}

/** The base URLs of an exchange on this port. */
export function envOf(port: number): ExchangeEnv {
  const [ws, http] = [`ws://127.0.0.1:${port}`, `http://127.0.0.1:${port}`];
  return {
    BINANCE_SPOT_WS: `${ws}/binance-spot`,
    BINANCE_SPOT_REST: `${http}/binance-spot`,
    BINANCE_PERP_WS: `${ws}/binance-perp`,
    BINANCE_PERP_REST: `${http}/binance-perp`,
    BYBIT_WS: `${ws}/bybit`,
    BYBIT_REST: `${http}/bybit`,
  };
}

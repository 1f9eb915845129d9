/** What Binance's spot and futures hosts share: how they refuse, and what a key may do. */
import type { VenueHttpError } from "../../net/rest.ts";
import type { Key } from "../account.ts";
import { binanceRefusal, type Refusal, statusRefusal } from "../refusal.ts";
import type { Dialect, SignedRest } from "../signed_rest.ts";
import type { KeyWarning } from "../types.ts";
import { record } from "../wire.ts";

/** Refusals are `{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}`. */
export const BINANCE: Dialect = {
  inBody: () => null,
  inError(error: VenueHttpError): Refusal {
    const code = Number(/"code"\s*:\s*(-\d+)/.exec(error.body)?.[1] ?? NaN);
    // A region block comes with code 0, and what stands before Binance answers in HTML.
    if (!Number.isFinite(code) || error.status === 451) {
      return statusRefusal(error.status, error.retryAfterMs);
    }
    const said = /"msg"\s*:\s*"([^"]*)"/.exec(error.body)?.[1] ?? "no reason";
    return binanceRefusal(code, said);
  },
};

/** Flags of `apiRestrictions`, and what a key with them can do. */
const RIGHTS: readonly (readonly [flag: string, can: string])[] = [
  ["enableWithdrawals", "withdraw"],
  ["enableInternalTransfer", "transfer to other users"],
  ["permitsUniversalTransfer", "transfer between accounts"],
  ["enableSpotAndMarginTrading", "trade spot and margin"],
  ["enableMargin", "borrow"],
  ["enableFutures", "trade futures"],
  ["enableVanillaOptions", "trade options"],
  ["enablePortfolioMarginTrading", "trade on portfolio margin"],
  ["enableFixApiTrade", "trade by FIX"],
];

/** `GET /sapi/v1/account/apiRestrictions`, on the spot host. */
export function binanceKey(rest: SignedRest): Key {
  return {
    exchange: "binance",
    async warnings(signal) {
      const body = await rest.get("/sapi/v1/account/apiRestrictions", 1, signal);
      const rights = record(body, "the restrictions");
      const can = RIGHTS.filter(([flag]) => rights[flag] === true).map(([, text]) => text);
      const warnings: KeyWarning[] = [];
      if (can.length > 0) {
        const text = `BINANCE_API_KEY can ${can.join(", ")}: nothing here needs more than ` +
          "reading; make a key with Enable Reading only and delete this one";
        warnings.push({ exchange: "binance", severity: "danger", text });
      }
      if (rights.ipRestrict === false) {
        const text = "BINANCE_API_KEY works from any address: bind it to this machine's IP";
        warnings.push({ exchange: "binance", severity: "advice", text });
      }
      return warnings;
    },
  };
}

/** What all calls to Bybit share: how it refuses, how it pages, and what a key may do. */
import type { Key } from "../account.ts";
import { bybitRefusal, statusRefusal } from "../refusal.ts";
import type { Dialect, SignedRest } from "../signed_rest.ts";
import type { KeyWarning } from "../types.ts";
import { isRecord, type Json, maybe, record } from "../wire.ts";

/** Refusals come with HTTP 200: `{"retCode":10003,"retMsg":"API key is invalid.","result":{}}`. */
export const BYBIT: Dialect = {
  inBody(body) {
    if (!isRecord(body) || typeof body.retCode !== "number") {
      return { kind: "venue", code: null, words: "it answers in a way that is not Bybit's" };
    }
    return body.retCode === 0 ? null : bybitRefusal(body.retCode, String(body.retMsg));
  },
  inError: (error) => statusRefusal(error.status, error.retryAfterMs),
};

/** The `result` of a signed call. */
export async function resultOf(
  rest: SignedRest,
  path: string,
  signal: AbortSignal,
): Promise<Json> {
  return record(record(await rest.get(path, 1, signal), "the body").result, "result");
}

/**
 * Where the page after that of `asked` begins, or `null`: Bybit's last page may have a cursor,
 * too, and a page that comes twice would count twice. Bybit gives cursors percent-encoded,
 * `621%3A1%2C621%3A1`, and wants them back as they are: they are decoded once, for they are
 * encoded again on the way.
 */
export function cursorOf(result: Json, asked: string | null): string | null {
  const { nextPageCursor, list } = result;
  if (typeof nextPageCursor !== "string" || nextPageCursor === "") return null;
  if (Array.isArray(list) && list.length === 0) return null;
  const cursor = decoded(nextPageCursor);
  return cursor === asked ? null : cursor;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `GET /v5/user/query-api`. */
export function bybitKey(rest: SignedRest): Key {
  return {
    exchange: "bybit",
    async warnings(signal) {
      const rights = await resultOf(rest, "/v5/user/query-api", signal);
      const warnings: KeyWarning[] = [];
      const permissions = isRecord(rights.permissions) ? rights.permissions : {};
      const wallet = Array.isArray(permissions.Wallet) ? permissions.Wallet : [];
      const readOnly = maybe(rights, "readOnly") === 1;
      if (!readOnly || wallet.includes("Withdraw")) {
        const can = [
          ...(readOnly ? [] : ["trade"]),
          ...(wallet.includes("Withdraw") ? ["withdraw"] : []),
        ];
        const text = `BYBIT_API_KEY can ${can.join(" and ")}: nothing here needs more than ` +
          "reading; make a Read-Only key and delete this one";
        warnings.push({ exchange: "bybit", severity: "danger", text });
      }
      if (Array.isArray(rights.ips) && rights.ips.includes("*")) {
        const text = "BYBIT_API_KEY works from any address and expires after three months: " +
          "bind it to this machine's IP";
        warnings.push({ exchange: "bybit", severity: "advice", text });
      }
      return warnings;
    },
  };
}

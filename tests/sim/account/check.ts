/** Whether a signed request is one, by the venues' rules and with a hash of our own. */
import { createHmac } from "node:crypto";

export interface Pair {
  readonly key: string;
  readonly secret: string;
}

/** A code and message as the venue words it; for Binance with its HTTP status. */
export interface No {
  readonly code: number;
  readonly said: string;
  readonly status: number;
}

function no(code: number, said: string, status = 400): No {
  return { code, said, status };
}

function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** `search` is the query as it came over the wire, without the question mark. */
export function checkBinance(
  search: string,
  headers: Headers,
  pair: Pair,
  serverMs: number,
): No | null {
  const query = new URLSearchParams(search);
  const key = headers.get("X-MBX-APIKEY");
  if (key === null || !/^[\x21-\x7e]{8,}$/.test(key)) {
    return no(-2014, "API-key format invalid.", 401);
  }
  if (key !== pair.key) {
    return no(-2015, "Invalid API-key, IP, or permissions for action.", 401);
  }
  for (const name of ["timestamp", "signature"]) {
    if (!query.has(name)) {
      const said = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
      return no(-1102, said);
    }
  }
  const cut = search.lastIndexOf("&signature=");
  const payload = search.slice(0, cut);
  if (cut < 0 || search.slice(cut + 11) !== hmac(pair.secret, payload)) {
    return no(-1022, "Signature for this request is not valid.");
  }
  const window = Number(query.get("recvWindow") ?? 5000);
  if (!(window > 0 && window <= 60_000)) return no(-1131, "recvWindow must be less than 60000");
  const timestamp = Number(query.get("timestamp"));
  if (!(timestamp < serverMs + 1000 && serverMs - timestamp <= window)) {
    return no(-1021, "Timestamp for this request is outside of the recvWindow.");
  }
  return null;
}

export function checkBybit(
  search: string,
  headers: Headers,
  pair: Pair,
  serverMs: number,
): No | null {
  const [key, stamp, window, sign] = ["API-KEY", "TIMESTAMP", "RECV-WINDOW", "SIGN"]
    .map((name) => headers.get(`X-BAPI-${name}`));
  if (key !== pair.key) return no(10003, "API key is invalid.", 200);
  const timestamp = Number(stamp);
  if (!(serverMs - Number(window ?? 5000) <= timestamp && timestamp < serverMs + 1000)) {
    const said = "invalid request, please check your server timestamp or recv_window param. " +
      `req_timestamp[${stamp}],server_timestamp[${serverMs}],recv_window[${window}]`;
    return no(10002, said, 200);
  }
  if (sign !== hmac(pair.secret, `${stamp}${key}${window}${search}`)) {
    return no(10004, "error sign! origin_string[...]", 200);
  }
  return null;
}

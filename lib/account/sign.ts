/**
 * Signatures by HMAC-SHA256, as the venues want them. What is signed is exactly what is
 * sent: a query is percent-encoded before, never after.
 */
import type { Signed } from "../net/rest.ts";

export interface KeyPair {
  readonly key: string;
  readonly secret: string;
}

/** How long a signed request stays good at the venue, ms. Its clock is ours by the offset. */
export const RECV_WINDOW_MS = 5000;

/** Signs with one secret; the secret itself does not leave WebCrypto again. */
export interface Signer {
  sign(text: string): Promise<Uint8Array>;
}

export function signerOf(secret: string): Signer {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [
    "sign",
  ]);
  // Awaited at the first signature; without this a failure would end the process before.
  imported.catch(() => {});
  return {
    async sign(text) {
      return new Uint8Array(await crypto.subtle.sign("HMAC", await imported, encoder.encode(text)));
    },
  };
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How a venue wants a request signed at a time of its clock. */
export type Sign = (path: string, nowMs: number) => Promise<Signed>;

/** Binance: the query with `recvWindow` and `timestamp`, then `&signature=`, the key in a header. */
export function binanceSign({ key, secret }: KeyPair): Sign {
  const signer = signerOf(secret);
  return async (path, nowMs) => {
    const [route = "", query = ""] = path.split("?", 2);
    const stamp = `recvWindow=${RECV_WINDOW_MS}&timestamp=${Math.floor(nowMs)}`;
    const payload = query === "" ? stamp : `${query}&${stamp}`;
    const signature = hex(await signer.sign(payload));
    return {
      path: `${route}?${payload}&signature=${signature}`,
      headers: { "X-MBX-APIKEY": key },
    };
  };
}

/** Bybit v5: timestamp + key + window + query, all in headers; the path stays as it is. */
export function bybitSign({ key, secret }: KeyPair): Sign {
  const signer = signerOf(secret);
  return async (path, nowMs) => {
    const query = path.split("?", 2)[1] ?? "";
    const timestamp = Math.floor(nowMs);
    const signature = hex(await signer.sign(`${timestamp}${key}${RECV_WINDOW_MS}${query}`));
    return {
      path,
      headers: {
        "X-BAPI-API-KEY": key,
        "X-BAPI-TIMESTAMP": String(timestamp),
        "X-BAPI-RECV-WINDOW": String(RECV_WINDOW_MS),
        "X-BAPI-SIGN": signature,
      },
    };
  };
}

// This module is pure.
/** Why a venue gives no account data, in words for the person whose account it is. */

/**
 * `clock`: the request's time was wrong, which setting our offset anew may cure.
 * `limit`: asked too often, waiting cures it. `key`: only the person can do something.
 */
export type RefusalKind = "clock" | "limit" | "key" | "venue";

export interface Refusal {
  readonly kind: RefusalKind;
  /** The venue's own; `null` where it gave none. */
  readonly code: number | null;
  /** What is wrong and what to do about it; no secret is ever in it. */
  readonly words: string;
}

export class AccountRefusal extends Error {
  override readonly name = "AccountRefusal";

  readonly kind: RefusalKind;
  readonly code: number | null;

  constructor({ kind, code, words }: Refusal) {
    super(words);
    this.kind = kind;
    this.code = code;
  }
}

/** What a row below does not say for itself. */
type Row = readonly [kind: RefusalKind, words: string];

const REGION = "the exchange does not serve the region of this machine's address: run it on " +
  "a network elsewhere, or set the exchange's regional host as the REST base URL";

/** By HTTP status, for answers without a code of the venue's own. */
const STATUS: Readonly<Record<number, string>> = {
  401: "it does not accept the key: make a new read-only key and set it, both parts",
  403: `refused by its firewall (403): asked too often, or ${REGION}`,
  404: "it does not know this call: check the REST base URL in the settings",
  418: "this address is banned for asking too often: stop other programs on it, and wait",
  429: "asked too often: other programs on this address share the limit, wait a minute",
  451: `refused for the region (451): ${REGION}`,
};

/** Binance, spot and futures alike (exchanges page §§2.4 and 11). To add one: one row. */
const BINANCE: Readonly<Record<number, Row>> = {
  [-1]: ["venue", "Binance has an internal fault: ask again in a moment"],
  [-1000]: ["venue", "Binance has an internal fault: ask again in a moment"],
  [-1001]: ["venue", "Binance is cut off from a part of itself: ask again in a moment"],
  [-1002]: ["key", "the key may not do this: tick Enable Reading for it at Binance"],
  [-1003]: ["limit", "asked too often: other programs on this address share the limit, wait"],
  [-1007]: ["venue", "Binance timed out: ask again in a moment"],
  [-1008]: ["venue", "Binance is overloaded: ask again in a moment"],
  [-1015]: ["limit", "asked too often: wait a minute"],
  [-1021]: [
    "clock",
    "this machine's clock is off, and setting it by Binance's did not help: " +
    "switch on time synchronisation (NTP)",
  ],
  [-1022]: [
    "key",
    "the signature is wrong: BINANCE_API_SECRET does not belong to " +
    "BINANCE_API_KEY, copy both again",
  ],
  [-2008]: ["key", "Binance does not know BINANCE_API_KEY: copy it again, or make a new key"],
  [-2014]: ["key", "BINANCE_API_KEY is no key of Binance's: copy it again, whole"],
  [-2015]: [
    "key",
    "Binance refuses BINANCE_API_KEY; it is one of three: the key is wrong or " +
    "deleted, this machine's address is not on the key's IP list, or Enable Reading is not " +
    "ticked (for futures: no futures account is open)",
  ],
  [-5009]: ["key", `refused for the region: ${REGION}`],
};

/** Bybit v5 (exchanges page §5.4). To add one: one row. */
const BYBIT: Readonly<Record<number, Row>> = {
  [10002]: [
    "clock",
    "this machine's clock is off, and setting it by Bybit's did not help: " +
    "switch on time synchronisation (NTP)",
  ],
  [10003]: [
    "key",
    "Bybit does not know BYBIT_API_KEY: copy it again; a testnet, demo or " +
    "regional key wants its own host as BYBIT_REST",
  ],
  [10004]: [
    "key",
    "the signature is wrong: BYBIT_API_SECRET does not belong to BYBIT_API_KEY, " +
    "copy both again",
  ],
  [10005]: [
    "key",
    "the key lacks a permission: tick Read-Only for Account, Positions and " +
    "Wallet at Bybit",
  ],
  [10006]: ["limit", "asked too often: other programs use the same key, wait a moment"],
  [10009]: ["key", `refused for the region: ${REGION}`],
  [10010]: ["key", "this machine's address is not on the key's IP list: add it at Bybit"],
  [10016]: ["venue", "Bybit has an internal fault: ask again in a moment"],
  [10018]: ["limit", "asked too often from this address: wait a moment"],
  [10024]: ["key", `refused by Bybit's compliance rules: ${REGION}`],
  [33004]: ["key", "the key has expired: make a new one at Bybit (bound to an IP it lasts)"],
};

/** What Binance means by a code; an unknown one is shown as it said it. */
export function binanceRefusal(code: number, said: string): Refusal {
  return refusalOf(code, BINANCE[code], `Binance says ${code}: ${said}`);
}

/** What Bybit means by a `retCode` other than 0. */
export function bybitRefusal(code: number, said: string): Refusal {
  return refusalOf(code, BYBIT[code], `Bybit says ${code}: ${said}`);
}

/**
 * What an HTTP status means; `null` is no answer at all.
 *
 * @param waitMs how long nobody may ask, where the venue said so
 */
export function statusRefusal(status: number | null, waitMs: number | null = null): Refusal {
  const code = null;
  if (status === null) {
    return { kind: "venue", code, words: "it cannot be reached: is the network up?" };
  }
  if (status === 200) {
    const words = "it answers with what is no JSON: ask again in a moment, and if it stays " +
      "check the REST base URL in the settings";
    return { kind: "venue", code, words };
  }
  const known = STATUS[status];
  if (known !== undefined) {
    const kind = status === 429 || status === 418 ? "limit" : "key";
    const words = waitMs === null ? known : `${known} (it is asked again in ${waited(waitMs)})`;
    return { kind, code, words };
  }
  const words = status >= 500
    ? `it has a fault of its own (HTTP ${status}): ask again in a moment`
    : `it answers HTTP ${status}: check the REST base URL in the settings`;
  return { kind: "venue", code, words };
}

function waited(ms: number): string {
  return ms > 90_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 1000)} s`;
}

function refusalOf(code: number, row: Row | undefined, unknown: string): Refusal {
  const [kind, words]: Row = row ?? ["venue", unknown.slice(0, 200)];
  return { kind, code, words };
}

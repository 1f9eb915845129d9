// This module is pure.
/**
 * Names: from what a venue calls a market, and from what a person types, to the
 * asset that is meant.
 */

/** A market that a venue lists and trades now. */
export interface Instrument {
  readonly venue: string;
  /** The venue's own name, `1000PEPEUSDT`. */
  readonly symbol: string;
  /** The real asset, `PEPE`. */
  readonly base: string;
  readonly quote: string;
  /** Real coins per coin that the venue trades: 1000 for `1000PEPE`. */
  readonly multiplier: number;
  /** Of a perpetual, where the venue's list of markets tells it. */
  readonly fundingIntervalHours?: number;
}

/** The name of a series in maps, rows and metrics. */
export function seriesKey(venue: string, symbol: string): string {
  return `${venue}:${symbol}`;
}

const MULTIPLIED = /^(1000000|100000|10000|1000|1M)?([^0-9].*?)(1000|10000)?$/;

/**
 * The real asset behind a venue's base-asset name, and how many of it one traded
 * coin holds: `1000PEPE` → PEPE × 1000, `SHIB1000` → SHIB × 1000, `1INCH` → itself.
 */
export function realAsset(baseAsset: string): { base: string; multiplier: number } {
  // Nearly all names: no multiplier starts or ends without a digit.
  if (!/[0-9]/.test(baseAsset)) return { base: baseAsset, multiplier: 1 };
  const match = MULTIPLIED.exec(baseAsset);
  const base = match?.[2];
  if (!match || base === undefined) return { base: baseAsset, multiplier: 1 };
  const prefix = match[1] === "1M" ? 1_000_000 : Number(match[1] ?? 1);
  return { base, multiplier: prefix * Number(match[3] ?? 1) };
}

/** Quotes by preference: the first one that a venue lists is the one we watch. */
export const QUOTES: readonly string[] = ["USDT", "USDC", "USD", "FDUSD"];

/** Coins whose own names end like a pair's quote. */
const DOLLAR_COINS: readonly string[] = ["FDUSD", "BUSD", "TUSD", "RLUSD", "PYUSD", "XUSD"];

/** Every quote a pair's name may end with: one that ends another (`USD`) comes after it. */
const TYPED_QUOTES = [
  "FDUSD",
  "USDT",
  "USDC",
  "BUSD",
  "TUSD",
  "USD",
  "BTC",
  "ETH",
  "BNB",
  "EUR",
  "PERP",
];

/**
 * Splits a native pair name into base and quote by its ending, `BTCUSDT` → BTC, USDT.
 * Returns `quote: ""` where no known quote ends the name.
 */
export function splitPair(symbol: string): { base: string; quote: string } {
  for (const quote of TYPED_QUOTES) {
    if (symbol.length > quote.length && symbol.endsWith(quote)) {
      return { base: symbol.slice(0, -quote.length), quote };
    }
  }
  return { base: symbol, quote: "" };
}

/**
 * Coins per traded coin for a native pair name. On the hot path, so the usual
 * name leaves after two character tests.
 */
export function multiplierOf(symbol: string): number {
  if (symbol.charCodeAt(0) !== 49 /* 1 */ && !symbol.includes("1000")) return 1;
  return realAsset(splitPair(symbol).base).multiplier;
}

/**
 * The asset a person means: `btc`, `BTCUSDT`, `btc-usdt`, `BTC/USDT:USDT`, `BTC-PERP`,
 * `1000pepe` → `BTC`, `PEPE`. Text that names nothing gives `""`.
 */
export function typedAsset(text: string): string {
  const cleaned = text.trim().toUpperCase().replace(/^[$#]/, "");
  const parts = cleaned.split(/[-/:_ ]/).filter((part) => part !== "");
  const first = parts[0];
  if (first === undefined) return "";
  const base = parts.length > 1 ? first : stripQuote(first);
  return realAsset(base).base;
}

function stripQuote(name: string): string {
  if (DOLLAR_COINS.includes(name)) return name;
  const perp = name.length > 4 && name.endsWith("PERP") ? name.slice(0, -4) : name;
  for (const quote of ["FDUSD", "USDT", "USDC", "BUSD", "USD"]) {
    if (perp.length > quote.length && perp.endsWith(quote)) return perp.slice(0, -quote.length);
  }
  return perp;
}

/** The `count` names nearest to a typed one: same beginning first, then fewest edits. */
export function nearestNames(typed: string, names: Iterable<string>, count = 3): string[] {
  const scored = [...new Set(names)].map((name) => {
    const prefixed = typed !== "" && (name.startsWith(typed) || typed.startsWith(name));
    return { name, score: editDistance(typed, name) - (prefixed ? 1.5 : 0) };
  });
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, count).map((row) => row.name);
}

/** Levenshtein distance with transpositions of neighbours counted once. */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (current[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (current[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (previous[j - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    previous = current;
    current = next;
  }
  return current[b.length] ?? 0;
}

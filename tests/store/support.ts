/** Builders for the store's tests: plausible and arbitrary buckets, temporary files, a KV that fails. */
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Store } from "../../lib/store/mod.ts";
import type { Kv } from "../../lib/store/writer.ts";

/** 2026-11-20 12:34:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 20, 12, 34);
export const HOUR_MS = 60 * MINUTE_MS;

export const BTC = { venue: "binance-perp", symbol: "BTCUSDT" };
export const ETH = { venue: "binance-perp", symbol: "ETHUSDT" };

/** A full live minute whose numbers follow from its time and `salt`. */
export function liveBucket(t: number, salt = 0): Bucket {
  const x = ((t / MINUTE_MS) * 7919 + salt * 104_729) % 10_007;
  const price = 95_000 + x / 10;
  const [buyBase, sellBase] = [1 + x / 1000, 2 + x / 3000];
  const [buyQuote, sellQuote] = [buyBase * price, sellBase * price];
  return {
    ...emptyBucket(t),
    o: price,
    h: price + 12.3,
    l: price - 4.56,
    c: price + 7.8,
    volBase: buyBase + sellBase,
    volQuote: buyQuote + sellQuote,
    buyBase,
    sellBase,
    buyQuote,
    sellQuote,
    buys: 100 + (x % 900),
    sells: 80 + (x % 700),
    largeBuyQuote: x % 3 === 0 ? buyQuote / 2 : 0,
    largeSellQuote: 0,
    liqLongQuote: 0,
    liqShortQuote: x % 11 === 0 ? 1234.5 : 0,
    liqLongs: 0,
    liqShorts: x % 11 === 0 ? 1 : 0,
    oiBase: 81_234.567 + x,
    fundingRate: 0.0001 + x / 1e9,
    fundingIntervalHours: 8,
    markPrice: price + 0.01234567,
    imbalance: (x - 5000) / 10_007,
    imbalanceSamples: 60,
    coverageMs: 60_000,
    source: "live",
    firstId: 6_000_000_000 + x,
    lastId: 6_000_000_500 + x,
  };
}

/** Full minutes of `[fromMs, toMs)`. */
export function liveBuckets(fromMs: number, toMs: number, salt = 0): Bucket[] {
  const buckets = [];
  for (let t = fromMs; t < toMs; t += MINUTE_MS) buckets.push(liveBucket(t, salt));
  return buckets;
}

/** Writes full minutes of BTC (salt 0) and ETH (salt 1) in `[fromMs, toMs)`. */
export async function writeMinutes(store: Store, fromMs: number, toMs: number): Promise<void> {
  for (let t = fromMs; t < toMs; t += MINUTE_MS) {
    await store.writeMinute(t / MINUTE_MS, [
      { series: BTC, bucket: liveBucket(t) },
      { series: ETH, bucket: liveBucket(t, 1) },
    ]);
  }
}

/** Anything that a double, or unknown, can be. */
const value = fc.oneof(
  fc.constantFrom(null, 0, -0, 1, 127, 128, 2 ** 49 - 1, 2 ** 49, 2 ** 53, -1, 1e300, 5e-324),
  fc.double(),
  fc.nat(),
);
const known = value.map((x) => x ?? 0);

/** Any bucket at `t`, sensible or not. */
export function anyBucket(t: number): fc.Arbitrary<Bucket> {
  return fc.record({
    t: fc.constant(t),
    o: value,
    h: value,
    l: value,
    c: value,
    volBase: value,
    volQuote: value,
    buyBase: value,
    sellBase: value,
    buyQuote: value,
    sellQuote: value,
    buys: value,
    sells: value,
    largeBuyQuote: value,
    largeSellQuote: value,
    liqLongQuote: value,
    liqShortQuote: value,
    liqLongs: value,
    liqShorts: value,
    oiBase: value,
    fundingRate: value,
    fundingIntervalHours: value,
    markPrice: value,
    imbalance: value,
    imbalanceSamples: known,
    coverageMs: known,
    source: fc.constantFrom(null, "live", "repaired", "candle"),
    firstId: value,
    lastId: value,
  }, { noNullPrototype: true });
}

/** Runs with a temporary directory that is gone afterwards. */
export async function inTempDir(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The KV with a say before each commit: `before` sees how many there were and may throw what SQLite would. */
export function failingKv(kv: Deno.Kv, before: (commit: number) => void): Kv {
  let commits = 0;
  return {
    get: kv.get.bind(kv),
    getMany: kv.getMany.bind(kv),
    list: kv.list.bind(kv),
    close: kv.close.bind(kv),
    atomic() {
      const atomic = kv.atomic();
      const commit = atomic.commit.bind(atomic);
      atomic.commit = () => {
        try {
          before(commits++);
        } catch (error) {
          return Promise.reject(error);
        }
        return commit();
      };
      return atomic;
    },
  };
}

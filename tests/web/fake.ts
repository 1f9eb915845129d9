/** A small market for the web tests: three series, minutes whose close is their number. */
import { type Bucket, emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { type Past, pastFrom } from "../../lib/market/past/past.ts";

import type { Latest, SeriesInfo, Source } from "../../lib/market/source.ts";
import { createLog } from "../../lib/log.ts";
import { createRegistry } from "../../lib/metrics.ts";
import { type Caller, createApp, type WebApp, type WebDeps } from "../../lib/web/app.ts";

/** 2026-11-20 10:00:30 UTC, half a minute into the open minute. */
export const NOW_MS = Date.UTC(2026, 10, 20, 10, 0, 30);

function series(venue: string, market: "spot" | "perp", symbol: string, base: string): SeriesInfo {
  return { venue, market, symbol, base, quote: "USDT", liquidations: "complete" };
}

export const SERIES: readonly SeriesInfo[] = [
  series("binance-spot", "spot", "BTCUSDT", "BTC"),
  series("bybit-perp", "perp", "BTCUSDT", "BTC"),
  series("bybit-perp", "perp", "1000PEPEUSDT", "PEPE"),
  series("bybit-perp", "perp", "币安人生USDT", "币安人生"),
];

export class FakeSource implements Source {
  prices = new Map<string, number>(SERIES.map(({ venue, symbol }) => [`${venue} ${symbol}`, 100]));
  readonly asked: { fromMs: number; toMs: number }[] = [];
  /** Thrown by `buckets` where set. */
  failure: Error | null = null;
  /** What is otherwise in a minute. */
  change: (minute: Bucket) => Bucket = (minute) => minute;

  nowMs = () => NOW_MS;
  venues = () => [];
  assets = () => ["BTC", "PEPE", "币安人生"];
  listed = () => ["BTC", "ETH", "PEPE", "币安人生"];
  seriesOf = (asset: string) => SERIES.filter(({ base }) => base === asset);
  allSeries = () => SERIES;
  tickers = () => [];
  tickersMs = () => null;
  liquidationNorm = () => Promise.resolve({ toMs: 0, minutes: 0, p99Quote: null });
  earlierBars = () => null;

  ensure(asset: string): Promise<"watched" | "unlisted"> {
    return Promise.resolve(this.seriesOf(asset).length > 0 ? "watched" : "unlisted");
  }

  latest({ venue, symbol }: SeriesInfo): Latest {
    return {
      price: this.prices.get(`${venue} ${symbol}`) ?? null,
      tradeMs: NOW_MS,
      markPrice: null,
      markMs: null,
      fundingRate: null,
      fundingIntervalHours: null,
      nextFundingMs: null,
      oiBase: null,
      oiMs: null,
      imbalance: null,
    };
  }

  async past(info: SeriesInfo, fromMs: number, toMs: number): Promise<Past> {
    return pastFrom(await this.buckets(info, fromMs, toMs), { fromMs, toMs });
  }

  /** Minutes of the last two hours; like the real one it may hand out the minute around `fromMs`. */
  buckets(_: SeriesInfo, fromMs: number, toMs: number): Promise<readonly Bucket[]> {
    this.asked.push({ fromMs, toMs });
    if (this.failure) return Promise.reject(this.failure);
    const buckets: Bucket[] = [];
    const first = Math.max(fromMs, NOW_MS - 120 * MINUTE_MS);
    for (let minute = Math.floor(first / MINUTE_MS);; minute++) {
      const t = minute * MINUTE_MS;
      if (t >= Math.min(toMs, NOW_MS)) return Promise.resolve(buckets);
      buckets.push(this.change(minuteBucket(t)));
    }
  }
}

function minuteBucket(t: number): Bucket {
  const close = (t / MINUTE_MS) % 1000;
  return {
    ...emptyBucket(t),
    o: close,
    h: close,
    l: close,
    c: close,
    buyBase: 1,
    sellBase: 2,
    volBase: 3,
    buys: 1,
    sells: 1,
    coverageMs: MINUTE_MS,
    source: "live",
  };
}

export const LOCAL: Caller = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50_000 },
};
export const STRANGER: Caller = {
  remoteAddr: { transport: "tcp", hostname: "203.0.113.7", port: 50_000 },
};

export interface Bench {
  readonly app: WebApp;
  readonly source: FakeSource;
  readonly lines: string[];
  /** The wall clock; tests move it. */
  readonly clock: { nowMs: number };
  get(path: string, init?: RequestInit, caller?: Caller): Promise<Response>;
}

/** An app over the fake market, asked from this machine unless the test says otherwise. */
export function bench(deps: Partial<WebDeps> = {}): Bench {
  const source = new FakeSource();
  const lines: string[] = [];
  const clock = { nowMs: NOW_MS };
  const app = createApp({
    source,
    answer: (text) => Promise.resolve({ html: `<b>${text}</b>`, text, data: { asked: text } }),
    ready: () => ({ ready: true, reasons: [] }),
    metrics: createRegistry(),
    apiToken: null,
    version: "1.2.3",
    nowMs: () => clock.nowMs,
    log: createLog({ level: "debug", write: (line) => lines.push(line) }),
    ...deps,
  });
  const get: Bench["get"] = (path, init = {}, caller = LOCAL) =>
    app.fetch(new Request(`http://localhost:8080${path}`, init), caller);
  return { app, source, lines, clock, get };
}

/** The JSON of a reply; its shape is for the test to assert. */
export async function json(reply: Response | Promise<Response>): Promise<Record<string, unknown>> {
  return await (await reply).json();
}

/** Asserts-friendly form of a refusal: status, code and message. */
export async function refusal(reply: Promise<Response>): Promise<[number, string, string]> {
  const { status } = await reply;
  const { error } = await (await reply).json();
  return [status, String(error.code), String(error.message)];
}

/**
 * Recordings as the service would have them: each row as the frame that the venue sends,
 * through its collector into minutes. Beside them the rows themselves, to compute from.
 */
import type { Collector } from "../../../lib/market/collector.ts";
import { createLog } from "../../../lib/log.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Head } from "../../../lib/market/head/head.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { Intake } from "../../../lib/tape/feed/intake.ts";
import { linesOf, readText } from "../../collectors/recordings.ts";

/** A trade as it was recorded. */
export interface RawTrade {
  readonly timeMs: number;
  readonly price: number;
  readonly size: number;
  /** The buyer was the maker: a taker sold. */
  readonly sold: boolean;
}

/** A forced order as it was recorded: `SELL` closes a long. */
export interface RawLiquidation {
  readonly timeMs: number;
  readonly long: boolean;
  readonly quote: number;
}

export interface Frame {
  readonly timeMs: number;
  readonly text: string;
}

/** All minutes of the frames, the stream live from the first to the last; ids are given anew. */
export function minutesOf(
  collector: Collector,
  symbol: string,
  frames: readonly Frame[],
): Bucket[] {
  const instrument = { venue: collector.venue, symbol, base: "X", quote: "Y", multiplier: 1 };
  const series = new Head().open(instrument, seriesOptions(collector));
  const slot = { series, heard: () => {} };
  const intake = new Intake({ collector, find: () => slot, log: createLog({ level: "error" }) });
  const buckets: Bucket[] = [];
  const [firstMs, lastMs] = [frames[0]?.timeMs ?? 0, frames.at(-1)?.timeMs ?? 0];
  let t = Math.floor(firstMs / MINUTE_MS) * MINUTE_MS;
  const close = (untilMs: number) => {
    for (; t + MINUTE_MS <= untilMs; t += MINUTE_MS) {
      series.coverage.cover(firstMs, t + MINUTE_MS);
      buckets.push(series.bucket(t / MINUTE_MS) ?? emptyBucket(t));
    }
  };
  for (const { timeMs, text } of frames) {
    close(timeMs);
    intake.take(text, timeMs);
  }
  close(lastMs);
  if (intake.stats.parseErrors > 0) throw new Error("Cannot read a recorded frame");
  return buckets;
}

/** Binance spot's own REST rows, two and a half days of one quiet market. */
export function quietMarket(): readonly RawTrade[] {
  const rows = JSON.parse(
    readText("binance-spot_bulk-trades/freqtrade_XRPETH_20191011-13.json.gz"),
  );
  return rows.map(({ info }: { info: Record<string, string | number | boolean> }): RawTrade => ({
    ...{ timeMs: Number(info.T), price: Number(info.p), size: Number(info.q) },
    sold: info.m === true,
  }));
}

/** Six minutes of a busy one, every trade by itself. */
export function busyMarket(): readonly RawTrade[] {
  return linesOf("binance-usdm_ws/hftbacktest_btcusdt_20240808.gz").flatMap((line): RawTrade[] => {
    const { data } = JSON.parse(line.slice(line.indexOf(" ") + 1));
    if (data?.e !== "trade" || data.X !== "MARKET") return [];
    return [{ timeMs: data.T, price: Number(data.p), size: Number(data.q), sold: data.m }];
  });
}

/** Large trades of one symbol over ten days: E, s, a, p, q, T, m and more. */
export function largeTrades(symbol: string): readonly RawTrade[] {
  return linesOf("binance-usdm_large-trades/riftfern_202512.csv.gz").flatMap((line): RawTrade[] => {
    const [, name = "", , price, size, timeMs, maker] = line.split(",").map((one) => one.trim());
    if (name !== symbol) return [];
    const row = { timeMs: Number(timeMs), price: Number(price), size: Number(size) };
    return [{ ...row, sold: maker === "True" }];
  }).sort((a, b) => a.timeMs - b.timeMs);
}

/** The forced orders of all symbols in a bad hour, as if they were one market's. */
export function liquidations(): readonly RawLiquidation[] {
  return linesOf("binance-usdm_liquidations/riftfern_20251227_part1.csv").map((line) => {
    const [, side, , , , , average, , , filled, timeMs] = line.split(",");
    const quote = Number(average) * Number(filled);
    return { timeMs: Number(timeMs), long: side === "SELL", quote };
  }).sort((a, b) => a.timeMs - b.timeMs);
}

/** Trades as `aggTrade` frames. */
export function tradeFrames(symbol: string, trades: readonly RawTrade[]): Frame[] {
  return trades.map(({ timeMs, price, size, sold }, i) => {
    const row = { e: "aggTrade", E: timeMs, s: symbol, a: i + 1, p: fixed(price), q: fixed(size) };
    return {
      timeMs,
      text: JSON.stringify({ ...row, f: i + 1, l: i + 1, T: timeMs, m: sold, M: true }),
    };
  });
}

/** Forced orders as `forceOrder` frames, a coin at one dollar. */
export function liquidationFrames(symbol: string, rows: readonly RawLiquidation[]): Frame[] {
  return rows.map(({ timeMs, long, quote }) => {
    const side = long ? "SELL" : "BUY";
    const order = { s: symbol, S: side, o: "LIMIT", f: "IOC", q: fixed(quote), p: "1", ap: "1" };
    const o = { ...order, X: "FILLED", l: fixed(quote), z: fixed(quote), T: timeMs };
    return { timeMs, text: JSON.stringify({ e: "forceOrder", E: timeMs, o }) };
  });
}

/** A decimal string without an exponent that reads back as the same number. */
function fixed(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20) : text;
}

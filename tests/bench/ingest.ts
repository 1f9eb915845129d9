/**
 * Frame text to bucket on one core, as a ratio to a loop that only parses the same frames
 * and reads their two numbers. Both run in turns, so that whoever else uses the machine
 * slows both.
 */
import { COLLECTORS } from "../../collectors/mod.ts";
import { createLog } from "../../lib/log.ts";
import type { Collector } from "../../lib/market/collector.ts";
import { Head } from "../../lib/market/head/head.ts";
import { seriesOptions } from "../../lib/market/head/series_options.ts";
import { Intake } from "../../lib/tape/feed/intake.ts";
import { type Connection, Watched } from "../../lib/tape/feed/watched.ts";
import type { Json } from "../../lib/reply/command.ts";
import { assetsOf, listingsOf } from "../sim/market/listing.ts";
import { type Frame, renderFrames, SYMBOLS } from "./frames.ts";
import { type Measurement, median, rounded } from "./measurement.ts";

const TRADES = 200_000;
/** Rounds that only warm the compiler up. */
const WARM_UP = 2;

export const ingest: Measurement = {
  name: "ingest",
  async run({ rounds }, say) {
    const startMs = Math.floor(Date.now() / 60_000) * 60_000;
    const frames = renderFrames(TRADES, startMs);
    const results: Record<string, Json> = {};
    for (const name of ["all", ...COLLECTORS.map(({ venue }) => venue)]) {
      const chosen = frames.filter(({ venue }) => name === "all" || venue === name);
      results[name] = compare(chosen, rounds);
      say(`ingest ${name}: ${JSON.stringify(results[name])}`);
      await Promise.resolve();
    }
    return { budget: "ratio ≥ 0.5", symbols: SYMBOLS, ...results };
  },
};

function compare(frames: readonly Frame[], rounds: number): Json {
  const [bare, ours, ratios]: [number[], number[], number[]] = [[], [], []];
  let trades = 0;
  for (let round = -WARM_UP; round < rounds; round++) {
    const parsed = timed(() => parseOnly(frames));
    const taken = timed(() => takeAll(frames));
    trades = parsed.result;
    if (taken.result !== trades) {
      throw new Error(`Of ${trades} trades only ${taken.result} reached a bucket`);
    }
    if (round < 0) continue;
    bare.push(trades / parsed.seconds);
    ours.push(trades / taken.seconds);
    ratios.push(parsed.seconds / taken.seconds);
  }
  return {
    trades,
    frames: frames.length,
    bareTradesPerSecond: rounded(median(bare)),
    tradesPerSecond: rounded(median(ours)),
    ratio: rounded(median(ratios)),
  };
}

function timed<T>(run: () => T): { readonly result: T; readonly seconds: number } {
  const startedMs = performance.now();
  const result = run();
  return { result, seconds: (performance.now() - startedMs) / 1000 };
}

/** One row of `data`, whichever venue it is of. */
interface Row {
  readonly p: string;
  readonly q?: string;
  readonly v?: string;
}

/** The least that anybody must do; returns how many trades there were. */
function parseOnly(frames: readonly Frame[]): number {
  let trades = 0;
  let sum = 0;
  for (const { text } of frames) {
    const { data }: { data: Row | Row[] } = JSON.parse(text);
    if (Array.isArray(data)) {
      for (const row of data) {
        sum += Number(row.p) * Number(row.v);
        trades++;
      }
    } else {
      sum += Number(data.p) * Number(data.q);
      trades++;
    }
  }
  if (!(sum > 0)) throw new Error("Nothing was traded");
  return trades;
}

/** The whole way of a live frame but the socket; returns how many trades are in buckets. */
function takeAll(frames: readonly Frame[]): number {
  const head = new Head();
  const intakes = new Map(COLLECTORS.map((one) => [one.venue, intakeOf(one, head)]));
  for (const { venue, text, atMs } of frames) intakes.get(venue)?.take(text, atMs);
  let trades = 0;
  for (const { stats } of intakes.values()) trades += stats.events.trade;
  return trades;
}

function intakeOf(collector: Collector, head: Head): Intake {
  const connection: Connection = { ackedMs: new Map(), proven: new Set(), lastFrameMs: 0 };
  const watched = new Map<string, Watched>();
  for (const { venue, symbol, asset, multiplier } of listingsOf(assetsOf(SYMBOLS))) {
    if (venue !== collector.venue) continue;
    const instrument = { venue, symbol, base: asset, quote: "USDT", multiplier };
    const series = head.open(instrument, seriesOptions(collector));
    const slot = new Watched(series, () => connection);
    const topics = collector.routes.flatMap((route) => route.topics([instrument]));
    for (const topic of topics) slot.register(topic);
    watched.set(symbol, slot);
  }
  return new Intake({
    collector,
    find: (symbol) => watched.get(symbol),
    log: createLog({ level: "error" }),
  });
}

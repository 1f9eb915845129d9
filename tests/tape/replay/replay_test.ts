/**
 * Replays the recordings and compares every minute with what a few lines compute from the
 * raw text, without any code of ours.
 */
import { deepEqual, equal, ok } from "../../assert.ts";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { COLLECTORS } from "../../../collectors/mod.ts";
import { createLog } from "../../../lib/log.ts";
import type { Bucket } from "../../../lib/market/bucket.ts";
import { Store } from "../../../lib/store/mod.ts";
import { Replay } from "../../../lib/tape/replay/replay.ts";
import { SHARED_DATA, testWithData } from "../../shared_data.ts";

/** A trade as the raw line has it, or nothing. */
type RawTrade = { key: string; t: number; p: number; q: number; buy: boolean };

interface Minute {
  o: number;
  h: number;
  l: number;
  c: number;
  buyBase: number;
  sellBase: number;
  buyQuote: number;
  sellQuote: number;
  buys: number;
  sells: number;
}

function linesOf(path: string): string[] {
  const bytes = Deno.readFileSync(SHARED_DATA + path);
  const raw = path.endsWith(".zst") ? zstdDecompressSync(bytes) : gunzipSync(bytes);
  return new TextDecoder().decode(raw).split("\n");
}

/** The frame text and the connection of a line of any of the three recorders. */
function frameOf(line: string): { conn: string; text: string } | null {
  if (line.startsWith('{"t":')) {
    const row = JSON.parse(line);
    return row.t === "recv" ? { conn: row.conn, text: row.data } : null;
  }
  const plain = /^[\d.]+:? (?=[[{])/.exec(line);
  return plain ? { conn: "", text: line.slice(plain[0].length) } : null;
}

function binanceTrades(text: string): RawTrade[] {
  const frame = JSON.parse(text);
  const d = frame.data ?? frame;
  if (d.e !== "aggTrade" && d.e !== "trade") return [];
  if (d.X !== undefined && d.X !== "MARKET") return [];
  return [{ key: d.s, t: d.T, p: Number(d.p), q: Number(d.q), buy: !d.m }];
}

function bybitTrades(text: string): RawTrade[] {
  const frame = JSON.parse(text);
  if (!frame.topic?.startsWith("publicTrade.")) return [];
  return frame.data.filter((d: { BT: boolean }) => !d.BT).map((
    d: { s: string; T: number; p: string; v: string; S: string },
  ) => ({ key: d.s, t: d.T, p: Number(d.p), q: Number(d.v), buy: d.S === "Buy" }));
}

function minutesOf(trades: Iterable<RawTrade>): Map<string, Minute> {
  const minutes = new Map<string, Minute>();
  for (const { key, t, p, q, buy } of trades) {
    const name = `${key} ${Math.floor(t / 60_000) * 60_000}`;
    let m = minutes.get(name);
    if (!m) {
      m = {
        ...{ o: p, h: p, l: p, c: p, buys: 0, sells: 0 },
        ...{ buyBase: 0, sellBase: 0, buyQuote: 0, sellQuote: 0 },
      };
      minutes.set(name, m);
    }
    m.h = Math.max(m.h, p);
    m.l = Math.min(m.l, p);
    m.c = p;
    m[buy ? "buyBase" : "sellBase"] += q;
    m[buy ? "buyQuote" : "sellQuote"] += p * q;
    m[buy ? "buys" : "sells"]++;
  }
  return minutes;
}

async function replayed(
  paths: readonly string[],
  check: (replay: Replay) => Promise<void>,
): Promise<void> {
  const clock = { nowMs: 0 };
  using store = await Store.open({
    path: ":memory:",
    retentionHours: 24 * 366 * 10,
    nowMs: () => clock.nowMs,
  });
  const replay = new Replay({
    files: paths.map((path) => SHARED_DATA + path),
    clock,
    collectors: COLLECTORS,
    venue: null,
    speed: null,
    store,
    log: createLog({ level: "error" }),
    signal: new AbortController().signal,
  });
  await replay.run();
  await check(replay);
}

/** Every minute of every symbol of a venue, by "symbol t". */
async function bucketsOf(replay: Replay, venue: string): Promise<Map<string, Bucket>> {
  const found = new Map<string, Bucket>();
  for (const series of replay.source.allSeries()) {
    if (series.venue !== venue) continue;
    for (const bucket of await replay.source.buckets(series, 0, replay.source.nowMs() + 60_000)) {
      const traded = (bucket.buys ?? 0) + (bucket.sells ?? 0) > 0;
      if (traded) found.set(`${series.symbol} ${bucket.t}`, bucket);
    }
  }
  return found;
}

function same(found: ReadonlyMap<string, Bucket>, truth: ReadonlyMap<string, Minute>): void {
  deepEqual([...found.keys()].sort(), [...truth.keys()].sort());
  ok(truth.size > 0);
  for (const [name, minute] of truth) {
    for (const [field, value] of Object.entries(minute)) {
      const ours = found.get(name)?.[field as keyof Minute] ?? NaN;
      ok(Math.abs(ours - value) <= 1e-9 * Math.abs(value), `${name} ${field}: ${ours} ≠ ${value}`);
    }
  }
}

const BINANCE: readonly [venue: string, path: string][] = [
  ["binance-perp", "binance-usdm_ws/hftbacktest_btcusdt_20240808.gz"],
  ["binance-spot", "binance-spot_ws/hftbacktest_btcusdt_20240808.gz"],
  ["binance-spot", "binance-spot_ws/hftbacktest_ethusdt_20240808.gz"],
  ["binance-perp", "binance-usdm_ws/cryptofeed_20210405_5pairs.log.gz"],
  ["binance-perp", "binance-usdm_ws/cryptofeed_20210722.jsonl.zst"],
  ["binance-spot", "binance-spot_ws/cryptofeed_20210405_10pairs.log.gz"],
  ["binance-spot", "binance-spot_ws/cryptofeed_20211012.jsonl.zst"],
];

for (const [venue, path] of BINANCE) {
  testWithData(`${path} replays to the minutes of its raw lines`, async () => {
    const frames = linesOf(path).flatMap((line) => frameOf(line) ?? []);
    const truth = minutesOf(frames.flatMap(({ text }) => binanceTrades(text)));
    await replayed([path], async (replay) => {
      same(await bucketsOf(replay, venue), truth);
      equal(replay.intakes.reduce((sum, { stats }) => sum + stats.parseErrors, 0), 0);
    });
  });
}

testWithData(
  "a Bybit recording replays by connection: spot and linear share their names",
  async () => {
    const path = "bybit-v5_ws/cryptofeed_20260809_BTC_SOL.jsonl.gz";
    const lines = linesOf(path);
    const addresses = new Map<string, string>();
    for (const line of lines.filter((line) => line.startsWith('{"t":"connect"'))) {
      const { conn, addr } = JSON.parse(line);
      addresses.set(conn, addr);
    }
    const frames = lines.flatMap((line) => frameOf(line) ?? []);
    await replayed([path], async (replay) => {
      for (const [venue, ending] of [["bybit-spot", "/spot"], ["bybit-perp", "/linear"]] as const) {
        const own = frames.filter(({ conn }) => addresses.get(conn)?.endsWith(ending));
        same(
          await bucketsOf(replay, venue),
          minutesOf(own.flatMap(({ text }) => bybitTrades(text))),
        );
      }
      equal(replay.intakes.reduce((sum, { stats }) => sum + stats.parseErrors, 0), 0);
    });
  },
);

testWithData(
  "recordings of several venues and years replay side by side, in their own time",
  async () => {
    const paths = BINANCE.slice(0, 4).map(([, path]) => path);
    const perp = [0, 3].flatMap((index) => {
      const lines = linesOf(paths[index] ?? "").flatMap((line) => frameOf(line) ?? []);
      return lines.flatMap(({ text }) => binanceTrades(text));
    });
    await replayed(paths, async (replay) => {
      same(await bucketsOf(replay, "binance-perp"), minutesOf(perp));
    });
  },
);

testWithData(
  "the minutes inside a recording are whole, the first and the last are not",
  async () => {
    await replayed(["binance-spot_ws/hftbacktest_btcusdt_20240808.gz"], async (replay) => {
      const [series] = replay.source.allSeries();
      ok(series);
      const buckets = await replay.source.buckets(series, 0, replay.source.nowMs());
      const coverage = buckets.map((bucket) => bucket.coverageMs);
      ok((coverage[0] ?? 0) > 0 && (coverage[0] ?? 0) < 60_000);
      for (const inner of coverage.slice(1, -1)) equal(inner, 60_000);
    });
  },
);

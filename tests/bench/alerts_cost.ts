/**
 * What a thousand armed rules cost, in a process of its own: twenty assets on four markets,
 * 720 prints a second, on a clock that is turned as fast as the engine follows. Prints one
 * line of JSON: the part of a core, the heap that the rules hold, and how many firings.
 */
import { Book } from "../../lib/alerts/run/book.ts";
import { Engine } from "../../lib/alerts/run/engine.ts";
import { createLog } from "../../lib/log.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { FakeRecords } from "../alerts/fake_records.ts";
import { MovingSource, random, wildMinutes } from "../alerts/moving_source.ts";
import { ruleOf } from "../alerts/ruling.ts";
import { cpuSecondsOf } from "./proc.ts";

const RULES = 1000;
const PRINTS_PER_SECOND = 720;
const [BEFORE, MINUTES] = [1620, 30];
const START_MS = Date.UTC(2026, 10, 18);
const BEGIN_MS = START_MS + BEFORE * MINUTE_MS;
const ASSETS = Array.from({ length: 20 }, (_, i) => `A${i}`);
const VENUES = ["binance-spot", "binance-perp", "bybit-spot", "bybit-perp"];

const METRICS = [
  ...["price > 101", "price < 99", "price crosses 100", "change 5m > 1%", "rsi 15m > 70"],
  ...["volume 5m > 1m", "rvol 15m > 2", "delta 5m > 100k", "cvd 15m flips", "large 1m > 100k"],
  ...["imbalance 5m > 0.3", "oi 15m > 1%", "quadrant 15m", "funding flips", "liq 5m > 400k"],
  ...["cascade", "spread > 0.1%", "divergence 30m", "volume-z 5m > 3", "silent > 3"],
];

declare global {
  var gc: () => void;
}

async function heldBy(
  rules: number,
  source: MovingSource,
): Promise<[Engine, number, () => number]> {
  const book = new Book(new FakeRecords(), "bench");
  await book.load();
  let fired = 0;
  const engine = new Engine({
    ...{ source, book, watched: () => ASSETS, account: () => null, blind: () => {} },
    fired: (bunch) => fired += bunch.length,
    log: createLog({ level: "error" }),
  });
  globalThis.gc();
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < rules; i++) {
    const metric = METRICS[Math.floor(i / ASSETS.length) % METRICS.length] ?? "";
    await book.add("tg:1", ruleOf(`${ASSETS[i % ASSETS.length]} ${metric}`), source.now);
  }
  engine.replan();
  for (let i = 0; i < 4; i++) {
    await engine.tick();
    source.now += 1000;
  }
  globalThis.gc();
  return [engine, Deno.memoryUsage().heapUsed - before, () => fired];
}

async function main(): Promise<void> {
  const markets = ASSETS.flatMap((base, nth) =>
    VENUES.map((venue, place) => {
      const spot = venue.endsWith("-spot");
      const seed = nth * 10 + place;
      const minutes = BEFORE + MINUTES + 2;
      return { venue, base, buckets: wildMinutes({ seed, fromMs: START_MS, minutes, spot }) };
    })
  );
  const source = new MovingSource(markets, BEGIN_MS + 500);
  const [engine, bytes, fired] = await heldBy(RULES, source);
  const next = random(7);
  const prices = ASSETS.map(() => 100);
  const endMs = source.now + MINUTES * MINUTE_MS;
  const beforeSeconds = cpuSecondsOf(Deno.pid);
  while (source.now < endMs) {
    const stepMs = Math.max(20, engine.restMs());
    for (let due = PRINTS_PER_SECOND * stepMs / 1000; due > 0; due--) {
      const nth = Math.floor(next() * ASSETS.length);
      const price = prices[nth] = (prices[nth] ?? 100) * (1 + (next() - 0.5) * 0.0004);
      const venue = VENUES[Math.floor(next() * VENUES.length)] ?? "";
      engine.prices.onTrade(ASSETS[nth] ?? "", venue, price, source.now);
    }
    source.now += stepMs;
    await engine.tick();
  }
  const corePart = (cpuSecondsOf(Deno.pid) - beforeSeconds) * 1000 / (MINUTES * MINUTE_MS);
  const line = { corePart, megabytes: bytes / 1e6, fired: fired() };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
}

if (import.meta.main) await main();

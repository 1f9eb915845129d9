import { deepEqual, equal } from "../../assert.ts";
import { binanceSpot } from "../../../collectors/binance_spot.ts";
import { createLog } from "../../../lib/log.ts";
import { Series } from "../../../lib/market/head/series.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { Intake } from "../../../lib/tape/feed/intake.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 0);
const YEAR_MS = 365 * 86_400_000;

function setting() {
  const instrument = { venue: "binance-spot", symbol: "BTCUSDT", base: "BTC", quote: "USDT" };
  const series = new Series({ ...instrument, multiplier: 1 }, seriesOptions(binanceSpot));
  const observed: number[] = [];
  const intake = new Intake({
    collector: binanceSpot,
    find: (symbol) => symbol === "BTCUSDT" ? { series, heard: () => {} } : undefined,
    observe: (eventMs) => observed.push(eventMs),
    log: createLog({ level: "error" }),
  });
  return { series, observed, intake };
}

function frame(id: number, timeMs: number, symbol = "BTCUSDT"): string {
  const trade = { e: "aggTrade", E: timeMs, s: symbol, a: id, p: "100", q: "1", f: id, l: id };
  const data = { ...trade, T: timeMs, m: false, M: true };
  return JSON.stringify({ stream: `${symbol.toLowerCase()}@aggTrade`, data });
}

Deno.test("what comes in is counted by what became of it", () => {
  const { intake, series } = setting();
  intake.take(frame(1, T0), T0 + 10);
  intake.take(frame(1, T0), T0 + 20);
  intake.take(frame(2, T0 + YEAR_MS), T0 + 30);
  intake.take(frame(2, 1_000), T0 + 40);
  intake.take(frame(9, T0, "ETHUSDT"), T0 + 50);
  intake.take("<html>", T0 + 60);
  const { frames, parseErrors, unwatched, events, refused } = intake.stats;
  deepEqual([frames, parseErrors, unwatched, events.trade], [6, 1, 1, 1]);
  deepEqual(refused, { duplicate: 1, late: 1, future: 1 });
  equal(series.bucket(T0 / 60_000)?.buys, 1);
});

Deno.test("a time that no other trade confirms sets no clock", () => {
  const { intake, observed } = setting();
  intake.take(frame(1, T0 + YEAR_MS), T0);
  intake.take(frame(1, T0), T0);
  intake.take(frame(2, T0 + 100), T0 + 100);
  intake.take(frame(3, 1_000), T0 + 110);
  intake.take(frame(3, T0 + 120), T0 + 120);
  intake.take(frame(4, T0 + 140), T0 + 140);
  deepEqual(observed, [T0 + 100, T0 + 140]);
});

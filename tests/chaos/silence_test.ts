/** Streams that fall silent while their subscription stands, and everything else flows. */
import { deepEqual, ok } from "../assert.ts";
import { startExchange, type VenueName } from "../sim/exchange.ts";
import { Service } from "../e2e/service.ts";
import { sleep } from "./chaos.ts";

const WITHIN_MS = 60_000;
/** Long enough for the service to learn how often each stream speaks. */
const LEARN_MS = 12_000;

const MUTED: readonly (readonly [VenueName, stream: string])[] = [
  ["binance-spot", "btcusdt@aggTrade"],
  ["binance-spot", "ethusdt@depth20"],
  // A busy stream and, beside it, one that hardly ever speaks.
  ["binance-perp", "btcusdt@aggTrade"],
  ["binance-perp", "btcusdt@forceOrder"],
  ["binance-perp", "ethusdt@markPrice@1s"],
  ["bybit-spot", "publicTrade.BTCUSDT"],
  // Two or three trades in ten seconds: only the venue can tell that this one is dead.
  ["bybit-spot", "publicTrade.PEPEUSDT"],
  ["bybit-perp", "publicTrade.ETHUSDT"],
  ["bybit-perp", "tickers.BTCUSDT"],
];

Deno.test("a stream that falls silent while acked is noticed within a minute and flows again", async () => {
  await using exchange = await startExchange({
    ...{ seed: 9, symbols: 4, tradesPerSecond: 40, historyMinutes: 10, cascadesPerHour: 0 },
  });
  const env = { ...exchange.env, SYMBOLS: "top:20", RETENTION_HOURS: "1" };
  await using service = new Service({ args: [], env });
  await service.until("/readyz", 200);
  await sleep(LEARN_MS);
  const muted = MUTED.filter(([venue, stream]) => exchange.listeners(venue, stream) > 0);
  for (const [venue, stream] of muted) exchange.fault({ kind: "mute", venue, stream });
  const startMs = performance.now();
  const recovered = new Map<string, number>();
  while (recovered.size < muted.length && performance.now() - startMs < WITHIN_MS) {
    for (const [venue, stream] of muted) {
      const name = `${venue} ${stream}`;
      if (recovered.has(name) || exchange.listeners(venue, stream) === 0) continue;
      recovered.set(name, performance.now() - startMs);
    }
    await sleep(100);
  }
  const times = [...recovered].map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`);
  await Deno.stdout.write(
    new TextEncoder().encode(`silent streams asked for again after: ${times.join(", ")}\n`),
  );
  ok(muted.length >= 8, `only ${muted.length} of the streams are subscribed`);
  deepEqual(muted.filter(([venue, stream]) => !recovered.has(`${venue} ${stream}`)), []);
});

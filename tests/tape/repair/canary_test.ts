import { deepEqual, equal, rejects } from "../../assert.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { Candle } from "../../../lib/market/collector.ts";
import { Canary, type CanaryOptions, compare } from "../../../lib/tape/repair/canary.ts";

function candle(minute: number, base: number): Candle {
  return {
    openMs: minute * MINUTE_MS,
    ...{ open: 1, high: 1, low: 1, close: 1 },
    ...{ base, quote: base, buyBase: null, buyQuote: null, matches: null },
  };
}

function bucket(minute: number, volBase: number, more: Partial<Bucket> = {}): Bucket {
  const whole = { coverageMs: MINUTE_MS, source: "live" } as const;
  return { ...emptyBucket(minute * MINUTE_MS), ...whole, volBase, ...more };
}

Deno.test("equal volumes differ by nothing", () => {
  const { share, minutes } = compare([bucket(1, 5), bucket(2, 0)], [candle(1, 5), candle(2, 0)]);
  deepEqual([share, minutes], [0, []]);
});

Deno.test("a missing part of the volume shows as its share, with the minutes that lack it", () => {
  const { share, minutes } = compare([bucket(1, 90), bucket(2, 100)], [
    ...[candle(1, 100), candle(2, 100)],
  ]);
  deepEqual([share, minutes], [0.05, [MINUTE_MS]]);
});

Deno.test("volume that the venue never had shows too", () => {
  equal(compare([bucket(1, 200)], [candle(1, 100)]).share, 0.5);
});

Deno.test("minutes that are incomplete, or candles themselves, are no witnesses", () => {
  const buckets = [
    bucket(1, 1, { coverageMs: 59_999 }),
    bucket(2, 1, { source: "candle" }),
  ];
  const { share, minutes } = compare(buckets, [candle(1, 100), candle(2, 100), candle(3, 100)]);
  deepEqual([share, minutes], [null, []]);
});

const HOUR_MS = 60 * MINUTE_MS;

/** The few things of a venue that the canary looks at; `ask` answers for a symbol. */
function looking(symbols: readonly string[], ask: (symbol: string) => Promise<Candle[]>) {
  const clock = { ms: 10 * HOUR_MS };
  const venue = {
    collector: { venue: "v", api: { candles: {} } },
    clock: { nowMs: () => clock.ms },
    feed: { symbols },
    ask: (_: unknown, { symbol }: { symbol: string }) => ask(symbol),
  };
  const options = {
    ...{ venue, alarm: () => {}, distrust: () => {} },
    minutes: { readOnce: () => Promise.resolve([]) },
  };
  return { clock, canary: new Canary(options as unknown as CanaryOptions) };
}

Deno.test("a series that the venue does not tell holds up no other, and is asked for again", async () => {
  const asked: string[] = [];
  const { clock, canary } = looking(["A", "B", "C"], (symbol) => {
    asked.push(symbol);
    const isOut = symbol === "B" && asked.length <= 2;
    return isOut ? Promise.reject(new Error("HTTP 503")) : Promise.resolve([]);
  });
  const { signal } = new AbortController();
  await canary.look(signal);
  clock.ms += HOUR_MS;
  await rejects(canary.look(signal), /HTTP 503/);
  clock.ms += MINUTE_MS;
  await canary.look(signal);
  await canary.look(signal);
  deepEqual(asked, ["A", "B", "C", "B"]);
  clock.ms += HOUR_MS;
  await canary.look(signal);
  deepEqual(asked.slice(4), ["A", "B", "C"]);
});

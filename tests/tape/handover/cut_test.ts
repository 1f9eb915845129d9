import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import type { Bucket } from "../../../lib/market/bucket.ts";
import type { Depth, MarketEvent, Trade } from "../../../lib/market/events.ts";
import { Series } from "../../../lib/market/head/series.ts";
import { Cut } from "../../../lib/tape/handover/cut.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 0);
const MINUTE = T0 / 60_000;
const SPAN_MS = 50_000;

function seriesOf(sequentialIds: boolean): Series {
  const instrument = { venue: "v", symbol: "BTCUSDT", base: "BTC", quote: "USDT", multiplier: 1 };
  return new Series(instrument, { sequentialIds, liquidations: true, depthDeltas: false });
}

/** A process that hears events in an order of its own. */
class Hearing {
  readonly cut = new Cut();
  readonly series: Series;

  constructor(sequentialIds: boolean) {
    this.series = seriesOf(sequentialIds);
  }

  readonly #put = (event: MarketEvent, nowMs: number): void => {
    if (event.kind === "trade") this.series.addTrade(event, nowMs);
    if (event.kind === "liquidation") this.series.addLiquidation(event, nowMs);
  };

  hear(event: MarketEvent): void {
    const nowMs = T0 + SPAN_MS;
    if (!this.cut.takes(event, nowMs, this.#put)) this.#put(event, nowMs);
  }
}

/** Goes on from what another process stored. */
function continueFrom({ series }: Hearing, bucket: Bucket | null, cutMs: number): void {
  if (bucket) {
    series.ring.forget(MINUTE);
    series.restore(bucket);
  }
  series.ids.beginAt(cutMs);
  series.coverage.beginAt(cutMs);
}

const happened = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 400 }),
    price: fc.integer({ min: 90, max: 110 }),
    size: fc.integer({ min: 1, max: 9 }),
    side: fc.constantFrom("buy" as const, "sell" as const),
    isForced: fc.boolean(),
  }),
  { minLength: 1, maxLength: 100 },
);

function eventsOf(rows: typeof happened extends fc.Arbitrary<infer R> ? R : never): MarketEvent[] {
  let timeMs = T0;
  return rows.flatMap(({ afterMs, price, size, side, isForced }, nth) => {
    timeMs += afterMs;
    const at = { symbol: "BTCUSDT", timeMs, price, size };
    const trade: Trade = { kind: "trade", ...at, side, id: 1000 + nth };
    return isForced ? [trade, { kind: "liquidation", ...at, position: "long" }] : [trade];
  });
}

const TOLD = ["o", "h", "l", "c", "buyQuote", "sellQuote", "buys", "sells"] as const;
const FORCED = ["liqLongQuote", "liqLongs"] as const;

Deno.test("two processes that count by one instant have together what happened, once", () => {
  const property = fc.property(
    happened,
    fc.boolean(),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (rows, sequentialIds, joined, cutAt) => {
      const events = eventsOf(rows);
      const lastMs = (events.at(-1)?.timeMs ?? T0) + 1;
      const cutMs = Math.floor(T0 + cutAt * (lastMs - T0));
      const [whole, old, next] = [0, 1, 2].map(() => new Hearing(sequentialIds));
      ok(whole && old && next);
      for (const event of events) whole.hear(event);
      old.cut.holdFrom(cutMs);
      next.cut.holdFrom(cutMs);
      for (const event of events) old.hear(event);
      // The new one came in the middle, and hears everything twice.
      const heard = events.slice(
        Math.floor(joined * events.filter(({ timeMs }) => (timeMs ?? 0) < cutMs).length),
      );
      for (const event of heard) {
        next.hear(event);
        if (event.kind === "trade") next.hear(event);
      }
      const stored = old.series.bucket(MINUTE);
      continueFrom(next, stored, cutMs);
      ok(next.cut.begin());
      // What is late and was before is the other's.
      for (const event of events) if ((event.timeMs ?? 0) < cutMs) next.hear(event);
      const [ours, theirs] = [next.series.bucket(MINUTE), whole.series.bucket(MINUTE)];
      for (const field of TOLD) equal(ours?.[field], theirs?.[field], field);
      for (const field of FORCED) equal(ours?.[field] ?? 0, theirs?.[field] ?? 0, field);
    },
  );
  fc.assert(property, { seed: 20261120, numRuns: 500 });
});

Deno.test("where nobody follows, what waited is counted as if nothing had been", () => {
  const hearing = new Hearing(false);
  const trade = (id: number, timeMs: number): Trade => (
    { kind: "trade", symbol: "BTCUSDT", timeMs, price: 100, size: 1, side: "buy", id }
  );
  hearing.cut.holdFrom(T0 + 1_000);
  equal(hearing.cut.creditToMs, T0 + 1_000);
  hearing.hear(trade(1, T0 + 999));
  hearing.hear(trade(2, T0 + 1_000));
  equal(hearing.series.bucket(MINUTE)?.buys, 1);
  ok(hearing.cut.cancel());
  equal(hearing.series.bucket(MINUTE)?.buys, 2);
  equal(hearing.cut.creditToMs, Infinity);
  hearing.hear(trade(3, T0 + 500));
  equal(hearing.series.bucket(MINUTE)?.buys, 3);
});

Deno.test("events without a time of their own are of the time at which they came", () => {
  const cut = new Cut();
  cut.holdFrom(T0);
  const depth: Depth = {
    ...{ kind: "depth", symbol: "BTCUSDT", timeMs: null, snapshot: true, bids: [], asks: [] },
  };
  const put: number[] = [];
  equal(cut.takes(depth, T0 - 1, () => put.push(1)), false);
  equal(cut.takes(depth, T0, () => put.push(2)), true);
  ok(cut.begin());
  deepEqual(put, [2]);
  equal(cut.takes(depth, T0 - 1, () => put.push(3)), true);
});

Deno.test("coverage goes on where the other process ended, and is credited once", () => {
  const [old, next] = [seriesOf(false), seriesOf(false)];
  const cutMs = T0 + 20_000;
  old.coverage.cover(T0 - 60_000, cutMs);
  // The new one came to hear at 10 s, and has credited a little less than up to the cut.
  next.coverage.cover(T0 + 10_000, cutMs - 700);
  const bucket = old.bucket(MINUTE);
  ok(bucket);
  next.ring.forget(MINUTE);
  next.restore(bucket);
  next.ids.beginAt(cutMs);
  next.coverage.beginAt(cutMs);
  next.coverage.cover(T0 + 10_000, T0 + 45_000);
  equal(next.bucket(MINUTE)?.coverageMs, 45_000);
  equal(next.coverage.dark(), null);
});

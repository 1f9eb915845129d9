import { deepEqual, equal } from "../../assert.ts";
import fc from "fast-check";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { PositionSide, TakerSide, Trade } from "../../../lib/market/events.ts";
import { Series } from "../../../lib/market/head/series.ts";
import { liquidationsKnown } from "../../../lib/market/study/liquidation/liquidations.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 0);
const MINUTE = T0 / MINUTE_MS;

interface Options {
  readonly sequentialIds?: boolean;
  readonly liquidations?: boolean;
  readonly depthDeltas?: boolean;
  readonly derivativeDeltas?: boolean;
}

function series(options: Options = {}): Series {
  return new Series(
    { venue: "test-perp", symbol: "BTCUSDT", base: "BTC", quote: "USDT", multiplier: 1 },
    { sequentialIds: true, liquidations: true, depthDeltas: false, ...options },
  );
}

function trade(
  id: number,
  afterMs: number,
  price: number,
  size: number,
  side: TakerSide = "buy",
): Trade {
  return { kind: "trade", symbol: "BTCUSDT", timeMs: T0 + afterMs, price, size, side, id };
}

function bucketOf(one: Series, minute = MINUTE): Bucket {
  const bucket = one.bucket(minute);
  if (!bucket) throw new Error("the minute is not there");
  return bucket;
}

Deno.test("trades add up to their minute: OHLC, taker volumes, counts", () => {
  const one = series();
  one.coverage.cover(T0, T0);
  one.addTrade(trade(1, 10, 100, 2, "buy"), T0 + 10);
  one.addTrade(trade(2, 20, 110, 1, "sell"), T0 + 20);
  one.addTrade(trade(3, 30, 90, 0.5, "buy"), T0 + 30);
  const { o, h, l, c, buyBase, sellBase, buyQuote, sellQuote, buys, sells, volQuote } = bucketOf(
    one,
  );
  deepEqual([o, h, l, c], [100, 110, 90, 90]);
  deepEqual([buyBase, sellBase, buyQuote, sellQuote], [2.5, 1, 245, 110]);
  deepEqual([buys, sells, volQuote], [2, 1, 355]);
});

Deno.test("a minute is half open: a trade at its end belongs to the next", () => {
  const one = series();
  one.addTrade(trade(1, 59_999, 100, 1), T0 + 60_000);
  one.addTrade(trade(2, 60_000, 101, 1), T0 + 60_000);
  equal(bucketOf(one).c, 100);
  equal(bucketOf(one, MINUTE + 1).o, 101);
});

Deno.test("repeats, garbage times and times long past change nothing and are told apart", () => {
  const one = series();
  const nowMs = T0 + 1000;
  equal(one.addTrade(trade(1, 10, 100, 1), nowMs), "added");
  const before = bucketOf(one);
  equal(one.addTrade(trade(1, 10, 100, 1), nowMs), "duplicate");
  equal(one.addTrade(trade(2, 365 * 86_400_000, 100, 1), nowMs), "future");
  equal(one.addTrade({ ...trade(2, 0, 100, 1), timeMs: 1 }, nowMs), "late");
  deepEqual(bucketOf(one), before);
});

Deno.test("an out-of-order trade lands in its minute, and open and close follow the ids", () => {
  const one = series();
  one.addTrade(trade(5, 100, 100, 1), T0 + 100);
  one.addTrade(trade(7, 300, 102, 1), T0 + 300);
  one.addTrade(trade(6, 200, 101, 1), T0 + 310);
  const { o, c, buys } = bucketOf(one);
  deepEqual([o, c, buys], [100, 102, 3]);
});

Deno.test("coverage is what was live: a hole in the ids is taken out until it is filled", () => {
  const one = series();
  one.coverage.cover(T0, T0);
  one.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  one.coverage.cover(T0, T0 + 60_000);
  equal(bucketOf(one).coverageMs, 60_000);
  one.addTrade(trade(3, 5_000, 100, 1), T0 + 60_100);
  equal(bucketOf(one).coverageMs, 56_000);
  equal(one.ids.gaps, 1);
  one.addTrade(trade(2, 4_000, 100, 1), T0 + 60_200);
  equal(bucketOf(one).coverageMs, 60_000);
});

Deno.test("a hole over a reconnect takes nothing twice: dark time was never credited", () => {
  const one = series();
  one.coverage.cover(T0, T0);
  one.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  one.coverage.cover(T0, T0 + 20_000);
  one.coverage.cover(T0 + 40_000, T0 + 40_000);
  one.addTrade(trade(9, 41_000, 100, 1), T0 + 41_000);
  one.coverage.cover(T0 + 40_000, T0 + 60_000);
  // 40 s live; the hole reaches from the last trade to the cut, and from the return to the next.
  equal(bucketOf(one).coverageMs, 40_000 - 19_000 - 1_000);
});

Deno.test("a trade that comes too late is refused, and its minute says that it lacks one", () => {
  const one = series({ sequentialIds: false });
  one.coverage.cover(T0, T0);
  one.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  one.coverage.cover(T0, T0 + 60_000);
  equal(one.addTrade(trade(2, 2_000, 100, 1), T0 + 10 * MINUTE_MS), "late");
  equal(bucketOf(one).coverageMs, 59_999);
});

Deno.test("a minute of which only a hole is known is unknown, not zero", () => {
  const one = series();
  one.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  one.addTrade(trade(500, 3 * MINUTE_MS, 100, 1), T0 + 3 * MINUTE_MS);
  const between = bucketOf(one, MINUTE + 1);
  deepEqual([between.buyQuote, between.source, between.coverageMs], [null, null, 0]);
});

Deno.test("a live minute without trades is a real zero", () => {
  const one = series();
  one.coverage.cover(T0, T0 + 60_000);
  const { o, buyQuote, sells, liqLongQuote, coverageMs } = bucketOf(one);
  deepEqual([o, buyQuote, sells, liqLongQuote, coverageMs], [null, 0, 0, 0, 60_000]);
});

Deno.test("liquidations count for the position's side; without such a stream they are unknown", () => {
  const one = series();
  one.addLiquidation(
    { kind: "liquidation", symbol: "", timeMs: T0, price: 100, size: 3, position: "long" },
    T0,
  );
  const { liqLongQuote, liqLongs, liqShortQuote, liqShorts } = bucketOf(one);
  deepEqual([liqLongQuote, liqLongs], [300, 1]);
  // Whether the other side was listened to in this minute, nobody knows.
  deepEqual([liqShortQuote, liqShorts], [null, null]);
  const spot = series({ liquidations: false });
  spot.addTrade(trade(1, 0, 100, 1), T0);
  equal(bucketOf(spot).liqLongQuote, null);
});

Deno.test("derivative values stay until a frame says otherwise", () => {
  const one = series();
  const event = {
    kind: "derivative",
    symbol: "",
    timeMs: T0,
    markPrice: 100,
    fundingRate: 0.0001,
    fundingIntervalHours: 4,
    nextFundingMs: T0 + 1,
    oiBase: 7,
  } as const;
  one.addDerivative(event, T0);
  const delta = { ...event, fundingRate: null, fundingIntervalHours: null, oiBase: null };
  one.addDerivative({ ...delta, timeMs: T0 + 1000, markPrice: 101 }, T0 + 1000);
  equal(one.latest.markMs, T0 + 1000);
  const { markPrice, fundingRate, fundingIntervalHours, oiBase } = bucketOf(one);
  deepEqual([markPrice, fundingRate, fundingIntervalHours, oiBase], [101, 0.0001, 4, 7]);
});

Deno.test("trades alone do not tell that nobody was liquidated", () => {
  const one = series();
  one.hearsLiquidations = false;
  one.addTrade(trade(1, 10, 100, 2), T0 + 10);
  equal(bucketOf(one).liqLongQuote, null);
  one.hearsLiquidations = true;
  one.addTrade(trade(2, MINUTE_MS, 100, 2), T0 + MINUTE_MS);
  equal(bucketOf(one, MINUTE + 1).liqLongQuote, 0);
});

Deno.test("where deltas leave out what is as it was, it stands in the next minutes too", () => {
  const nothing = { markPrice: null, fundingRate: null, fundingIntervalHours: null, oiBase: null };
  const told = { markPrice: 100, fundingRate: 0.0001, fundingIntervalHours: 8, oiBase: 7 };
  const event = { kind: "derivative", symbol: "", nextFundingMs: null } as const;
  for (const derivativeDeltas of [true, false]) {
    const one = series({ derivativeDeltas });
    one.addDerivative({ ...event, ...told, timeMs: T0 }, T0);
    const later = T0 + 3 * MINUTE_MS;
    one.addDerivative({ ...event, ...nothing, timeMs: later }, later);
    const { markPrice, fundingRate, oiBase } = bucketOf(one, MINUTE + 3);
    deepEqual(
      [markPrice, fundingRate, oiBase],
      derivativeDeltas ? [100, 0.0001, 7] : [null, null, null],
    );
    equal(one.latest.oiMs, derivativeDeltas ? later : T0);
    equal(one.latest.markMs, derivativeDeltas ? later : T0);
    equal(one.bucket(MINUTE + 1), null);
  }
});

Deno.test("before a whole frame nobody knows what a delta leaves out, nor does a late one", () => {
  const nothing = { markPrice: null, fundingRate: null, fundingIntervalHours: null, oiBase: null };
  const event = { kind: "derivative", symbol: "", nextFundingMs: null, ...nothing } as const;
  const one = series({ derivativeDeltas: true });
  one.restore({ ...emptyBucket(T0 - MINUTE_MS), markPrice: 90, oiBase: 5, source: "live" });
  one.addDerivative({ ...event, timeMs: T0 }, T0);
  equal(bucketOf(one).markPrice, null);
  equal(one.latest.markMs, T0 - MINUTE_MS, "of the minute that was restored");
  const later = T0 + MINUTE_MS;
  one.addDerivative({ ...event, timeMs: later, markPrice: 100, oiBase: 7 }, later);
  one.addDerivative({ ...event, timeMs: T0 + 5 }, later);
  deepEqual([bucketOf(one).markPrice, bucketOf(one).oiBase], [null, null]);
  equal(one.latest.oiMs, later);
  equal(one.latest.markMs, later);
});

Deno.test("book imbalance is the mean of at most one sample a second", () => {
  const one = series();
  const depth = { kind: "depth", symbol: "", snapshot: true, asks: [[101, 1]] } as const;
  one.addDepth({ ...depth, timeMs: T0, bids: [[100, 1.01]] }, T0);
  one.addDepth({ ...depth, timeMs: T0 + 500, bids: [[100, 9]] }, T0 + 500);
  one.addDepth({ ...depth, timeMs: T0 + 1000, bids: [[100, 3.03]] }, T0 + 1000);
  const { imbalance, imbalanceSamples } = bucketOf(one);
  deepEqual([imbalance, imbalanceSamples], [0.25, 2]);
});

Deno.test("a delta that comes too late for its minute still changes the book", () => {
  const one = series({ depthDeltas: true });
  const frame = { kind: "depth", symbol: "", asks: [] } as const;
  const [bids, asks] = [[[100, 1.01]], [[101, 1]]] as const;
  one.addDepth({ ...frame, snapshot: true, timeMs: T0, bids, asks }, T0);
  const late = one.addDepth({ ...frame, snapshot: false, timeMs: T0 - 3_600_000, bids: [] }, T0);
  equal(late, "late");
  one.addDepth({ ...frame, snapshot: false, timeMs: 1, bids: [[100, 3.03]] }, T0);
  one.addDepth({ ...frame, snapshot: false, timeMs: T0 + 1000, bids: [] }, T0 + 1000);
  // (0 + (303 − 101) / (303 + 101)) / 2
  equal(bucketOf(one).imbalance, 0.25);
});

Deno.test("prints of one side within 50 ms are one large trade, counted where they began", () => {
  const one = series();
  one.addTrade(trade(1, 59_980, 1000, 20), T0 + 60_000);
  one.addTrade(trade(2, 60_010, 1000, 10), T0 + 60_010);
  equal(bucketOf(one).largeBuyQuote, 30_000);
  equal(bucketOf(one, MINUTE + 1).largeBuyQuote, 0);
  one.addTrade(trade(3, 60_020, 1000, 20, "sell"), T0 + 60_020);
  one.addTrade(trade(4, 60_080, 1000, 10, "sell"), T0 + 60_080);
  equal(bucketOf(one, MINUTE + 1).largeSellQuote, 0);
});

Deno.test("a restored minute goes on growing, and what is stored already is not added again", () => {
  const first = series();
  first.coverage.cover(T0, T0);
  first.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  first.addTrade(trade(2, 2_000, 105, 1), T0 + 2_000);
  first.coverage.cover(T0, T0 + 3_000);
  const second = series();
  second.restore(bucketOf(first));
  second.ids.begin(T0 + 4_000);
  equal(second.addTrade(trade(2, 2_000, 105, 1), T0 + 5_000), "duplicate");
  equal(second.addTrade(trade(3, 5_000, 103, 1), T0 + 5_000), "added");
  const { o, h, c, buys, coverageMs } = bucketOf(second);
  deepEqual([o, h, c, buys, coverageMs], [100, 105, 103, 3, 3_000]);
});

Deno.test("where ids have no order, a restored minute keeps its open and takes no older trade", () => {
  const first = series({ sequentialIds: false });
  first.addTrade(trade(77, 1_000, 100, 1), T0 + 1_000);
  const second = series({ sequentialIds: false });
  second.restore(bucketOf(first));
  second.ids.begin(T0 + 4_000);
  equal(second.addTrade(trade(77, 1_000, 100, 1), T0 + 5_000), "duplicate");
  equal(second.addTrade(trade(5, 5_000, 103, 1), T0 + 5_000), "added");
  const { o, c, buys } = bucketOf(second);
  deepEqual([o, c, buys], [100, 103, 2]);
});

Deno.test("a rebuilt minute replaces the tape, keeps the rest, and takes no late trade again", () => {
  const one = series();
  one.addTrade(trade(1, 1_000, 100, 1), T0 + 1_000);
  one.addLiquidation(
    { kind: "liquidation", symbol: "", timeMs: T0, price: 100, size: 3, position: "short" },
    T0,
  );
  const whole: Bucket = {
    ...bucketOf(one),
    buys: 5,
    coverageMs: 60_000,
    source: "repaired",
    lastId: 6,
    liqShortQuote: null,
    liqShorts: null,
  };
  one.replace(whole);
  equal(one.addTrade(trade(3, 3_000, 100, 1), T0 + 61_000), "duplicate");
  const { buys, source, liqShortQuote, coverageMs } = bucketOf(one);
  deepEqual([buys, source, liqShortQuote, coverageMs], [5, "repaired", 300, 60_000]);
});

Deno.test("a trade told again much later takes nothing from its minute, one never heard does", () => {
  for (const sequentialIds of [true, false]) {
    const one = series({ sequentialIds });
    for (const id of [7, 8]) one.addTrade(trade(id, id * 1_000, 100, 1), T0 + 9_000);
    one.coverage.cover(T0, T0 + MINUTE_MS);
    const nowMs = T0 + 10 * MINUTE_MS;
    equal(one.addTrade(trade(7, 7_000, 100, 1), nowMs), "late");
    equal(bucketOf(one).coverageMs, MINUTE_MS);
    equal(one.addTrade(trade(9, 9_000, 100, 1), nowMs), "late");
    equal(bucketOf(one).coverageMs, MINUTE_MS - 1);
  }
});

Deno.test("a minute heard in part, then made whole, does not say that nobody was liquidated", () => {
  const liquidation = (timeMs: number, position: PositionSide) => (
    { kind: "liquidation", symbol: "", timeMs, price: 100, size: 3, position } as const
  );
  const known = (one: Series) => {
    const { liqLongQuote, liqShortQuote, liqLongs, liqShorts, coverageMs } = bucketOf(one);
    return [liqLongQuote, liqShortQuote, liqLongs, liqShorts, coverageMs];
  };
  const torn = () => {
    const one = series();
    one.coverage.cover(T0, T0 + 20_000);
    one.coverage.cover(T0 + 50_000, T0 + 60_000);
    return one;
  };
  const ways: ((one: Series) => void)[] = [
    (one) => one.replace({ ...emptyBucket(T0), coverageMs: MINUTE_MS, source: "repaired" }),
    (one) => one.coverage.complete(MINUTE),
    (one) => one.coverage.bridge(T0 + 20_000, T0 + 50_000),
  ];
  for (const makeWhole of ways) {
    const calm = torn();
    deepEqual(known(calm), [0, 0, 0, 0, 30_000]);
    makeWhole(calm);
    deepEqual(known(calm), [null, null, null, null, MINUTE_MS]);
    // What was heard stays, as the least that there was.
    const heard = torn();
    heard.addLiquidation(liquidation(T0 + 1_000, "short"), T0 + 1_000);
    makeWhole(heard);
    deepEqual(known(heard), [null, 300, null, 1, MINUTE_MS]);
    // What comes after that says nothing of what was missed of the other side.
    heard.addLiquidation(liquidation(T0 + 58_000, "short"), T0 + 58_000);
    deepEqual(known(heard), [null, 600, null, 2, MINUTE_MS]);
    equal(liquidationsKnown(bucketOf(heard)), false);
  }
  for (const rebuild of ways.slice(0, 2)) {
    const both = torn();
    for (const position of ["long", "short"] as const) {
      both.addLiquidation(liquidation(T0 + 1_000, position), T0 + 1_000);
    }
    equal(liquidationsKnown(bucketOf(both)), true, "of what was listened to");
    rebuild(both);
    deepEqual(known(both), [300, 300, 1, 1, MINUTE_MS]);
    equal(liquidationsKnown(bucketOf(both)), false, "of the minute");
  }
  // Ids that were missing say nothing about the liquidations beside them.
  const whole = series();
  whole.coverage.cover(T0, T0 + MINUTE_MS);
  whole.coverage.open(T0 + 5_000, T0 + 6_000);
  whole.replace({ ...emptyBucket(T0), coverageMs: MINUTE_MS, source: "repaired" });
  deepEqual(known(whole), [0, 0, 0, 0, MINUTE_MS]);
  equal(liquidationsKnown(bucketOf(whole)), true);
});

Deno.test("any order of delivery within the grace, with repeats, gives the same minutes", () => {
  const row = fc.record({
    afterMs: fc.integer({ min: 0, max: 179_999 }),
    price: fc.integer({ min: 90, max: 110 }),
    size: fc.integer({ min: 1, max: 9 }),
    side: fc.constantFrom<TakerSide>("buy", "sell"),
  });
  fc.assert(fc.property(
    fc.array(row, { minLength: 1, maxLength: 60 }),
    fc.array(fc.nat(), { maxLength: 30 }),
    fc.infiniteStream(fc.nat()),
    (rows, repeats, random) => {
      const ordered = rows.toSorted((a, b) => a.afterMs - b.afterMs)
        .map((r, i) => trade(i + 1, r.afterMs, r.price, r.size, r.side));
      const nowMs = T0 + 180_000;
      const straight = series();
      for (const one of ordered) straight.addTrade(one, nowMs);
      // The first id must come first: what lies before it is unknown to a fresh sequence.
      const shuffled = ordered.slice(1)
        .concat(repeats.flatMap((i) => ordered[i % ordered.length] ?? []))
        .map((one) => ({ one, key: random.next().value }))
        .sort((a, b) => a.key - b.key);
      const mixed = series();
      if (ordered[0]) mixed.addTrade(ordered[0], nowMs);
      for (const { one } of shuffled) mixed.addTrade(one, nowMs);
      for (let minute = MINUTE; minute < MINUTE + 3; minute++) {
        // A minute in which only a hole was seen meanwhile is as good as an untouched one.
        const pick = (one: Series) => {
          const x = one.bucket(minute) ?? emptyBucket(0);
          return [x.o, x.h, x.l, x.c, x.buyBase ?? 0, x.sellQuote ?? 0, x.buys ?? 0, x.sells ?? 0];
        };
        deepEqual(pick(mixed), pick(straight));
      }
    },
  ));
});

/** The market model is the same for the same seed, adds up, and moves as markets do. */
import * as assert from "../assert.ts";
import { assetsOf, listingsOf } from "./market/listing.ts";
import { Random } from "./market/random.ts";
import { sumsOf } from "./market/tape.ts";
import { World } from "./market/world.ts";

const START_MS = 1_800_000_030_000;

function world(seed: number, assets = 8): World {
  return new World({
    seed,
    assets: assetsOf(assets),
    tradesPerSecond: 200,
    historyMinutes: 30,
    startMs: START_MS,
    cascadesPerHour: 0,
    keepPrints: 1000,
  });
}

Deno.test("The same seed gives the same market, another seed another one", () => {
  const run = (seed: number) => {
    const made = world(seed);
    for (let ms = 0; ms <= 5000; ms += 50) made.advance(START_MS + ms);
    return made.market("binance-perp", "BTCUSDT")?.tape.truth();
  };
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
});

Deno.test("Every market has unbroken ids and ordered times, from history into the present", () => {
  const made = world(3);
  for (let ms = 0; ms <= 5000; ms += 50) made.advance(START_MS + ms);
  for (const { tape, listing } of made.markets) {
    const prints = tape.prints({ fromId: 0, limit: Infinity });
    assert.ok(prints.length > 0, listing.symbol);
    prints.slice(1).forEach((print, nth) => {
      assert.equal(print.id, (prints[nth]?.id ?? 0) + 1);
      assert.ok(print.timeMs >= (prints[nth]?.timeMs ?? 0));
      assert.ok(print.ticks >= 1 && print.steps >= 1);
    });
    const whole = sumsOf(prints);
    const buys = tape.truth().reduce((sum, row) => sum + row.buys, 0);
    assert.equal(buys, whole.buys);
  }
});

Deno.test("Trades arrive at the rate asked for, most of them on Binance's perpetuals", () => {
  const made = world(5);
  made.advance(START_MS);
  const counts = new Map<string, number>();
  for (let ms = 50; ms <= 20_000; ms += 50) {
    for (const { market, prints } of made.advance(START_MS + ms)) {
      const { venue } = market.listing;
      counts.set(venue, (counts.get(venue) ?? 0) + prints.length);
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(Math.abs(total - 4000) < 300, `${total} trades in 20 s`);
  assert.equal([...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0], "binance-perp");
});

Deno.test("A falling cascade takes the price down and the open interest with it", () => {
  const made = world(7);
  made.advance(START_MS);
  const market = made.market("bybit-perp", "ETHUSDT");
  assert.ok(market);
  const [price, interest] = [market.lastPrice, market.openInterest];
  assert.equal(made.cascade("ETH", "down"), true);
  assert.equal(made.cascade("NOPE", "down"), false);
  let longs = 0;
  for (let ms = 50; ms <= 40_000; ms += 50) {
    for (const { liquidations } of made.advance(START_MS + ms)) {
      longs += liquidations.filter((liquidation) => liquidation.long).length;
    }
  }
  assert.ok(market.lastPrice < price * 0.99, `${price} → ${market.lastPrice}`);
  assert.ok(market.openInterest < interest);
  assert.ok(longs > 50);
});

Deno.test("Two hundred assets have names of their own, and one is on Bybit alone", () => {
  const assets = assetsOf(200);
  assert.equal(new Set(assets.map((asset) => asset.name)).size, 200);
  const hype = listingsOf(assets).filter((listing) => listing.asset === "HYPE");
  assert.deepEqual(hype.map((listing) => listing.venue), ["bybit-spot", "bybit-perp"]);
  const pepe = listingsOf(assets).filter((listing) => listing.asset === "PEPE");
  const names = ["PEPEUSDT", "1000PEPEUSDT", "PEPEUSDT", "1000PEPEUSDT"];
  assert.deepEqual(pepe.map((listing) => listing.symbol), names);
});

Deno.test("Draws have the means they claim", () => {
  const random = new Random(1);
  const mean = (draw: () => number) => {
    let sum = 0;
    for (let nth = 0; nth < 20_000; nth++) sum += draw();
    return sum / 20_000;
  };
  assert.ok(Math.abs(mean(() => random.next()) - 0.5) < 0.02);
  assert.ok(Math.abs(mean(() => random.normal())) < 0.03);
  assert.ok(Math.abs(mean(() => random.exponential(3)) - 3) < 0.1);
  assert.ok(Math.abs(mean(() => random.poisson(2)) - 2) < 0.05);
  assert.ok(Math.abs(mean(() => random.poisson(50)) - 50) < 0.3);
});

/** Markets asked about and not watched; the clock and the venue stand still until told. */
import { equal, ok } from "../../assert.ts";
import { binanceSpot } from "../../../collectors/binance_spot.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Head } from "../../../lib/market/head/head.ts";
import { Demand } from "../../../lib/tape/repair/demand.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 10, 0);

/** A venue that answers a question when `answer` is called, and a sleep that ends with `tick`. */
function setting() {
  const clock = { nowMs: NOW_MS };
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sleepers = new Map<number, (() => void)[]>();
  const head = new Head();
  let asked = 0;
  const demand = new Demand({
    venues: [{
      collector: binanceSpot,
      clock: { nowMs: () => clock.nowMs },
      ask: async (endpoint, params) => {
        asked++;
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        waiting.push({ resolve, reject });
        await promise;
        return endpoint.read([], params);
      },
    }],
    universe: {
      watched: () => ["BTC"],
      marketsOf: (asset) =>
        asset === "NONE"
          ? []
          : [{ ...{ venue: "binance-spot", symbol: `${asset}USDT`, base: asset }, ...QUOTE }],
      fundingHours: () => 8,
    },
    head,
    minutes: { replaceTape: () => Promise.resolve() },
    nowMs: () => clock.nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        sleepers.set(ms, [...sleepers.get(ms) ?? [], resolve]);
      }),
  });
  return {
    ...{ clock, head, demand },
    asked: () => asked,
    /** The sleeps of this length end. */
    tick: (ms: number) => sleepers.get(ms)?.splice(0).forEach((wake) => wake()),
    answer: () => waiting.splice(0).forEach(({ resolve }) => resolve()),
    refuse: () => waiting.splice(0).forEach(({ reject }) => reject(new Error("no"))),
  };
}

const QUOTE = { quote: "USDT", multiplier: 1 };

Deno.test("watched and unlisted assets cost no request", async () => {
  const { demand, asked } = setting();
  equal(await demand.ensure("BTC"), "watched");
  equal(await demand.ensure("NONE"), "unlisted");
  equal(asked(), 0);
});

Deno.test("a reply waits for what it asked for, and no longer than 1.9 s", async () => {
  const { demand, tick, answer } = setting();
  let replied = false;
  const reply = demand.ensure("ETH").then((how) => {
    replied = true;
    return how;
  });
  await Promise.resolve();
  equal(replied, false);
  tick(1_900);
  equal(await reply, "fetched");
  answer();
  tick(10_000);
});

Deno.test("what came is not asked for again at once, what did not come is", async () => {
  const { clock, demand, asked, answer, refuse } = setting();
  const first = demand.ensure("ETH");
  refuse();
  await first;
  const day = asked();
  ok(day >= 1);
  const second = demand.ensure("ETH");
  equal(asked(), 2 * day, "the whole day is asked for again");
  answer();
  await second;
  await demand.ensure("ETH");
  equal(asked(), 2 * day);
  clock.nowMs += MINUTE_MS;
  const third = demand.ensure("ETH");
  equal(asked(), 2 * day + 1, "only the newest minutes");
  answer();
  await third;
});

Deno.test("questions that come together share one fetch", async () => {
  const { demand, asked, answer } = setting();
  const replies = [demand.ensure("ETH"), demand.ensure("ETH")];
  const once = asked();
  answer();
  await Promise.all(replies);
  equal(asked(), once);
});

Deno.test("at most 20 markets are kept, those asked about last, and none after 20 minutes", async () => {
  const { clock, demand, answer } = setting();
  for (let nth = 0; nth < 25; nth++) {
    clock.nowMs += 1_000;
    const reply = demand.ensure(`A${nth}`);
    answer();
    await reply;
  }
  const held = () =>
    Array.from({ length: 25 }, (_, nth) => demand.holds("binance-spot", `A${nth}USDT`));
  equal(held().filter(Boolean).length, 20);
  equal(held()[4], false);
  equal(held()[5], true);
  demand.sweep();
  equal(held().filter(Boolean).length, 20, "being full is no reason to let go");
  clock.nowMs += 20 * MINUTE_MS;
  demand.sweep();
  equal(held().filter(Boolean).length, 0);
});

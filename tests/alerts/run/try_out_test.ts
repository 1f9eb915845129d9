import { deepEqual, equal, ok } from "../../assert.ts";
import { inSlices, tryOut } from "../../../lib/alerts/run/try_out.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { MovingSource, wildMinutes } from "../moving_source.ts";
import { ruleOf } from "../ruling.ts";

const START_MS = Date.UTC(2026, 10, 18);
const MINUTES = 600;
const ASSETS = ["BTC", "ETH", "SOL", "XRP"];

const source = new MovingSource(
  ASSETS.map((base, seed) => ({
    venue: "binance-perp",
    base,
    buckets: wildMinutes({ seed, fromMs: START_MS, minutes: MINUTES }),
  })),
  START_MS + MINUTES * MINUTE_MS,
);

Deno.test("a dry run gives others their turn every few milliseconds of work", async () => {
  let nowMs = 0;
  let paused = 0;
  const slices: number[] = [];
  let sinceMs = 0;
  // A tick of the clock each time that is looked at it: work takes time.
  const steadyMs = () => nowMs += 0.5;
  const pause = () => {
    paused++;
    slices.push(nowMs - sinceMs);
    nowMs += 50;
    sinceMs = nowMs;
    return Promise.resolve();
  };
  const turn = inSlices(pause, steadyMs);
  const { fired, untried } = await tryOut(ruleOf("watch change 5m > 0.5%"), {
    ...{ source, assets: ASSETS, turn, steadyMs: () => 0 },
  });
  ok((fired ?? 0) > 0 && untried === 0);
  ok(paused > 20, `${paused} pauses`);
  ok(slices.every((ms) => ms <= 5), `${Math.max(...slices)} ms`);
});

Deno.test("a dry run that would take too long leaves assets out, and says how many", async () => {
  let nowMs = 0;
  const options = { source, turn: () => Promise.resolve(), steadyMs: () => nowMs += 600 };
  const rule = ruleOf("watch change 5m > 0.5%");
  const short = await tryOut(rule, { ...options, assets: ASSETS });
  equal(short.untried, 1);
  deepEqual(short.suggested, []);
  const three = { ...options, assets: ASSETS.slice(0, 3), steadyMs: () => 0 };
  equal(short.fired, (await tryOut(rule, three)).fired);
});

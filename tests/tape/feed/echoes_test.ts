import { deepEqual } from "../../assert.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { Liquidation } from "../../../lib/market/events.ts";
import { LATE_MINUTES } from "../../../lib/market/head/series.ts";
import { Echoes } from "../../../lib/tape/feed/echoes.ts";

function liquidation(timeMs: number): Liquidation {
  return { kind: "liquidation", symbol: "X", timeMs, price: 1, size: 2, position: "long" };
}

Deno.test("a liquidation counts once, whichever connection tells it first; two alike are two", () => {
  const [old, next] = [{}, {}];
  const echoes = new Echoes();
  const told = [[1, old], [1, next], [2, next], [2, old], [2, old], [3, old], [3, old], [3, next]];
  deepEqual(
    told.map(([timeMs, connection]) =>
      echoes.has(liquidation(timeMs as number), connection as object, 0)
    ),
    [false, true, false, true, false, false, false, true],
  );
});

Deno.test("an echo is known as long as its minute is open, and for 64 liquidations", () => {
  const [old, next] = [{}, {}];
  const echoes = new Echoes();
  const lateMs = (LATE_MINUTES + 1) * MINUTE_MS;
  const isEcho = (timeMs: number, nowMs: number) => {
    echoes.has(liquidation(timeMs), old, timeMs);
    return echoes.has(liquidation(timeMs), next, nowMs);
  };
  deepEqual([isEcho(0, lateMs - 1), isEcho(MINUTE_MS, MINUTE_MS + lateMs)], [true, false]);
  const cascade = Array.from({ length: 64 }, (_, at) => liquidation(3 * MINUTE_MS + at));
  const heard = (connection: object) =>
    cascade.map((one) => echoes.has(one, connection, 3 * MINUTE_MS));
  deepEqual(new Set(heard(old)), new Set([false]));
  deepEqual(new Set(heard(next)), new Set([true]));
});

import { deepEqual } from "../../assert.ts";
import type { Liquidation } from "../../../lib/market/events.ts";
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
      echoes.has(liquidation(timeMs as number), connection as object)
    ),
    [false, true, false, true, false, false, false, true],
  );
});

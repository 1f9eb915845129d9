// This module is pure.
/** What a venue offers for repair, read from its collector. */
import type { Collector } from "../../market/collector.ts";
import type { Means } from "./plan.ts";

export function meansOf({ tradeIds, api }: Collector): Means {
  return {
    byId: tradeIds === "sequential" && api.tradesReach.kind === "byId",
    exactCandles: api.takerCandles,
  };
}

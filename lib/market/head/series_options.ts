// This module is pure.
import type { Collector } from "../collector.ts";

export interface SeriesOptions {
  readonly sequentialIds: boolean;
  /** Whether the venue publishes liquidations beside the trades of this market. */
  readonly liquidations: boolean;
  /** Deltas follow snapshots (Bybit); elsewhere every depth frame is whole, best level first. */
  readonly depthDeltas: boolean;
  /** A frame of derivative state leaves out what has not changed since the one before (Bybit). */
  readonly derivativeDeltas?: boolean;
}

/** What a series must know of its venue. */
export function seriesOptions(collector: Collector): SeriesOptions {
  return {
    sequentialIds: collector.tradeIds === "sequential",
    liquidations: collector.liquidations !== "none",
    depthDeltas: collector.depth === "deltas",
    derivativeDeltas: collector.derivative === "deltas",
  };
}

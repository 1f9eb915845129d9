// This module is pure.
/** What a feed counted since the start: plain numbers, read by the metrics page. */
import type { StreamKind } from "../../market/collector.ts";
import type { Added } from "../../market/head/series.ts";

/** Upper bounds of the lag histogram, ms; the last bin is open. */
export const LAG_BOUNDS_MS: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

export type CountedKind = "trade" | "liquidation" | "derivative" | "depth";

export class FeedStats {
  frames = 0;
  parseErrors = 0;
  /** Events of symbols that are not collected (whole-market streams). */
  unwatched = 0;
  /** Streams that were found silent. */
  silences = 0;
  readonly events: Record<CountedKind, number> = {
    trade: 0,
    liquidation: 0,
    derivative: 0,
    depth: 0,
  };
  readonly refused: Record<Exclude<Added, "added">, number> = { duplicate: 0, late: 0, future: 0 };
  /** Trades per lag bin: from the venue's trade time to our parse. */
  readonly lagBins = new Uint32Array(LAG_BOUNDS_MS.length + 1);
  lagSumMs = 0;

  /** Events of a stream kind so far. */
  heard(kind: StreamKind): number {
    return kind in this.events ? this.events[kind as CountedKind] : 0;
  }

  count(kind: CountedKind, added: Added): void {
    if (added === "added") this.events[kind]++;
    else this.refused[added]++;
  }

  trade(added: Added, lagMs: number): void {
    this.count("trade", added);
    if (added !== "added") return;
    let bin = 0;
    while (bin < LAG_BOUNDS_MS.length && lagMs > (LAG_BOUNDS_MS[bin] ?? Infinity)) bin++;
    this.lagBins[bin] = (this.lagBins[bin] ?? 0) + 1;
    this.lagSumMs += Math.max(0, lagMs);
  }
}

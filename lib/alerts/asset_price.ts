// This module is pure.
/** An asset's price now and at a time, of the market that leads then. */
import { barStart, MINUTE_MS } from "../market/bucket.ts";
import type { SeriesInfo, Source } from "../market/source.ts";
import { CARRY_MINUTES, standingAt } from "../market/study/interest.ts";
import { leadersAt, leadingNow } from "../market/study/leading.ts";

/** The newest print; `null` before the first. */
export function priceNow(source: Source, asset: string): number | null {
  const latest = (info: SeriesInfo) => source.latest(info);
  const { leading } = leadingNow(source.seriesOf(asset), latest, source.nowMs());
  return leading && (latest(leading)?.price ?? null);
}

/** The close that stands at the start of a time's minute; `null` where no market knows one. */
export async function priceAt(
  source: Source,
  asset: string,
  timeMs: number,
): Promise<number | null> {
  const edgeMs = barStart(timeMs, 1);
  const fromMs = edgeMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  const series = await Promise.all(
    source.seriesOf(asset).map(async (info) => ({
      market: info.market,
      buckets: await source.buckets(info, fromMs, edgeMs),
    })),
  );
  const [leading] = leadersAt(series, edgeMs);
  return leading ? standingAt(leading.buckets, edgeMs, ({ c }) => c)?.value ?? null : null;
}

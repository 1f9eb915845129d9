/** Start from what is stored: the hot window is filled again, and the break is known. */
import { MINUTE_MS } from "../market/bucket.ts";
import type { Collector } from "../market/collector.ts";
import type { Head } from "../market/head/head.ts";
import { WINDOW_MINUTES } from "../market/head/minute_ring.ts";
import { seriesOptions } from "../market/head/series_options.ts";
import { realAsset, splitPair } from "../market/instrument.ts";
import type { Store } from "../store/mod.ts";

/**
 * Restores the stored minutes of the hot window into the head, so that a restart never
 * overwrites half a minute. Returns how far the stored tape reaches, ms; `null` where
 * nothing is stored. Without a venue's clock (`null`) the newest stored minute tells the
 * time: a local clock that is wrong must not hide what is there.
 */
export async function reseed(
  head: Head,
  collectors: readonly Collector[],
  store: Store,
  nowMs: number | null,
): Promise<number | null> {
  const byVenue = new Map(collectors.map((collector) => [collector.venue, collector]));
  const spans = await store.seriesList();
  if (spans.length === 0) return null;
  const newestMs = Math.max(...spans.map(({ lastMs }) => lastMs));
  const from = (Math.floor((nowMs ?? newestMs) / MINUTE_MS) - WINDOW_MINUTES + 1) * MINUTE_MS;
  let reachMs: number | null = null;
  for await (const { rows } of store.recent(from)) {
    for (const { series: { venue, symbol }, bucket } of rows) {
      const collector = byVenue.get(venue);
      if (!collector) continue;
      const { base, quote } = splitPair(symbol);
      const instrument = { venue, symbol, quote, ...realAsset(base) };
      const series = head.open(instrument, seriesOptions(collector));
      series.ring.forget(bucket.t / MINUTE_MS);
      series.restore(bucket);
      if (bucket.source === "live") {
        reachMs = Math.max(reachMs ?? 0, bucket.t + bucket.coverageMs);
      }
    }
  }

  return reachMs ?? newestMs + MINUTE_MS;
}

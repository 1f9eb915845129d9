/** The minutes of a running service against what the simulated exchange says happened. */
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { difference, type Row } from "../chaos/compare.ts";
import type { LiveExchange, LiveService } from "./live.ts";

export interface Compared {
  /** Minutes of series, heard live and whole, that were compared. */
  readonly minutes: number;
  /** Of these, how many are not as they were. */
  readonly wrong: number;
  /** Minutes that say themselves that they were not heard whole. */
  readonly partial: number;
}

/** Compares the closed minutes that began in `[fromMs, toMs)`, of every series. */
export async function compareMinutes(
  exchange: LiveExchange,
  service: LiveService,
  fromMs: number,
  toMs: number,
): Promise<Compared> {
  let [minutes, wrong, partial] = [0, 0, 0];
  const { symbols } = await service.json("/api/v1/symbols") as { symbols: Market[] };
  for (const { venue, symbol } of symbols) {
    const market = `venue=${venue}&symbol=${encodeURIComponent(symbol)}`;
    const truths = new Map((await exchange.truth(market)).map((truth) => [truth.t, truth]));
    const query = `${market}&from=${Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS}&to=${toMs}&tf=1`;
    const { buckets } = await service.json(`/api/v1/buckets?${query}`) as { buckets: Row[] };
    for (const row of buckets) {
      if (Number(row.t) + MINUTE_MS > toMs) continue;
      if (Number(row.coverageMs) < MINUTE_MS || row.source !== "live") partial++;
      else {
        minutes++;
        if (difference(row, truths.get(Number(row.t))) !== null) wrong++;
      }
    }
  }
  return { minutes, wrong, partial };
}

interface Market {
  readonly venue: string;
  readonly symbol: string;
}

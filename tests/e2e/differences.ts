/** A minute as the service has it, also while it runs, against what truly happened. */
import { MetricsPage } from "../bench/metrics_page.ts";
import type { Exchange, MinuteTruth, VenueName } from "../sim/exchange.ts";
import type { Service } from "./service.ts";

const MINUTE_MS = 60_000;
const SAME = 1e-9;
const SERIES = 20;
const FIELDS = [
  ...["o", "h", "l", "c"],
  ...["buyBase", "sellBase", "buyQuote", "sellQuote", "buys", "sells"],
] as const;

type Row = Readonly<Record<string, number | string | null>>;

export interface MinuteComparison {
  /** What is not as it was, of any series, in words. */
  readonly wrong: readonly string[];
  /**
   * Of the time since the minute began, what the series say that they did not hear: by the
   * service's own reckoning of its venues' clocks, which a busy machine answers late.
   */
  readonly leastUncoveredMs: number;
  readonly mostUncoveredMs: number;
}

export async function compareMinute(
  exchange: Exchange,
  service: Service,
  minuteMs: number,
): Promise<MinuteComparison> {
  const { symbols } = JSON.parse((await service.get("/api/v1/symbols")).body);
  const metrics = new MetricsPage((await service.get("/metrics")).body);
  const sinceMs = (venue: VenueName) => {
    const aheadMs = 1000 * metrics.only("tapewatch_clock_offset_seconds", `venue="${venue}"`);
    return Math.min(MINUTE_MS, Date.now() + aheadMs - minuteMs);
  };
  const wrong: string[] = symbols.length < SERIES ? [`only ${symbols.length} series`] : [];
  let [leastUncoveredMs, mostUncoveredMs] = [Infinity, -Infinity];
  for (const { venue, symbol } of symbols as { venue: VenueName; symbol: string }[]) {
    const query = `venue=${venue}&symbol=${symbol}&from=${minuteMs}&to=${minuteMs + MINUTE_MS}`;
    const askedMs = sinceMs(venue);
    const { buckets } = JSON.parse((await service.get(`/api/v1/buckets?${query}&tf=1`)).body);
    const row: Row | undefined = buckets[0];
    const truth = exchange.truth(venue, symbol).find(({ t }) => t === minuteMs);
    const fault = buckets.length > 1 ? "two rows" : difference(row, truth);
    if (fault !== null) wrong.push(`${venue} ${symbol}: ${fault}`);
    const coverageMs = Number(row?.coverageMs ?? 0);
    leastUncoveredMs = Math.min(leastUncoveredMs, sinceMs(venue) - coverageMs);
    mostUncoveredMs = Math.max(mostUncoveredMs, askedMs - coverageMs);
  }
  return { wrong, leastUncoveredMs, mostUncoveredMs };
}

export async function differences(
  exchange: Exchange,
  service: Service,
  minuteMs: number,
): Promise<readonly string[]> {
  return (await compareMinute(exchange, service, minuteMs)).wrong;
}

function difference(row: Row | undefined, truth: MinuteTruth | undefined): string | null {
  for (const field of FIELDS) {
    const ours = row?.[field] ?? null;
    const theirs = truth ? truth[field] : null;
    const same = typeof ours === "number" && typeof theirs === "number"
      ? Math.abs(ours - theirs) <= SAME * Math.abs(theirs)
      : (ours || null) === theirs;
    if (!same) return `${field} is ${ours}, was ${theirs}`;
  }
  return null;
}

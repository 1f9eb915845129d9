// This module is pure.
/** Everything /brief says, computed: each watched asset's newest window against its day. */
import { MINUTE_MS } from "../lib/market/bucket.ts";
import { sidesKnown, within } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
import { QUARTER_MINUTES, quartersOf, type Unusual, unusualIn } from "../lib/market/study/brief.ts";
import { CARRY_MINUTES } from "../lib/market/study/interest.ts";
import { type Held, type Missing, type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow, type Span } from "../lib/market/windows.ts";

const DAY_MINUTES = 1440;
/** The longest window leaves two thirds of the day to compare with. */
export const LONGEST_MINUTES = 480;
/** How many are told. */
const TOLD = 5;

// Type aliases: the study leaves as the reply's data.

export type BriefRow = Unusual & { readonly symbol: string };

export type BriefStudy = {
  readonly nowMs: number;
  /** The window that is judged; all earlier ones of its length in 24 h are the baseline. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly minutes: number;
  readonly assets: readonly string[];
  /** Assets of which nothing could be compared. */
  readonly unknown: readonly string[];
  /** The largest |z| first. */
  readonly rows: readonly BriefRow[];
  /** Liquidations of some venue are a sample. */
  readonly sampled: boolean;
  readonly trust: Trust;
};

/**
 * `minutes` is rounded up to quarters of an hour, 15 minutes to 8 hours. One asset after
 * the other: each read of the store lets others have their turn.
 */
export async function studyBrief(
  source: Source,
  assets: readonly string[],
  minutes: number,
): Promise<BriefStudy> {
  const nowMs = source.nowMs();
  const length = Math.ceil(Math.min(LONGEST_MINUTES, Math.max(1, minutes)) / QUARTER_MINUTES);
  const window = rollingWindow(length * QUARTER_MINUTES, nowMs);
  const rows: BriefRow[] = [];
  const unknown: string[] = [];
  const held: Held[] = [];
  let sampled = false;
  for (const symbol of assets) {
    const read = await readDay(source, symbol, nowMs);
    const series = read.map((one) => one.buckets);
    const quarters = quartersOf(series, window.toMs, DAY_MINUTES / QUARTER_MINUTES);
    const found = unusualIn(quarters, length);
    if (found.length === 0) unknown.push(symbol);
    rows.push(...found.map((one) => ({ symbol, ...one })));
    sampled ||= read.some((one) => one.sampled);
    // A day of every asset at once would be a lot of memory.
    held.push(...read.map((one) => ({ ...one, buckets: within(one.buckets, window) })));
  }
  return {
    nowMs,
    ...window,
    minutes: length * QUARTER_MINUTES,
    assets,
    unknown,
    rows: rows.sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, TOLD),
    sampled,
    trust: venuesTogether(held, window, nowMs),
  };
}

interface Read extends Held {
  readonly sampled: boolean;
}

/** The asset's perpetuals, or spot where it has none: half the reading, and all metrics. */
async function readDay(source: Source, asset: string, nowMs: number): Promise<Read[]> {
  const infos = source.seriesOf(asset);
  const perps = infos.filter((info) => info.market === "perp");
  const chosen = perps.length > 0 ? perps : infos.filter((info) => info.market === "spot");
  const day = rollingWindow(DAY_MINUTES, nowMs);
  const fromMs = day.fromMs - (CARRY_MINUTES + 1) * MINUTE_MS;
  return await Promise.all(chosen.map(async (info) => ({
    venue: info.venue,
    buckets: await source.buckets(info, fromMs, day.toMs),
    newestMs: source.latest(info)?.tradeMs ?? null,
    sampled: info.liquidations === "sampled",
  })));
}

/** The trust of many series, a venue's worst one standing for it. */
function venuesTogether(held: readonly Held[], window: Span, nowMs: number): Trust {
  const trust = trustOf(held, window, nowMs, sidesKnown);
  const worst = new Map<string, Missing>();
  for (const row of trust.missing) {
    if (row.minutes > (worst.get(row.venue)?.minutes ?? 0)) worst.set(row.venue, row);
  }
  return { ...trust, missing: [...worst.values()] };
}

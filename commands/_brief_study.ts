// This module is pure.
/** Everything /brief says, computed: each watched asset's newest window against its day. */
import type { Past } from "../lib/market/past/past.ts";
import { QuarterColumns } from "../lib/market/past/quarter_columns.ts";
import { QUARTER_MINUTES, QUARTER_MS } from "../lib/market/bucket.ts";
import { closedQuarters } from "../lib/market/quarter.ts";
import type { Source } from "../lib/market/source.ts";
import { type Unusual, unusualIn } from "../lib/market/study/brief.ts";
import { dayOf } from "../lib/market/study/brief_day.ts";
import { type Held, type Missing, type Trust, trustOf } from "../lib/market/trust.ts";
import type { Span } from "../lib/market/windows.ts";
import { unheard } from "./_tape.ts";

const DAY_QUARTERS = 96;
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
 * `minutes` is rounded up to quarter-hours, 15 minutes to 8 hours; the window ends with the
 * last one that has closed.
 */
export async function studyBrief(
  source: Source,
  assets: readonly string[],
  minutes: number,
): Promise<BriefStudy> {
  const nowMs = source.nowMs();
  const length = Math.ceil(Math.min(LONGEST_MINUTES, Math.max(1, minutes)) / QUARTER_MINUTES);
  const window = closedQuarters(length, nowMs);
  const rows: BriefRow[] = [];
  const unknown: string[] = [];
  const held: Read[] = [];
  const columns = new QuarterColumns(DAY_QUARTERS + 1);
  for (const symbol of assets) {
    const read = await readDay(source, symbol, nowMs);
    const day = dayOf(read.map(({ past }) => past), window.toMs, columns);
    const found = unusualIn(day, length);
    if (found.length === 0) unknown.push(symbol);
    rows.push(...found.map((one) => ({ symbol, ...one })));
    held.push(...read);
  }
  return {
    nowMs,
    ...window,
    minutes: length * QUARTER_MINUTES,
    assets,
    unknown,
    rows: rows.sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, TOLD),
    sampled: held.some((one) => one.sampled),
    trust: venuesTogether([...held, ...missingOf(source)], window, nowMs),
  };
}

interface Read extends Held {
  readonly past: Past;
  readonly sampled: boolean;
}

/** The asset's perpetuals, or spot where it has none: half the reading, and all metrics. */
async function readDay(source: Source, asset: string, nowMs: number): Promise<Read[]> {
  const infos = source.seriesOf(asset);
  const perps = infos.filter((info) => info.market === "perp");
  const chosen = perps.length > 0 ? perps : infos.filter((info) => info.market === "spot");
  const day = closedQuarters(DAY_QUARTERS, nowMs);
  return await Promise.all(chosen.map(async (info) => ({
    venue: info.venue,
    // The values at the day's start are those of the quarter before it.
    past: await source.past(info, day.fromMs - QUARTER_MS, day.toMs),
    buckets: [],
    newestMs: source.latest(info)?.tradeMs ?? null,
    sampled: info.liquidations === "sampled",
  })));
}

/** Venues that would be read, are down and were never heard: of every asset they miss all. */
function missingOf(source: Source): Held[] {
  const kind = source.venues().some(({ market }) => market === "perp") ? "perp" : "spot";
  return unheard(source).filter(({ market }) => market === kind);
}

/** The trust of many series, a venue's worst one standing for it. */
function venuesTogether(held: readonly Held[], window: Span, nowMs: number): Trust {
  const trust = trustOf(held, window, nowMs, "sided");
  const worst = new Map<string, Missing>();
  for (const row of trust.missing) {
    if (row.minutes > (worst.get(row.venue)?.minutes ?? 0)) worst.set(row.venue, row);
  }
  return { ...trust, missing: [...worst.values()] };
}

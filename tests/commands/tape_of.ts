/** Tapes of a few days for tests of what measures prices and volumes. */
import { barStart, type Bucket, MINUTE_MS, QUARTER_MS } from "../../lib/market/bucket.ts";
import { EarlierBars, earlierQuarters } from "../../lib/market/study/same_time.ts";
import { minute, NOW_MS } from "../market/fake_source.ts";

/** Start of the forming minute of the tests' clock. */
export const FORMING_MS = Date.UTC(2026, 10, 20, 14, 5);

/** What a minute did, by how many minutes ago it began; 0 is the forming one. */
export interface Minute {
  readonly c: number;
  readonly buyQuote?: number;
  readonly sellQuote?: number;
  readonly more?: Partial<Bucket>;
}

/** The last `hours` of whole minutes up to the forming one, which is half over. */
export function tapeOf(hours: number, minuteOf: (minutesAgo: number) => Minute): Bucket[] {
  return Array.from({ length: hours * 60 + 1 }, (_, i) => {
    const ago = hours * 60 - i;
    const { c, buyQuote = 600, sellQuote = 400, more } = minuteOf(ago);
    const base = { volBase: (buyQuote + sellQuote) / c, buyBase: buyQuote / c };
    return minute(FORMING_MS - ago * MINUTE_MS, buyQuote, sellQuote, {
      ...base,
      sellBase: sellQuote / c,
      o: c,
      h: c,
      l: c,
      c,
      coverageMs: ago === 0 ? NOW_MS - FORMING_MS : MINUTE_MS,
      ...more,
    });
  });
}

/** The tape with some minutes changed, by how long ago they began. */
export function changed(
  rows: readonly Bucket[],
  which: (minutesAgo: number) => boolean,
  more: Partial<Bucket>,
): Bucket[] {
  return rows.map((row) => which((FORMING_MS - row.t) / MINUTE_MS) ? { ...row, ...more } : row);
}

/** The tape without some minutes. */
export function without(
  rows: readonly Bucket[],
  which: (minutesAgo: number) => boolean,
): Bucket[] {
  return rows.filter((row) => !which((FORMING_MS - row.t) / MINUTE_MS));
}

/** What a market traded in every quarter-hour of some earlier days. */
export function earlier(quote: number, days: number): EarlierBars {
  const closedMs = barStart(NOW_MS, 15);
  const { fromMs, toMs, wants } = earlierQuarters(closedMs);
  const volumes = new Map<number, number>();
  for (let t = fromMs; t < toMs; t += QUARTER_MS) {
    if (wants(t) && closedMs - t <= (days + 0.5) * 96 * QUARTER_MS) volumes.set(t, quote);
  }
  return new EarlierBars(closedMs, volumes);
}

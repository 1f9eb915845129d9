/**
 * The same rules told again as plainly as can be, for tests to compare with: every minute
 * from scratch, no state but a rule's own, and nothing shared with what is tested.
 */
import type { Rule } from "../../lib/alerts/rule/rule.ts";
import { type Bucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import type { MovingMarket } from "./moving_source.ts";
import { plainCascade, plainDivergence, plainRsi, plainZ } from "./plain_formulas.ts";
import { firingsOf, type PlainReader } from "./plain_rule.ts";

type Rows = readonly Bucket[];

/** Ends of the minutes at which a rule fires that was armed when `beginMs` had closed. */
export function plainFirings(
  rule: Rule,
  markets: readonly MovingMarket[],
  beginMs: number,
  minutes: number,
): number[] {
  return firingsOf(rule, plainReader(rule, markets), beginMs, minutes);
}

/** The metric at a minute's end, `null` where its minutes are not all whole. */
function plainReader(rule: Rule, markets: readonly MovingMarket[]): PlainReader {
  const all = markets.map(({ buckets }) => buckets);
  const perps = markets.filter(({ venue }) => venue.endsWith("-perp")).map(({ buckets }) =>
    buckets
  );
  const lead = perps[0] ?? [];
  const width = rule.windowMinutes ?? 1;
  const startMs = lead[0]?.t ?? 0;
  const window = (rows: Rows, endMs: number, length = width) => {
    const end = Math.max(0, (endMs - startMs) / MINUTE_MS);
    return rows.slice(Math.max(0, end - length), end);
  };
  const whole = (lists: readonly Rows[], endMs: number, length = width) =>
    lists.every((rows) => window(rows, endMs, length).every((row) => row.coverageMs === MINUTE_MS));
  const sum = (
    lists: readonly Rows[],
    endMs: number,
    pick: (row: Bucket) => number,
    length = width,
  ) =>
    lists.reduce(
      (total, rows) =>
        total + window(rows, endMs, length).reduce((part, row) => part + pick(row), 0),
      0,
    );
  let known = (_endMs: number) => -Infinity;
  const total = (lists: readonly Rows[], pick: (row: Bucket) => number, name = "") => {
    const all = (endMs: number) => sum(lists, endMs, pick);
    if (name === rule.metric) known = all;
    return (endMs: number) => whole(lists, endMs) ? all(endMs) : null;
  };
  const at = (rows: Rows, t: number) => rows[(t - startMs) / MINUTE_MS];
  const before = (rows: Rows, endMs: number, pick: (row: Bucket) => number | null) =>
    pick(at(rows, endMs - MINUTE_MS) ?? lead[0] as Bucket) ?? NaN;
  const change = (endMs: number) =>
    before(lead, endMs, ({ c }) => c) / before(lead, endMs - width * MINUTE_MS, ({ c }) => c) - 1;
  const oiChange = (endMs: number) => {
    const [now, then] = [endMs, endMs - width * MINUTE_MS].map((edgeMs) =>
      perps.reduce((part, rows) => part + before(rows, edgeMs, ({ oiBase }) => oiBase), 0)
    );
    return (now ?? NaN) / (then ?? NaN) - 1;
  };
  const bars = new Map<number, number | null>();
  const volumeBar = (endMs: number) => {
    const held = bars.get(endMs);
    if (held !== undefined) return held;
    const made = whole(all, endMs) ? sum(all, endMs, (row) => row.volQuote ?? 0) : null;
    bars.set(endMs, made);
    return made;
  };
  const baseline = (endMs: number) => {
    const found: number[] = [];
    for (let bar = 1; bar <= 1440 / width; bar++) {
      const volume = volumeBar(endMs - bar * width * MINUTE_MS);
      if (volume !== null) found.push(volume);
    }
    return found;
  };
  const read: Readonly<Record<string, (endMs: number) => number | null>> = {
    change: (endMs) => whole([lead], endMs) ? change(endMs) * 100 : null,
    move: (endMs) => whole([lead], endMs) ? Math.abs(change(endMs)) * 100 : null,
    rsi(endMs) {
      if (!whole([lead], endMs)) return null;
      const closes: number[] = [];
      const bars = Math.min(240, Math.floor(2880 / width));
      for (let bar = bars - 1; bar >= 0; bar--) {
        const close = at(lead, endMs - bar * width * MINUTE_MS - MINUTE_MS)?.c;
        // The first bar must lie wholly in what is held.
        if (typeof close === "number" && at(lead, endMs - (bar + 1) * width * MINUTE_MS)) {
          closes.push(close);
        }
      }
      return plainRsi(closes);
    },
    spread(endMs) {
      if (!whole(perps, endMs, 1)) return null;
      const closes = perps.map((rows) => before(rows, endMs, ({ c }) => c));
      return (Math.max(...closes) / Math.min(...closes) - 1) * 100;
    },
    volume: total(all, (row) => row.volQuote ?? 0, "volume"),
    rvol(endMs) {
      const [volume, bars] = [volumeBar(endMs), baseline(endMs)];
      return volume === null || bars.length < 8
        ? null
        : volume / (bars.reduce((part, bar) => part + bar, 0) / bars.length);
    },
    "volume-z"(endMs) {
      const [volume, bars] = [volumeBar(endMs), baseline(endMs)];
      return volume === null || bars.length < 8
        ? null
        : plainZ(Math.log(volume), bars.map(Math.log));
    },
    delta: total(all, (row) => (row.buyQuote ?? 0) - (row.sellQuote ?? 0)),
    cvd: total(all, (row) => (row.buyQuote ?? 0) - (row.sellQuote ?? 0)),
    divergence(endMs) {
      if (!whole(all, endMs)) return null;
      const rows = window(lead, endMs);
      return plainDivergence(
        rows.map(({ h }) => h ?? NaN),
        rows.map(({ l }) => l ?? NaN),
        rows.map((_, i) =>
          all.reduce((part, list) => {
            const row = window(list, endMs)[i];
            return part + (row?.buyQuote ?? 0) - (row?.sellQuote ?? 0);
          }, 0)
        ),
      );
    },
    large: total(all, (row) => (row.largeBuyQuote ?? 0) + (row.largeSellQuote ?? 0), "large"),
    "large-buy": total(all, (row) => row.largeBuyQuote ?? 0, "large-buy"),
    "large-sell": total(all, (row) => row.largeSellQuote ?? 0, "large-sell"),
    imbalance: (endMs) => sum(all, endMs, (row) => row.imbalance ?? NaN) / (all.length * width),
    oi: (endMs) => oiChange(endMs) * 100,
    quadrant(endMs) {
      const [moved, interest] = [change(endMs), oiChange(endMs)];
      if (Math.abs(moved) <= 0.0025 || Math.abs(interest) <= 0.0025) return 0;
      return moved > 0 ? (interest > 0 ? 1 : 2) : interest > 0 ? 3 : 4;
    },
    funding(endMs) {
      const rows = perps.map((list) => at(list, endMs - MINUTE_MS));
      const weights = rows.reduce((part, row) => part + (row?.oiBase ?? 0), 0);
      const rates = rows.reduce(
        (part, row) => part + (row?.oiBase ?? 0) * (row?.fundingRate ?? 0),
        0,
      );
      return rates / weights * 100;
    },
    liq: total(perps, (row) => (row.liqLongQuote ?? 0) + (row.liqShortQuote ?? 0), "liq"),
    "liq-long": total(perps, (row) => row.liqLongQuote ?? 0, "liq-long"),
    "liq-short": total(perps, (row) => row.liqShortQuote ?? 0, "liq-short"),
    cascade: plainCascade(perps, lead),
    gap(endMs) {
      let torn = 0;
      for (let i = 1; i <= width; i++) {
        const t = endMs - i * MINUTE_MS;
        if (all.some((rows) => at(rows, t)?.coverageMs !== MINUTE_MS)) torn++;
      }
      return torn;
    },
  };
  const found = read[rule.metric];
  if (!found) throw new RangeError(`Cannot recompute ${rule.metric}: it has no plain formula`);
  return Object.assign(found, { known });
}

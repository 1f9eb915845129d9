/** `GET /api/v1/buckets`: bars of one market, as the venue's tape had them. */
import type { Context } from "hono";
import { aggregate, type Bucket, MINUTE_MS } from "../market/bucket.ts";
import { nearestNames, typedAsset } from "../market/instrument.ts";
import type { SeriesInfo, Source } from "../market/source.ts";
import type { WebEnv } from "./deps.ts";
import { problem, quoted } from "./problem.ts";
import { type BucketRow, BucketsQuery, faultText, MAX_BUCKETS } from "./schemas.ts";

/** Without `from`: this many bars. */
const DEFAULT_BARS = 60;

export async function getBuckets(c: Context<WebEnv>, source: Source): Promise<Response> {
  const params = new URL(c.req.url).searchParams;
  const twice = [...params.keys()].find((key) => params.getAll(key).length > 1);
  if (twice !== undefined) return problem(c, 400, `${quoted(twice)} is given twice: keep one`);
  const given = Object.fromEntries([...params].map(([key, value]) => [key, typed(key, value)]));
  const read = BucketsQuery.safeParse(given);
  if (!read.success) return problem(c, 400, faultText(read.error, given));

  const { venue, symbol, tf } = read.data;
  const to = read.data.to ?? source.nowMs();
  const from = read.data.from ?? Math.max(0, to - DEFAULT_BARS * tf * MINUTE_MS);
  if (from >= to) return problem(c, 400, `from ${from} must be before to ${to}`);
  const bars = Math.ceil((to - from) / (tf * MINUTE_MS));
  if (bars > MAX_BUCKETS) {
    const fix = `ask for a shorter range or a larger tf, at most ${MAX_BUCKETS} buckets at once`;
    return problem(c, 400, `The range holds ${bars} buckets of ${tf} min: ${fix}`);
  }
  const found = findSeries(source.allSeries(), venue, symbol);
  if (typeof found === "string") return problem(c, 404, found);
  const minutes = await source.buckets(found, from, to);
  // A bar at the edge of the range is made of the minutes inside it only.
  const inside = minutes.filter((bucket) => bucket.t >= from && bucket.t < to);
  return c.json({
    venue: found.venue,
    symbol: found.symbol,
    tf,
    buckets: aggregate(inside, tf).map(toRow),
  });
}

/** Digits as a number where one is wanted; anything else stays text, for the schema to refuse. */
function typed(key: string, value: string): string | number {
  const wantsNumber = key === "from" || key === "to" || key === "tf";
  return wantsNumber && /^-?\d{1,17}$/.test(value) ? Number(value) : value;
}

/** The venue's series of a native name or an asset, in any case, or why there is none. */
function findSeries(
  all: readonly SeriesInfo[],
  venue: string,
  symbol: string,
): SeriesInfo | string {
  const ofVenue = all.filter((series) => series.venue === venue.toLowerCase());
  if (ofVenue.length === 0) {
    const venues = nearestNames(venue.toLowerCase(), all.map((series) => series.venue));
    return `No venue ${quoted(venue)} is collected${nearest(venues)}`;
  }
  const wanted = symbol.trim().toUpperCase();
  const asset = typedAsset(symbol);
  const found = ofVenue.find((series) => series.symbol.toUpperCase() === wanted) ??
    ofVenue.find((series) => series.base.toUpperCase() === asset);
  if (found) return found;
  const names = nearestNames(asset, ofVenue.map((series) => series.base));
  return `${quoted(symbol)} is not collected on ${venue.toLowerCase()}${nearest(names)}`;
}

function nearest(names: readonly string[]): string {
  return names.length === 0 ? "" : `; nearest: ${names.join(", ")}`;
}

/** The published fields in their published order; what came later stands last. */
function toRow(bucket: Bucket): BucketRow {
  return {
    t: bucket.t,
    o: bucket.o,
    h: bucket.h,
    l: bucket.l,
    c: bucket.c,
    buyBase: bucket.buyBase,
    sellBase: bucket.sellBase,
    buyQuote: bucket.buyQuote,
    sellQuote: bucket.sellQuote,
    buys: bucket.buys,
    sells: bucket.sells,
    largeBuyQuote: bucket.largeBuyQuote,
    largeSellQuote: bucket.largeSellQuote,
    liqLongQuote: bucket.liqLongQuote,
    liqShortQuote: bucket.liqShortQuote,
    oiBase: bucket.oiBase,
    fundingRate: bucket.fundingRate,
    markPrice: bucket.markPrice,
    imbalance: bucket.imbalance,
    coverageMs: bucket.coverageMs,
    source: bucket.source,
    volBase: bucket.volBase,
    volQuote: bucket.volQuote,
  };
}

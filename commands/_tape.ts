// This module is pure.
/** Reads what a question needs of one asset: all its series, their minutes and ages. */
import { barStart } from "../lib/market/bucket.ts";
import { countPast, type Past, recentFrom } from "../lib/market/past/past.ts";
import type { SeriesInfo, Source } from "../lib/market/source.ts";
import { type Knows, leadersAt, leadingOver, mostKnowing } from "../lib/market/study/leading.ts";
import type { Held } from "../lib/market/trust.ts";
import type { Span } from "../lib/market/windows.ts";
import { escape } from "../lib/reply/html.ts";

/** The market kinds that have a tape of trades. */
export type TapeMarket = "spot" | "perp";

/**
 * How an asset's tape came: collected all the time, fetched for this question, or, where
 * no venue gave it within the time, not at all.
 */
export type Origin = "watched" | "fetched" | "unread";

export interface HeldSeries extends Held {
  readonly market: TapeMarket;
  readonly origin: Origin;
  /** `null` where the recent minutes are all that was asked. */
  readonly past: Past | null;
  /** `null` where the venue never delivered its list of markets. */
  readonly info: SeriesInfo | null;
}

/** The asset's tape in a span; a function gives each series a span of its own. */
type SpanOf = Span | ((info: SeriesInfo) => Span);

/**
 * The asset's spot and perpetual series in a span, in venue order, each read once; an
 * asset that is listed but not watched is fetched first. What is older than the recent
 * minutes comes in quarter-hours, from memory: their sums are over whole ones.
 */
export function readTape(source: Source, asset: string, span: SpanOf): Promise<HeldSeries[]> {
  return readParts(source, asset, span, recentFrom(source.nowMs()));
}

/** The same with every minute as it is, however old. */
export function readMinutes(source: Source, asset: string, span: SpanOf): Promise<HeldSeries[]> {
  return readParts(source, asset, span, -Infinity);
}

async function readParts(
  source: Source,
  asset: string,
  span: SpanOf,
  recentMs: number,
): Promise<HeldSeries[]> {
  const origin = await source.ensure(asset) === "watched" ? "watched" : "fetched";
  const held = source.seriesOf(asset).map(async (info): Promise<HeldSeries[]> => {
    const { venue, market } = info;
    if (market === "options") return [];
    const own = typeof span === "function" ? span(info) : span;
    const stretch = await readStretch(source, info, own, recentMs);
    const newestMs = source.latest(info)?.tradeMs ?? null;
    return [{ venue, market, origin, info, ...stretch, newestMs }];
  });
  return [...(await Promise.all(held)).flat(), ...unheard(source)];
}

async function readStretch(
  source: Source,
  info: SeriesInfo,
  { fromMs, toMs }: Span,
  recentMs: number,
  priced?: boolean,
): Promise<Pick<HeldSeries, "past" | "buckets">> {
  const [past, buckets] = await Promise.all([
    fromMs < recentMs ? source.past(info, fromMs, recentMs, priced) : null,
    source.buckets(info, Math.max(fromMs, recentMs), toMs),
  ]);
  return { past, buckets };
}

/**
 * The tape with the prices over a span up to now of those series that may stand for the
 * asset, read one after the other until one knows enough: of spot, memory has them only once
 * they were asked for. See `Source.past`.
 */
export async function withPrice(
  source: Source,
  tape: readonly HeldSeries[],
  span: Span,
  knows: Knows<HeldSeries>,
): Promise<readonly HeldSeries[]> {
  const leaders = leadersAt(tape.filter(isHeld), span.toMs);
  const lacks = ({ past }: HeldSeries) => !past?.ring.isPriced || past.fromMs > span.fromMs;
  if (!leaders.some(lacks)) return tape;
  let priced = tape;
  for (const one of leaders) {
    const own = one.info && lacks(one)
      ? { ...one, ...await readStretch(source, one.info, span, recentFrom(span.toMs), true) }
      : one;
    priced = priced.map((series) => series === one ? own : series);
    if (knows(own) >= 1) break;
  }
  return priced;
}

/** How the tape came; `unread` where no market of the asset is held. */
export function originOf(tape: readonly HeldSeries[]): Origin {
  return tape.find((series) => series.info !== null)?.origin ?? "unread";
}

/** The line for a reply whose tape was not collected all along; none where it was. */
export function originRemarks(asset: string, origin: Origin): string[] {
  switch (origin) {
    case "watched":
      return [];
    case "fetched":
      return [`${escape(asset)} is not watched: fetched on demand`];
    case "unread":
      return [`No market of ${escape(asset)} is collected for this`];
  }
}

/**
 * The series whose price stands for the asset in the last closed minute, of those that know
 * what is asked: `null` where nothing is held.
 */
export function priceSeriesOf(
  tape: readonly HeldSeries[],
  nowMs: number,
  knows: Knows<HeldSeries> = () => 1,
): HeldSeries | null {
  return mostKnowing(leadersAt(tape.filter(isHeld), barStart(nowMs, 1)), knows);
}

/** The same for a change of the price over a span. */
export function priceSeriesOver(tape: readonly HeldSeries[], span: Span): HeldSeries | null {
  return leadingOver(tape.filter(isHeld), span);
}

const ALL_TIME: Span = { fromMs: -Infinity, toMs: Infinity };

function isHeld({ past, buckets }: HeldSeries): boolean {
  return buckets.length > 0 || countPast(past, ALL_TIME, "sourced") > 0;
}

/** The names of the venues of a tape, in order. */
export function venuesOf(tape: readonly HeldSeries[]): string[] {
  return tape.map((series) => series.venue);
}

/** The series of one market kind. */
export function seriesOf(tape: readonly HeldSeries[], market: TapeMarket): HeldSeries[] {
  return tape.filter((series) => series.market === market);
}

/**
 * Venues that are enabled, down, and without a single series: whether they list the
 * asset cannot be known, so they count as missing rather than as absent.
 */
export function unheard(source: Source): HeldSeries[] {
  const heard = new Set(source.allSeries().map((info) => info.venue));
  return source.venues().flatMap(({ venue, market, live }) =>
    live || market === "options" || heard.has(venue)
      ? []
      : [{ venue, market, origin: "unread", info: null, past: null, buckets: [], newestMs: null }]
  );
}

// This module is pure.
/** Reads what a question needs of one asset: all its series, their minutes and ages. */
import { countPast, type Past, recentFrom } from "../lib/market/past/past.ts";
import type { SeriesInfo, Source } from "../lib/market/source.ts";
import { type Held, isComplete } from "../lib/market/trust.ts";
import { rollingWindow, type Span } from "../lib/market/windows.ts";
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
    const { fromMs, toMs } = typeof span === "function" ? span(info) : span;
    const [past, buckets] = await Promise.all([
      fromMs < recentMs ? source.past(info, fromMs, recentMs) : null,
      source.buckets(info, Math.max(fromMs, recentMs), toMs),
    ]);
    const newestMs = source.latest(info)?.tradeMs ?? null;
    return [{ venue, market, origin, info, past, buckets, newestMs }];
  });
  return [...(await Promise.all(held)).flat(), ...unheard(source)];
}

/** The tape with the price of the series that stands for the asset: see `Source.past`. */
export async function withPrice(
  source: Source,
  tape: readonly HeldSeries[],
  nowMs: number,
): Promise<readonly HeldSeries[]> {
  const chosen = priceSeriesOf(tape, nowMs);
  if (!chosen?.info || !chosen.past || chosen.past.ring.isPriced) return tape;
  const past = await source.past(chosen.info, chosen.past.fromMs, chosen.past.toMs, true);
  return tape.map((series) => series === chosen ? { ...series, past } : series);
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

/** Closed minutes by which a price must have been heard to be the one to follow. */
const HEARD_MINUTES = 5;

/**
 * The series whose price stands for the asset: of the perpetuals, else of the spot
 * markets, the one with the most whole minutes, a live one before one that fell silent.
 */
export function priceSeriesOf(tape: readonly HeldSeries[], nowMs: number): HeldSeries | null {
  const perps = tape.filter((series) => series.market === "perp" && isHeld(series));
  const { fromMs } = rollingWindow(HEARD_MINUTES, nowMs);
  let best:
    | { readonly series: HeldSeries; readonly heard: boolean; readonly whole: number }
    | null = null;
  for (const series of perps.length > 0 ? perps : tape) {
    const whole = countPast(series.past, ALL_TIME, "whole") +
      series.buckets.reduce((n, bucket) => isComplete(bucket) ? n + 1 : n, 0);
    const heard = series.buckets.some((bucket) => bucket.t >= fromMs && bucket.c !== null);
    const better = !best || (heard === best.heard ? whole > best.whole : heard);
    if (better && isHeld(series)) best = { series, heard, whole };
  }
  return best?.series ?? null;
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

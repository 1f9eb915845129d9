/** How the minutes of one kind of venue are mended; the repairer decides which and when. */
import type { Bucket } from "../../market/bucket.ts";
import type { Candle } from "../../market/collector.ts";
import type { Series } from "../../market/head/series.ts";
import type { SeriesId } from "../../store/mod.ts";
import type { Minutes } from "../minutes.ts";
import type { Feed } from "../feed/feed.ts";
import type { Venue } from "../venue.ts";
import type { Backlog } from "./backlog.ts";
import type { Fetcher } from "./fetch.ts";
import type { Span } from "./plan.ts";
import { fromCandle } from "./rebuild.ts";

/** What repair needs of a venue. */
export interface RepairVenue extends Pick<Venue, "collector" | "ask"> {
  readonly clock: { nowMs(): number };
  readonly feed: Pick<Feed, "symbols" | "suspect" | "deaf">;
}

/** What a piece of work came to, in minutes. */
export interface Mended {
  readonly repaired: number;
  /** Of these, from candles. */
  readonly fromCandles: number;
  readonly lost: number;
}

export interface MenderOptions {
  readonly venue: RepairVenue;
  readonly minutes: Minutes;
}

export interface Mender {
  /** Whether there is nothing to be done about a closed minute of the hot window now. */
  isDone(series: Series, t: number, backlog: Backlog): boolean;
  /** Whether a stored minute is as good as it can be. */
  isFinal(bucket: Bucket): boolean;
  /** Mends the newest part of a span, and takes from the backlog what it dealt with. */
  mend(series: Series, span: Span, backlog: Backlog, fetcher: Fetcher): Promise<Mended>;
  /** Whether something of the series cannot wait for its minute to close. */
  isUrgent(series: Series): boolean;
  hurry(series: Series, fetcher: Fetcher): Promise<void>;
  /** Whether a silent market has traded since `sureFromMs`, venue ms, and we did not hear of it. */
  isDeaf(series: Series, sureFromMs: number, fetcher: Fetcher): Promise<boolean>;
}

/** Minutes put in place at once: with all 1500 of a page a first start's peak is 16 MB higher. */
const AT_ONCE = 240;

/** Puts candles in place of what was known of the trades of their minutes. */
export async function putCandles(
  minutes: Pick<Minutes, "replaceTape">,
  id: SeriesId,
  candles: readonly Candle[],
): Promise<void> {
  for (let at = 0; at < candles.length; at += AT_ONCE) {
    await minutes.replaceTape(id, candles.slice(at, at + AT_ONCE).map(fromCandle));
  }
}

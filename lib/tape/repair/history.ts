/** Open interest and funding of the past, page by page, the newest first. */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { Minutes } from "../minutes.ts";
import type { Backlog } from "./backlog.ts";
import type { Fetcher } from "./fetch.ts";
import type { RepairVenue } from "./mender.ts";

/** Fits a page of every venue: 200 steps of five minutes on Bybit. */
const PAGE_MINUTES = 960;

/** Reads one page of one series' history back to `endMs`. */
export async function readHistory(
  { collector: { venue } }: RepairVenue,
  minutes: Minutes,
  symbol: string,
  backlog: Backlog,
  endMs: number,
  fetcher: Fetcher,
): Promise<void> {
  const toMs = backlog.historyToMs;
  if (toMs === null) return;
  const fromMs = Math.max(endMs, toMs - PAGE_MINUTES * MINUTE_MS);
  const id = { venue, symbol };
  if (fromMs < toMs) {
    await minutes.setState(id, await fetcher.oiHistory(symbol, { fromMs, toMs }));
  }
  if (fromMs <= endMs) {
    // Three rows a day: one call tells it all, at the end, since the weight is high.
    const span = { fromMs: endMs, toMs: minutes.windowFromMs() };
    await minutes.setState(id, await fetcher.fundingHistory(symbol, span));
  }
  backlog.historyToMs = fromMs > endMs ? fromMs : null;
}

// This module is pure.
/** Metrics of the tape's own health, of the 24 h tickers and of the owner's positions. */
import { MINUTE_MS } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import { isComplete, trustOf } from "../../market/trust.ts";
import type { AccountPosition, AccountView } from "../account.ts";
import { always, type Metric, type Reader, type Reading, type View } from "./metric.ts";
import { HOT_MINUTES, windowOf } from "./reading.ts";

/** Coverage is credited a little after a minute's end; a busy machine takes its time. */
const GAP_SETTLE_MS = 8_000;
/** A minute of which nothing at all was credited by then was silent. */
const SILENT_SETTLE_MS = 2_000;

/** Trailing minutes in which the quietest market's trade stream delivered nothing at all. */
function silence(): Reader {
  // Start of the last minute of each venue that was heard: it may be longer ago than is read.
  const lastMs = new Map<string, number>();
  const read = (view: View): Reading => {
    if (view.series.length === 0) return { lacking: "no market is heard" };
    const span = windowOf(view, HOT_MINUTES);
    const runs = view.series.map(({ venue, buckets }) => {
      const heard = within(buckets, span).findLast((row) => row.coverageMs > 0);
      if (heard) lastMs.set(venue, heard.t);
      const heardMs = lastMs.get(venue) ?? Infinity;
      return heardMs < view.endMs ? (view.endMs - heardMs) / MINUTE_MS - 1 : HOT_MINUTES;
    });
    return { value: Math.max(...runs) };
  };
  return { read };
}

function gapIn(view: View, minutes: number): Reading {
  if (view.series.length === 0) return { lacking: "no market is heard" };
  const span = windowOf(view, minutes);
  const { minutesAsked, minutesComplete } = trustOf(view.series, span, view.endMs, isComplete);
  return { value: minutesAsked - minutesComplete };
}

const UNREAD: Reading = { lacking: "the account could not be read" };
/** Without a position, or with one that cannot be liquidated, nothing is near. */
const FAR_PERCENT = 1e6;
const DUE_MS = 15 * MINUTE_MS;

interface Positions {
  readonly held: readonly AccountPosition[];
  /** Why there may be more than these; `null` where these are all. */
  readonly lacking: string | null;
}

function positionsIn(account: AccountView, asset: string): Positions | null {
  const positions = account.positions();
  if (positions === null) return null;
  const { held, unread } = positions;
  const lacking = unread.length === 0
    ? null
    : `${unread.join(", ")} could not be read, only other accounts can fire it`;
  return { held: held.filter((position) => position.asset === asset), lacking };
}

/** In words whose part is unknown; `null` where every one is known. */
function unknownOf(
  held: readonly AccountPosition[],
  what: string,
  part: (position: AccountPosition) => number | null,
): string | null {
  const venues = held.filter((one) => part(one) === null).map(({ venue }) => venue);
  return venues.length === 0 ? null : `${what} on ${venues.join(", ")} unknown`;
}

/** What a position pays within the quarter-hour; `null` unknown. */
function dueOf({ fundingDueQuote, nextFundingMs }: AccountPosition, nowMs: number): number | null {
  if (fundingDueQuote === 0) return 0;
  if (nextFundingMs === null) return null;
  const soon = nextFundingMs > nowMs && nextFundingMs - nowMs <= DUE_MS;
  return soon ? fundingDueQuote : 0;
}

export const OTHER_METRICS: readonly Metric[] = [
  {
    name: "silent",
    critical: true,
    aliases: ["silence"],
    title: "stream silent",
    unit: "minutes",
    windows: [],
    usual: { comparison: ">", threshold: 2 },
    pace: "minute",
    settleMs: SILENT_SETTLE_MS,
    history: () => HOT_MINUTES,
    open: silence,
    formula: "trailing minutes without any coverage, the quietest market",
    shownBy: () => "/status",
  },
  {
    name: "gap",
    critical: true,
    aliases: ["gaps", "hole"],
    title: "minutes with a gap",
    unit: "index",
    windows: [15, 5, 30, 60],
    usual: { comparison: ">", threshold: 0 },
    severity: "silent",
    pace: "minute",
    settleMs: GAP_SETTLE_MS,
    history: (minutes) => minutes + 1,
    open: always(gapIn),
    formula: "minutes of the window that are not whole on every market",
    shownBy: () => "/status",
  },
  {
    name: "change24h",
    aliases: ["24h", "day"],
    title: "24 h change",
    unit: "percent",
    windows: [],
    pace: "ticker",
    ofTicker: ({ change24h }) => change24h === null ? null : change24h * 100,
    formula: "the venue's own 24 h change, first perpetual in venue order",
    shownBy: (asset) => `/price ${asset}`,
  },
  {
    name: "turnover24h",
    aliases: ["turnover"],
    title: "24 h turnover",
    unit: "usd",
    windows: [],
    pace: "ticker",
    ofTicker: ({ quoteVolume24h }) => quoteVolume24h,
    formula: "the venue's own 24 h quote volume, first perpetual in venue order",
    shownBy: (asset) => `/price ${asset}`,
  },
  {
    name: "distance",
    critical: true,
    aliases: ["liq-distance"],
    title: "distance to liquidation",
    unit: "percent",
    windows: [],
    severity: "critical",
    pace: "account",
    ofAccount(account, asset) {
      const positions = positionsIn(account, asset);
      if (positions === null) return UNREAD;
      const distance = ({ liquidationDistance }: AccountPosition) => liquidationDistance;
      const known = positions.held.flatMap((one) => distance(one) ?? []);
      const value = Math.min(FAR_PERCENT, ...known.map((part) => part * 100));
      const lacking = positions.lacking ?? unknownOf(positions.held, "distance", distance);
      return lacking === null ? { value } : { lacking, atMost: value };
    },
    formula: "|mark − liquidation price| ÷ mark of your nearest position",
    shownBy: () => "/positions",
  },
  {
    name: "funding-due",
    critical: true,
    aliases: ["due"],
    title: "funding to pay within 15 min",
    unit: "usd",
    windows: [],
    pace: "account",
    ofAccount(account, asset, nowMs) {
      const positions = positionsIn(account, asset);
      if (positions === null) return UNREAD;
      const due = (one: AccountPosition) => dueOf(one, nowMs);
      const value = positions.held.reduce((sum, one) => sum + (due(one) ?? 0), 0);
      const lacking = positions.lacking ?? unknownOf(positions.held, "funding", due);
      // Another position may be paid instead; what is to be paid is told before that is known.
      return lacking === null ? { value } : { lacking, atLeast: value };
    },
    formula: "Σ of your positions' next funding, from 15 minutes before it",
    shownBy: () => "/positions",
  },
  {
    name: "against",
    critical: true,
    title: "cascade against your side",
    unit: "word",
    words: ["long", "short"],
    usual: { comparison: "is", threshold: 0 },
    severity: "critical",
    windows: [],
    pace: "account",
    ofAccount(account, asset) {
      const positions = positionsIn(account, asset);
      if (positions === null) return UNREAD;
      const { held, lacking } = positions;
      const running = account.cascade(asset);
      if (held.some(({ side }) => side === running)) return { value: running === "long" ? 1 : 2 };
      if (lacking !== null) return { lacking };
      if (held.length > 0 && running === null) return { lacking: `${asset}: cascade unknown` };
      return { value: 0 };
    },
    formula: "an active cascade that closes positions of the side that you hold",
    shownBy: (asset) => `/liquidations ${asset}`,
  },
];

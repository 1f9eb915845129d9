// This module is pure.
/** Metrics of the tape's own health, of the 24 h tickers and of the owner's positions. */
import { MINUTE_MS } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import { isComplete, trustOf } from "../../market/trust.ts";
import type { AccountPosition, AccountView } from "../account.ts";
import { always, type Metric, type Reading, type View } from "./metric.ts";
import { windowOf } from "./reading.ts";

/** Coverage is credited a little after a minute's end; a busy machine takes its time. */
const GAP_SETTLE_MS = 8_000;
/** A minute of which nothing at all was credited by then was silent. */
const SILENT_SETTLE_MS = 2_000;
const SILENCE_MINUTES = 120;

/** Trailing minutes in which the quietest market's trade stream delivered nothing at all. */
function silentFor(view: View): Reading {
  if (view.series.length === 0) return { lacking: "no market is heard" };
  const span = windowOf(view, SILENCE_MINUTES);
  const runs = view.series.map(({ buckets }) => {
    const heard = within(buckets, span).findLast((row) => row.coverageMs > 0);
    return heard ? (view.endMs - heard.t) / MINUTE_MS - 1 : SILENCE_MINUTES;
  });
  return { value: Math.max(...runs) };
}

function gapIn(view: View, minutes: number): Reading {
  if (view.series.length === 0) return { lacking: "no market is heard" };
  const span = windowOf(view, minutes);
  const { minutesAsked, minutesComplete } = trustOf(view.series, span, view.endMs, isComplete);
  return { value: minutesAsked - minutesComplete };
}

function positionsIn(account: AccountView, asset: string): readonly AccountPosition[] | null {
  return account.positions()?.filter((position) => position.asset === asset) ?? null;
}

const UNREAD: Reading = { lacking: "the account could not be read" };

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
    history: () => SILENCE_MINUTES,
    open: always(silentFor),
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
      const held = positionsIn(account, asset);
      if (held === null) return UNREAD;
      const near = held.flatMap((one) => one.liquidationDistance ?? []);
      // Without a position, or with one that cannot be liquidated, nothing is near.
      return { value: near.length === 0 ? 1e6 : Math.min(...near) * 100 };
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
      const held = positionsIn(account, asset);
      if (held === null) return UNREAD;
      const soon = held.filter(({ nextFundingMs }) =>
        nextFundingMs !== null && nextFundingMs - nowMs <= 15 * MINUTE_MS && nextFundingMs > nowMs
      );
      return { value: soon.reduce((sum, one) => sum + (one.fundingDueQuote ?? 0), 0) };
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
      const held = positionsIn(account, asset);
      if (held === null) return UNREAD;
      const running = account.cascade(asset);
      const hit = running !== null && held.some(({ side }) => side === running);
      return { value: !hit ? 0 : running === "long" ? 1 : 2 };
    },
    formula: "an active cascade that closes positions of the side that you hold",
    shownBy: (asset) => `/liquidations ${asset}`,
  },
];

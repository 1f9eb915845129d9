// This module is pure.
/** Metrics of derivatives: open interest, funding, liquidations, cascades. */
import { type Bucket, sumKnown } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import {
  type Cascade,
  CASCADE_FLOOR_USD,
  type CascadeMinute,
  cascadeTrigger,
  stepCascade,
  WATCHING,
} from "../../market/study/cascade.ts";
import { cascadeMinutes } from "../../market/study/cascade_minutes.ts";
import { ASSUMED_HOURS, eightHourRate, weightedMean } from "../../market/study/funding.ts";
import { changeOf, interestChange, quadrantOf, standingAt } from "../../market/study/interest.ts";
import {
  liquidatedMinutes,
  liquidationsHeard,
  liquidationsKnown,
} from "../../market/study/liquidations.ts";
import { growing } from "./growing.ts";
import {
  always,
  type Evaluate,
  type Metric,
  type MinuteMetric,
  type Reader,
  type Reading,
  type View,
  type ViewSeries,
} from "./metric.ts";
import { lackOf, perps, pricedSeries, reading, windowOf } from "./reading.ts";

const EDGE_MINUTES = 6;
/** Venues publish a liquidation up to a second after it happened: Binance one a second. */
const LATE_MS = 1_500;
/** Run-in of the ATR that a cascade is measured by. */
const ATR_MINUTES = 60;

const PUBLISHED = (series: Pick<ViewSeries, "market" | "liquidations">): boolean =>
  series.market === "perp" && series.liquidations !== "none";

const QUADRANTS = ["new-longs", "short-covering", "new-shorts", "long-liquidation"];

function interestIn(view: View, minutes: number): Reading {
  const series = perps(view);
  if (series.length === 0) return { lacking: "no perpetual is heard" };
  const { deltaPct, without } = interestChange(series, windowOf(view, minutes));
  if (without.length > 0) return { lacking: `open interest of ${without.join(", ")} unknown` };
  return reading(deltaPct === null ? null : deltaPct * 100, "no open interest");
}

function quadrantIn(view: View, minutes: number): Reading {
  const interest = interestIn(view, minutes);
  if ("lacking" in interest) return interest;
  const priced = pricedSeries(view);
  const span = windowOf(view, minutes);
  const moved = priced ? changeOf(priced.buckets, span, (bucket) => bucket.c) : null;
  const quadrant = quadrantOf(moved, interest.value / 100);
  switch (quadrant) {
    case null:
      return { lacking: "the price at the window's start is unknown" };
    case "none":
      return { value: 0 };
    case "new longs":
      return { value: 1 };
    case "short covering":
      return { value: 2 };
    case "new shorts":
      return { value: 3 };
    case "long liquidation or profit taking":
      return { value: 4 };
  }
}

function fundingAt(view: View): Reading {
  const rows = perps(view).map(({ buckets }) => {
    const at = (pick: (bucket: Bucket) => number | null) =>
      standingAt(buckets, view.endMs, pick)?.value ?? null;
    const hours = at((row) => row.fundingIntervalHours) ?? ASSUMED_HOURS;
    const value = eightHourRate(at((row) => row.fundingRate), hours);
    return { value, weight: at((row) => row.oiBase) };
  });
  const known = rows.filter(({ value, weight }) => value !== null && weight !== null);
  if (known.length < rows.length) return { lacking: "funding or open interest of a venue unknown" };
  const mean = weightedMean(rows);
  return reading(mean === null ? null : mean * 100, "no perpetual is heard");
}

function liquidated(
  name: string,
  title: string,
  part: (bucket: Bucket) => number | null,
  aliases: readonly string[] = [],
): Metric {
  return growing({
    name,
    aliases,
    title,
    unit: "usd",
    windows: [5, 1, 15, 30, 60],
    part,
    known: liquidationsKnown,
    counts: PUBLISHED,
    lateMs: LATE_MS,
    formula:
      "Σ notional of the positions closed by force, by their own side; samples count as they are",
    shownBy: (asset, minutes) => `/liquidations ${asset} ${minutes}m chart`,
  });
}

/** A minute with too little to begin a cascade, whatever the price did. */
const CALM = { fall: null, rise: null, atr: null, oiBeforeBase: null, oiBase: null };

/** The newest minute as the detector reads it, and what it takes to begin. */
export interface CascadeInput {
  readonly minute: CascadeMinute;
  readonly triggerQuote: number;
}

/**
 * What the cascade detector reads of a view; `forming` takes a minute that is not whole,
 * `calm` leaves out the price where too little was liquidated for it to matter.
 */
export function cascadeInput(
  view: View,
  { forming = false, calm = false } = {},
): CascadeInput | { lacking: string } {
  const series = view.series.filter(PUBLISHED);
  const priced = pricedSeries(view);
  if (series.length === 0 || !priced) return { lacking: "no perpetual is heard" };
  const last = windowOf(view, 1);
  const lacking = forming ? null : lackOf(series, last, liquidationsHeard);
  if (lacking !== null) return { lacking };
  const lists = series.map(({ buckets }) => buckets);
  const triggerQuote = cascadeTrigger(view.liquidationP99);
  const totals = calm ? liquidatedMinutes(lists, last).at(-1) : undefined;
  if (totals && Math.max(totals.longQuote, totals.shortQuote) < triggerQuote) {
    return { minute: { ...totals, ...CALM }, triggerQuote };
  }
  const prices = within(priced.buckets, windowOf(view, ATR_MINUTES));
  const minute = cascadeMinutes(lists, prices, last).at(-1);
  if (!minute) return { lacking: "liquidations unknown" };
  return { minute, triggerQuote };
}

/** A cascade's state over the minutes, and what the next reading would make of it. */
export class CascadeReader implements Reader {
  #state: Cascade = WATCHING;

  readonly read: Evaluate = (view) => {
    const input = cascadeInput(view, { calm: this.#state.state !== "active" });
    if ("lacking" in input) return input;
    this.#state = stepCascade(this.#state, input.minute, input.triggerQuote, view.endMs);
    return wordOf(this.#state);
  };

  /** The same with a minute that still forms; nothing is remembered of it. */
  readonly peek: Evaluate = (view) => {
    const input = cascadeInput(view, { forming: true });
    if ("lacking" in input) return input;
    return wordOf(stepCascade(this.#state, input.minute, input.triggerQuote, view.endMs));
  };
}

function wordOf({ state, position }: Cascade): Reading {
  return { value: state !== "active" ? 0 : position === "long" ? 1 : 2 };
}

const CASCADE: MinuteMetric = {
  name: "cascade",
  critical: true,
  aliases: ["casc"],
  title: "liquidation cascade",
  unit: "word",
  words: ["long", "short"],
  usual: { comparison: "is", threshold: 0 },
  severity: "critical",
  windows: [],
  pace: "minute",
  history: () => ATR_MINUTES + EDGE_MINUTES,
  percentile: true,
  open: () => new CascadeReader(),
  part: ({ liqLongQuote, liqShortQuote }) => (liqLongQuote ?? 0) + (liqShortQuote ?? 0),
  counts: PUBLISHED,
  peekFrom: CASCADE_FLOOR_USD,
  lateMs: LATE_MS,
  warmUp: 10,
  formula: "60 s of one side ≥ max(250k USD, p99 minute of 24 h), ≥ 5 events, ≥ 70 % on " +
    "one side, price moved ≥ ATR(14, 1m)",
  shownBy: (asset) => `/liquidations ${asset}`,
};

export const PERP_METRICS: readonly Metric[] = [
  {
    name: "oi",
    aliases: ["oi-change", "interest"],
    title: "open interest change",
    unit: "percent",
    windows: [60, 5, 15, 30],
    pace: "minute",
    history: (minutes) => minutes + EDGE_MINUTES,
    open: always(interestIn),
    formula: "ΔOI ÷ OI at the window's start, in coins, all perpetuals",
    shownBy: (asset, minutes) => `/oi ${asset} ${minutes}m chart`,
  },
  {
    name: "quadrant",
    aliases: ["quad"],
    title: "price and OI quadrant",
    unit: "word",
    words: QUADRANTS,
    usual: { comparison: "is", threshold: 0 },
    windows: [60, 5, 15, 30],
    pace: "minute",
    history: (minutes) => minutes + EDGE_MINUTES,
    open: always(quadrantIn),
    formula: "signs of the price's and OI's change, both beyond 0.25 %: an inference",
    shownBy: (asset, minutes) => `/oi ${asset} ${minutes}m chart`,
  },
  {
    name: "funding",
    aliases: ["fund"],
    title: "funding, 8 h",
    unit: "percent",
    windows: [],
    pace: "minute",
    history: () => EDGE_MINUTES,
    open: always(fundingAt),
    formula: "rate · 8 ÷ hours, mean over venues weighted by OI",
    shownBy: (asset) => `/funding ${asset}`,
  },
  liquidated(
    "liq",
    "liquidations",
    ({ liqLongQuote, liqShortQuote }) => sumKnown(liqLongQuote, liqShortQuote),
    [
      "liquidations",
      "liqs",
    ],
  ),
  liquidated("liq-long", "long liquidations", ({ liqLongQuote }) => liqLongQuote),
  liquidated("liq-short", "short liquidations", ({ liqShortQuote }) => liqShortQuote),
  CASCADE,
];

// This module is pure.
/** Metrics of derivatives: open interest, funding, liquidations, cascades. */
import { type Bucket, sumKnown } from "../../market/bucket.ts";
import { ASSUMED_HOURS, eightHourRate, weightedMean } from "../../market/study/funding.ts";
import { changeOf, interestChange, quadrantOf, standingAt } from "../../market/study/interest.ts";
import { liquidationsKnown } from "../../market/study/liquidation/liquidations.ts";
import { CASCADE, LATE_MS } from "./cascade.ts";
import { growing } from "./growing.ts";
import { always, type Metric, type Reading, type View } from "./metric.ts";
import { perps, pricedOver, reading, tellsLiquidations, windowOf } from "./reading.ts";

const EDGE_MINUTES = 6;

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
  const priced = pricedOver(view, minutes);
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
    counts: tellsLiquidations,
    lateMs: LATE_MS,
    formula:
      "Σ notional of the positions closed by force, by their own side; samples count as they are",
    shownBy: (asset, minutes) => `/liquidations ${asset} ${minutes}m chart`,
  });
}

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

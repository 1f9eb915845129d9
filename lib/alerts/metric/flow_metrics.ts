// This module is pure.
/** Metrics of the flow: volume, delta, CVD, large trades, imbalance. */
import type { Bucket } from "../../market/bucket.ts";
import { flowOf, sidesKnown, within } from "../../market/flow.ts";
import { divergenceOf } from "../../market/study/divergence.ts";
import { studyBar } from "../../market/study/volume.ts";
import { Sum } from "../../market/sum.ts";
import { TIMEFRAMES } from "../../market/windows.ts";
import { always, type Metric, type Reader, type Reading, type View } from "./metric.ts";
import { lackOf, pricedOver, reading, windowOf } from "./reading.ts";
import { growing } from "./growing.ts";
import { VolumeReplay } from "./volume_replay.ts";

const WINDOWS = [15, 1, 5, 30, 60];
const HEARD_MINUTES = 6;

const chart = (command: string) => (asset: string, minutes: number) =>
  `/${command} ${asset} ${minutes}m chart`;

type Pick = "rvol" | "spikeScore";

/** RVOL or spike score of the bar that has just closed, over all markets. */
function ofBar(view: View, minutes: number, pick: Pick, study = fromScratch): Reading {
  const timeframe = TIMEFRAMES.find((one) => one === minutes);
  if (timeframe === undefined) return { lacking: "no such bar" };
  const lacking = lackOf(view.series, windowOf(view, minutes), (row) => row.volQuote !== null);
  if (lacking !== null) return { lacking };
  const volumes = view.series.flatMap((series) => series.volumes ?? []);
  if (volumes.length < view.series.length) return { lacking: "the baseline is not read yet" };
  const bar = study(volumes, timeframe, view.endMs);
  return reading(bar[pick], `${bar.baselineBars} whole bars of the last 24 h are no baseline`);
}

const fromScratch: VolumeReplay["study"] = studyBar;

function replayed(pick: Pick): () => Reader {
  return () => {
    const { study } = new VolumeReplay();
    return { read: (view, minutes) => ofBar(view, minutes, pick, study) };
  };
}

function deltaIn(view: View, minutes: number): Reading {
  const span = windowOf(view, minutes);
  const lacking = lackOf(view.series, span, sidesKnown);
  if (lacking !== null) return { lacking };
  return reading(flowOf(view.series.map((one) => one.buckets), span).delta, "no side is known");
}

function divergenceIn(view: View, minutes: number): Reading {
  const priced = pricedOver(view, minutes);
  if (!priced) return { lacking: "no price is heard" };
  const span = windowOf(view, minutes);
  const lacking = lackOf(view.series, span, sidesKnown);
  if (lacking !== null) return { lacking };
  const { verdict } = divergenceOf(priced.buckets, view.series.map((one) => one.buckets), span);
  if (verdict === null) return { lacking: "too few prices" };
  return { value: verdict === "bullish" ? 1 : verdict === "bearish" ? 2 : 0 };
}

function imbalanceIn(view: View, minutes: number): Reading {
  const span = windowOf(view, minutes);
  const sampled = view.series.map(({ buckets }) =>
    within(buckets, span).filter((row) => row.imbalance !== null)
  );
  const short = view.series.filter((_, i) => (sampled[i]?.length ?? 0) < minutes);
  if (short.length > 0 || view.series.length === 0) {
    return {
      lacking: `${short.map(({ venue }) => venue).join(", ") || "no market"} without a book`,
    };
  }
  const sum = new Sum();
  let count = 0;
  for (const rows of sampled) {
    for (const { imbalance } of rows) {
      sum.add(imbalance ?? 0);
      count++;
    }
  }
  return reading(sum.value / count, "no book");
}

function large(name: string, title: string, part: (bucket: Bucket) => number | null): Metric {
  return growing({
    name,
    title,
    unit: "usd",
    windows: [5, 1, 15, 30, 60],
    part,
    formula:
      "Σ large prints: merged within 50 ms, ≥ 25k USD and the symbol's own 99.5th percentile",
    shownBy: (asset) => `/flow ${asset}`,
  });
}

export const FLOW_METRICS: readonly Metric[] = [
  growing({
    name: "volume",
    aliases: ["vol"],
    title: "volume",
    unit: "usd",
    windows: WINDOWS,
    part: ({ volQuote }) => volQuote,
    formula: "Σ quote volume of all markets",
    shownBy: chart("volume"),
  }),
  {
    name: "rvol",
    title: "relative volume",
    unit: "times",
    windows: WINDOWS,
    pace: "minute",
    aligned: true,
    history: (minutes) => minutes + HEARD_MINUTES,
    volumes: true,
    open: always((view, minutes) => ofBar(view, minutes, "rvol")),
    replay: replayed("rvol"),
    formula: "volume of the closed bar ÷ mean of the bars of the 24 h before, all markets",
    shownBy: chart("volume"),
  },
  {
    name: "volume-z",
    aliases: ["vz", "spike", "z"],
    title: "volume spike score",
    unit: "z",
    windows: WINDOWS,
    pace: "minute",
    aligned: true,
    history: (minutes) => minutes + HEARD_MINUTES,
    volumes: true,
    open: always((view, minutes) => ofBar(view, minutes, "spikeScore")),
    replay: replayed("spikeScore"),
    formula: "0.6745 · (x − median) ÷ MAD of log volume, closed bars of the 24 h before",
    shownBy: chart("volume"),
  },
  {
    name: "delta",
    title: "delta of the closed bar",
    unit: "usd",
    windows: WINDOWS,
    pace: "minute",
    aligned: true,
    history: (minutes) => minutes + HEARD_MINUTES,
    open: always(deltaIn),
    formula: "taker buy − taker sell of the last closed bar, spot and perpetuals",
    shownBy: chart("cvd"),
  },
  {
    name: "cvd",
    title: "CVD change",
    unit: "usd",
    windows: WINDOWS,
    pace: "minute",
    history: (minutes) => minutes + HEARD_MINUTES,
    open: always(deltaIn),
    formula: "CVD's change over the last closed minutes, spot and perpetuals",
    shownBy: chart("cvd"),
  },
  {
    name: "divergence",
    aliases: ["div"],
    title: "CVD divergence",
    unit: "word",
    words: ["bullish", "bearish"],
    usual: { comparison: "is", threshold: 0 },
    windows: [60, 15, 30],
    pace: "minute",
    history: (minutes) => minutes + HEARD_MINUTES,
    open: always(divergenceIn),
    formula: "price makes a new high (low) in the last fifth of the window, CVD does not",
    shownBy: chart("cvd"),
  },
  large(
    "large",
    "large trades",
    ({ largeBuyQuote, largeSellQuote }) =>
      largeBuyQuote === null || largeSellQuote === null ? null : largeBuyQuote + largeSellQuote,
  ),
  large("large-buy", "large buys", ({ largeBuyQuote }) => largeBuyQuote),
  large("large-sell", "large sells", ({ largeSellQuote }) => largeSellQuote),
  {
    name: "imbalance",
    aliases: ["book", "imb"],
    title: "book imbalance, top 20 levels",
    unit: "ratio",
    windows: [5, 1, 15, 30],
    pace: "minute",
    history: (minutes) => minutes + HEARD_MINUTES,
    open: always(imbalanceIn),
    formula: "mean of (bid − ask) ÷ (bid + ask) of the top 20 levels, all markets",
    shownBy: (asset) => `/flow ${asset}`,
  },
];

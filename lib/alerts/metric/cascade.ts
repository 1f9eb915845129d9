// This module is pure.
/** The metric of a liquidation cascade, minute after minute. */
import { within } from "../../market/flow.ts";
import {
  type Cascade,
  CASCADE_FLOOR_USD,
  type CascadeMinute,
  cascadeTrigger,
  stepCascade,
  WATCHING,
} from "../../market/study/liquidation/cascade.ts";
import {
  ATR_MINUTES,
  cascadeMinutes,
  knowsRange,
} from "../../market/study/liquidation/cascade_minutes.ts";
import { mostKnowing } from "../../market/study/leading.ts";
import {
  liquidatedMinutes,
  liquidationsKnown,
} from "../../market/study/liquidation/liquidations.ts";
import type { Evaluate, MinuteMetric, Reader, View } from "./metric.ts";
import { lackOf, leadersOf, tellsLiquidations, windowOf } from "./reading.ts";

const EDGE_MINUTES = 6;
/** Venues publish a liquidation up to a second after it happened: Binance one a second. */
export const LATE_MS = 1_500;

/** A minute with too little to begin a cascade, whatever the price did. */
const CALM = { fall: null, rise: null, atr: null, oiBeforeBase: null, oiBase: null };

/** The newest minute as the detector reads it, and what it takes to begin. */
interface CascadeInput {
  readonly minute: CascadeMinute;
  readonly triggerQuote: number;
  /** What the minute lacks; `null` where it is whole and its liquidations are known. */
  readonly missing: string | null;
}

/**
 * What the cascade detector reads of a view, also of a minute that is not whole; `calm`
 * leaves out the price where too little was liquidated for it to matter.
 */
function cascadeInput(
  view: View,
  { calm = false } = {},
): CascadeInput | { lacking: string } {
  const series = view.series.filter(tellsLiquidations);
  const leaders = leadersOf(view);
  if (series.length === 0 || leaders.length === 0) return { lacking: "no perpetual is heard" };
  const last = windowOf(view, 1);
  const missing = lackOf(series, last, liquidationsKnown);
  const lists = series.map(({ buckets }) => buckets);
  const triggerQuote = cascadeTrigger(view.liquidationP99);
  const totals = calm ? liquidatedMinutes(lists, last).at(-1) : undefined;
  if (totals && Math.max(totals.longQuote, totals.shortQuote) < triggerQuote) {
    return { minute: { ...totals, ...CALM }, triggerQuote, missing };
  }
  const priced = mostKnowing(leaders, ({ buckets }) => knowsRange(buckets, view.endMs));
  const prices = within(priced?.buckets ?? [], windowOf(view, ATR_MINUTES));
  const minute = cascadeMinutes(lists, prices, last).at(-1);
  if (!minute) return { lacking: missing ?? "liquidations unknown" };
  return { minute, triggerQuote, missing };
}

/**
 * A cascade's state over the minutes, and what the next reading would make of it. Of a
 * minute that is known in part, what is known may begin a cascade or go on with it; that
 * it is calm, or ends, only a whole one tells.
 */
class CascadeReader implements Reader {
  #state: Cascade = WATCHING;
  /** The minute read last, and the state before it: it may be read again with more in it. */
  #endMs = -Infinity;
  #before: Cascade = WATCHING;

  readonly read: Evaluate = (view) => {
    const before = this.#stateBefore(view);
    const input = cascadeInput(view, { calm: before.state !== "active" });
    if ("lacking" in input) return input;
    const { minute, triggerQuote, missing } = input;
    const after = stepCascade(before, minute, triggerQuote, view.endMs);
    if (missing !== null && !isRunning(after)) return { lacking: missing };
    [this.#before, this.#state, this.#endMs] = [before, after, view.endMs];
    return missing === null
      ? { value: wordOf(after) }
      : { lacking: missing, atLeast: wordOf(after) };
  };

  /** The same with a minute that still forms; nothing is remembered of it. */
  readonly peek: Evaluate = (view) => {
    const input = cascadeInput(view);
    if ("lacking" in input) return input;
    const { minute, triggerQuote } = input;
    const after = stepCascade(this.#stateBefore(view), minute, triggerQuote, view.endMs);
    return isRunning(after) ? { value: wordOf(after) } : { lacking: "the minute still forms" };
  };

  #stateBefore({ endMs }: View): Cascade {
    return endMs === this.#endMs ? this.#before : this.#state;
  }
}

/** Whether the newest minute by itself says that a cascade runs. */
function isRunning({ state, quietSinceMs }: Cascade): boolean {
  return state === "active" && quietSinceMs === null;
}

function wordOf({ state, position }: Cascade): number {
  return state !== "active" ? 0 : position === "long" ? 1 : 2;
}

/** Judged as its minutes form and close; see the metrics page, "Liquidations". */
export const CASCADE: MinuteMetric = {
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
  counts: tellsLiquidations,
  peekFrom: CASCADE_FLOOR_USD,
  lateMs: LATE_MS,
  warmUp: 10,
  formula: "60 s of one side ≥ max(250k USD, own p99 minute of what is stored), ≥ 5 events, " +
    "≥ 70 % on one side, price moved ≥ ATR(14, 1m)",
  shownBy: (asset) => `/liquidations ${asset}`,
};

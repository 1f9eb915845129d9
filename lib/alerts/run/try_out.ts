/** The dry run: what a rule would have done over the stored history, and what would do less. */
import type { Source } from "../../market/source.ts";
import type { DryRun } from "../alert_desk.ts";
import { writeQuantity } from "../rule/quantity.ts";
import type { Rule } from "../rule/rule.ts";
import { metricOf, valueText } from "../rule/text.ts";
import { firingsIn, isStored, type Readings, readStored } from "./replay.ts";
import { daysIn, thresholdFor } from "./suggest.ts";

/** What is stored for sure. */
const HISTORY_HOURS = 72;
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
/** Firings shown. */
const NEWEST = 3;
/** Rates a day for which thresholds are looked for, where the rule's own is far from them. */
const RATES = [1, 3];

/** Nobody waits longer for an answer: assets that are not read by then are left out, and said. */
const [READ_MS, SUGGEST_MS] = [1_500, 1_800];

export interface TryOutOptions {
  readonly source: Source;
  readonly assets: readonly string[];
  /** Lets others have their turn; called far more often than that is needed. */
  readonly turn: () => Promise<void>;
  /** A clock that never goes backwards. */
  readonly steadyMs: () => number;
}

/** The rule over the last 72 h of some assets. */
export async function tryOut(
  rule: Rule,
  { source, assets, turn, steadyMs }: TryOutOptions,
): Promise<DryRun> {
  const metric = metricOf(rule);
  if (!isStored(metric)) return UNSTORED;
  const toMs = Math.floor(source.nowMs() / MINUTE_MS) * MINUTE_MS;
  const span = { fromMs: toMs - HISTORY_HOURS * HOUR_MS, toMs };
  const all: Readings[] = [];
  const startedMs = steadyMs();
  for (const asset of assets) {
    if (all.length > 0 && steadyMs() > startedMs + READ_MS) break;
    all.push(await readStored(source, asset, rule, span, turn));
  }
  const fired = await firingsIn(rule, all, turn);
  const days = daysIn(all);
  const far = days !== null && (fired.length / days < 0.5 || fired.length / days > 4);
  const suggested: { perDay: number; threshold: string }[] = [];
  for (const perDay of far ? RATES : []) {
    if (steadyMs() > startedMs + SUGGEST_MS) break;
    const threshold = await thresholdFor(rule, all, perDay, turn);
    if (threshold === null) continue;
    suggested.push({ perDay, threshold: writeQuantity(threshold, metric.unit) });
  }
  return {
    fired: fired.length,
    untried: assets.length - all.length,
    readings: all.reduce((sum, { times, bounds }) => sum + times.length - bounds.size, 0),
    hours: Math.max(0, ...all.map(({ times }) => hoursOf(times))),
    newest: fired.slice(-NEWEST).map(({ asset, timeMs, value }) => ({
      ...{ asset, timeMs, value: valueText(metric, value) },
    })),
    lacking: all.reduce((sum, one) => sum + one.lacking, 0),
    lack: all.findLast(({ lack }) => lack !== null)?.lack ?? null,
    suggested,
  };
}

const UNSTORED: DryRun = {
  ...{
    fired: null,
    untried: 0,
    readings: 0,
    hours: 0,
    newest: [],
    lacking: 0,
    lack: null,
    suggested: [],
  },
};

function hoursOf(times: readonly number[]): number {
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? 0 : (last - first) / HOUR_MS;
}

/** Pauses whenever the work since the last pause has taken so long. */
const SLICE_MS = 3;

/** A turn for others, every few milliseconds of work and no more often. */
export function inSlices(pause: () => Promise<void>, nowMs: () => number): () => Promise<void> {
  let sinceMs = nowMs();
  return async () => {
    if (nowMs() - sinceMs < SLICE_MS) return;
    await pause();
    sinceMs = nowMs();
  };
}

/** Thresholds to choose from when a rule is built by buttons: such as fire now and then. */
import type { Source } from "../../market/source.ts";
import { priceNow } from "../asset_price.ts";
import type { Metric } from "../metric/metric.ts";
import type { Draft } from "../rule/parse.ts";
import { rounded, writeQuantity } from "../rule/quantity.ts";
import { BACK_PART, CAP_PER_DAY, COOLDOWN_MINUTES, type Rule } from "../rule/rule.ts";
import { assetsOf } from "./index.ts";
import { isStored, readStored } from "./replay.ts";
import { thresholdFor } from "./suggest.ts";

export interface OfferOptions {
  readonly source: Source;
  readonly watched: readonly string[];
  readonly turn: () => Promise<void>;
  readonly steadyMs: () => number;
}

/** Firings a day for which thresholds are looked for, over 24 h of one asset. */
const RATES = [1, 3, 10];
const DAY_MS = 86_400_000;
const LONGEST_MS = 1_200;
/** Of a price: this far from it. */
const AWAY = [0.01, 0.02, 0.05];

/** Where the past says nothing: above, and below. To add a metric's own: one line. */
const LADDERS: Readonly<Record<string, readonly [above: number[], below: number[]]>> = {
  rsi: [[70, 75, 80], [30, 25, 20]],
  change: [[1, 2, 5], [-1, -2, -5]],
  move: [[1, 2, 5], [0.2, 0.1]],
  spread: [[0.1, 0.2, 0.5], [0.02, 0.01]],
  oi: [[1, 2, 5], [-1, -2, -5]],
  funding: [[0.02, 0.05, 0.1], [-0.01, -0.02, -0.05]],
  imbalance: [[0.2, 0.4, 0.6], [-0.2, -0.4, -0.6]],
  delta: [[1e6, 5e6, 2e7], [-1e6, -5e6, -2e7]],
  cvd: [[1e6, 5e6, 2e7], [-1e6, -5e6, -2e7]],
  gap: [[0, 2, 5], []],
  change24h: [[5, 10, 20], [-5, -10, -20]],
  turnover24h: [[1e8, 1e9, 5e9], [1e7, 5e7]],
  distance: [[20, 30], [10, 5, 3]],
  "funding-due": [[10, 100, 1000], [-10, -100]],
};
const OF_UNIT: Readonly<Partial<Record<Metric["unit"], readonly number[]>>> = {
  usd: [1e5, 1e6, 5e6],
  times: [2, 3, 5],
  z: [2, 3, 4],
  minutes: [2, 5, 15],
};

/** Amounts as they are typed, the nearest to the present first; none where no rule is meant. */
export async function thresholdsFor(draft: Draft, options: OfferOptions): Promise<string[]> {
  const { scope, metric, windowMinutes, comparison } = draft;
  if (!scope || !metric || !comparison || metric.words) return [];
  const { source, watched, turn, steadyMs } = options;
  const rule: Rule = {
    ...{ scope, metric: metric.name, windowMinutes, comparison, threshold: 0 },
    ...{ severity: "normal", cooldownMinutes: COOLDOWN_MINUTES, capPerDay: CAP_PER_DAY },
    backPart: BACK_PART,
  };
  const [asset] = assetsOf({ rule }, watched);
  const text = (value: number) => writeQuantity(value, metric.unit);
  if (metric.unit === "price") {
    const now = asset === undefined ? null : priceNow(source, asset);
    if (now === null) return [];
    const signs = comparison === ">" ? [1] : comparison === "<" ? [-1] : [1, -1];
    return AWAY.flatMap((part) => signs.map((sign) => text(rounded(now * (1 + sign * part), 4))));
  }
  const found = new Set<string>();
  if (asset !== undefined && isStored(metric)) {
    const toMs = Math.floor(source.nowMs() / 60_000) * 60_000;
    const read = await readStored(source, asset, rule, { fromMs: toMs - DAY_MS, toMs }, turn);
    const startedMs = steadyMs();
    for (const perDay of RATES) {
      if (steadyMs() > startedMs + LONGEST_MS) break;
      const threshold = await thresholdFor(rule, [read], perDay, turn);
      if (threshold !== null) found.add(text(threshold));
    }
  }
  if (found.size > 0) return [...found];
  const ladder = LADDERS[metric.name]?.[comparison === "<" ? 1 : 0];
  return (ladder ?? OF_UNIT[metric.unit] ?? []).map(text);
}

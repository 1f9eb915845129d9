// This module is pure.
/** Thresholds that would have fired about so often: tried on readings that are held. */
import { rounded } from "../rule/quantity.ts";
import type { Rule } from "../rule/rule.ts";
import { firingsIn, type Readings } from "./replay.ts";

const DAY_MS = 86_400_000;
/** Ranks of the values that are tried as thresholds grow by this. */
const STEP = 1.3;
/** From less than this no rate can be told. */
const LEAST_MS = 6 * 3_600_000;

/** Days between the first and the last reading; `null` where too few to tell a rate. */
export function daysIn(all: readonly Readings[]): number | null {
  const first = Math.min(...all.flatMap(({ times }) => times.slice(0, 1)));
  const last = Math.max(...all.flatMap(({ times }) => times.slice(-1)));
  return last - first >= LEAST_MS ? (last - first) / DAY_MS : null;
}

/** Of each asset no more values are thresholds: what is easier fires all the time. */
const HARDEST = 2000;

/** The hardest values as thresholds first; sorted asset by asset, for each sort takes its time. */
async function hardest(
  all: readonly Readings[],
  above: boolean,
  turn: () => Promise<void>,
): Promise<Float64Array> {
  const parts: number[] = [];
  for (const { values } of all) {
    const sorted = Float64Array.from(values).sort();
    parts.push(...(above ? sorted.slice(-HARDEST) : sorted.slice(0, HARDEST)));
    await turn();
  }
  const sorted = Float64Array.from(parts).sort();
  return above ? sorted.reverse() : sorted;
}

/**
 * The threshold nearest to `perDay` firings a day; `null` of words, of levels that are
 * crossed, and where no threshold comes near.
 */
export async function thresholdFor(
  rule: Rule,
  all: readonly Readings[],
  perDay: number,
  turn: () => Promise<void>,
): Promise<number | null> {
  const { comparison } = rule;
  const days = daysIn(all);
  if (days === null || (comparison !== ">" && comparison !== "<")) return null;
  const free = { ...rule, capPerDay: Infinity };
  const rate = async (threshold: number) =>
    (await firingsIn({ ...free, threshold }, all, turn)).length / days;
  const sorted = await hardest(all, comparison === ">", turn);
  let best: { readonly threshold: number; readonly off: number } | null = null;
  // From the hardest on: an easy threshold always holds, and fires as seldom as a hard one.
  for (let rank = 1; rank < sorted.length; rank = Math.ceil(rank * STEP)) {
    const threshold = rounded(sorted[rank] ?? 0);
    const found = await rate(threshold);
    const off = Math.abs(found - perDay);
    if (found > 0 && (best === null || off < best.off)) best = { threshold, off };
    if (found > perDay) break;
  }
  return best !== null && best.off <= Math.max(0.7, perDay / 2) ? best.threshold : null;
}

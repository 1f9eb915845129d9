// This module is pure.
/** An armed rule as it is listed: what it waits for, and how far it is from it. */
import type { Source } from "../market/source.ts";
import type { ShownRule } from "./alert_desk.ts";
import { type Armed, placeOf } from "./run/armed.ts";
import { assetsOf } from "./run/index.ts";
import { distanceOf, isSo } from "./run/judge.ts";
import type { MinuteRules } from "./run/minutes.ts";
import type { PriceWatch } from "./run/prices.ts";
import type { Rule } from "./rule/rule.ts";
import { coreText, metricOf, ruleText, sentence, trustSentence, valueText } from "./rule/text.ts";

const DAY_MS = 86_400_000;

/** Where the newest values are. */
interface Newest {
  readonly prices: Pick<PriceWatch, "priceOf">;
  readonly minutes: Pick<MinuteRules, "find">;
}

export interface Showing {
  readonly source: Source;
  readonly engine: Newest;
  readonly watched: readonly string[];
  /** Whether a rule is judged at all. */
  readonly runs: (rule: Rule) => boolean;
}

export function shown(armed: Armed, showing: Showing): ShownRule {
  const { rule, count, hits, createdMs, lastFiredMs, mutedUntilMs } = armed;
  const metric = metricOf(rule);
  const nowMs = showing.source.nowMs();
  const nearest = nearestOf(armed, showing);
  return {
    id: armed.id,
    text: ruleText(rule),
    core: coreText(rule),
    sentence: sentence(rule),
    trust: trustSentence(rule),
    createdMs,
    mutedUntilMs: mutedUntilMs > nowMs ? mutedUntilMs : null,
    hits,
    firedToday: count.day === Math.floor(nowMs / DAY_MS) ? count.fired : 0,
    lastFiredMs,
    value: nearest ? valueText(metric, nearest.value) : null,
    asset: nearest?.asset ?? null,
    distance: nearest?.distance ?? null,
    state: showing.runs(rule) ? stateOf(armed, nearest, nowMs) : "off",
    isCapped: count.day === Math.floor(nowMs / DAY_MS) && count.fired >= rule.capPerDay,
    formula: metric.formula,
  };
}

function stateOf(armed: Armed, nearest: Nearest | null, nowMs: number): ShownRule["state"] {
  if (armed.mutedUntilMs > nowMs) return "muted";
  if (armed.blindTold) return "blind";
  const at = nearest?.asset ?? [...armed.places.keys()][0];
  const place = at === undefined ? null : placeOf(armed, at);
  if (!place || place.armed === null) {
    // As its first reading will find it: what is so already is no news.
    if (nearest && isSo(armed.rule, nearest.value)) return "fired";
    return armed.seen ? "armed" : "waiting";
  }
  return place.armed ? "armed" : "fired";
}

interface Nearest {
  readonly asset: string;
  readonly value: number;
  readonly distance: number | null;
}

/** Of several assets the one that is closest to firing. */
function nearestOf(armed: Armed, { engine, watched, source }: Showing): Nearest | null {
  const metric = metricOf(armed.rule);
  let nearest: Nearest | null = null;
  for (const asset of assetsOf(armed, watched)) {
    const value = metric.pace === "trade"
      ? engine.prices.priceOf(asset) ?? priceOf(source, asset)
      : lastOf(engine, asset, metric.name, armed.rule.windowMinutes ?? 1);
    if (value === null) continue;
    const distance = distanceOf(armed.rule, value);
    const closer = nearest === null || (distance ?? Infinity) < (nearest.distance ?? Infinity);
    if (closer) nearest = { asset, value, distance };
  }
  return nearest;
}

function lastOf(
  engine: Newest,
  asset: string,
  metric: string,
  windowMinutes: number,
): number | null {
  const last = engine.minutes.find(asset, metric, windowMinutes)?.last;
  return last && "value" in last ? last.value : null;
}

function priceOf(source: Source, asset: string): number | null {
  const [first] = source.seriesOf(asset).filter(({ market }) => market === "perp");
  return first ? source.latest(first)?.price ?? null : null;
}

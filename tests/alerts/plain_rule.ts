/** When a rule fires, from its metric's values alone: armed, hysteresis, cooldown, told plainly. */
import type { Rule } from "../../lib/alerts/rule/rule.ts";

const MINUTE_MS = 60_000;

/** A metric at a minute's end, `null` where it cannot be told; of sums what is known at least. */
export type PlainReader = ((endMs: number) => number | null) & {
  readonly known: (endMs: number) => number;
};

/** Ends of the minutes at which a rule fires that was armed when `beginMs` had closed. */
export function firingsOf(
  rule: Rule,
  value: PlainReader,
  beginMs: number,
  minutes: number,
): number[] {
  const width = ALIGNED.has(rule.metric) ? rule.windowMinutes ?? 1 : 1;
  const firstMs = Math.floor(beginMs / MINUTE_MS / width) * width * MINUTE_MS;
  const lastMs = beginMs + minutes * MINUTE_MS;
  const fired: number[] = [];
  let armed: boolean | null = null;
  let side = 0;
  let quietUntilMs = -Infinity;
  for (let endMs = firstMs; endMs <= lastMs; endMs += width * MINUTE_MS) {
    const now = value(endMs);
    if (now === null) {
      // Of a sum, what is known may be enough.
      const known = GROWING.has(rule.metric) && rule.comparison === ">"
        ? value.known(endMs)
        : -Infinity;
      if (armed === true && known > rule.threshold && endMs >= quietUntilMs) {
        fired.push(endMs);
        quietUntilMs = endMs + rule.cooldownMinutes * MINUTE_MS;
        armed = false;
      }
      continue;
    }
    const so = rule.comparison === ">"
      ? now > rule.threshold
      : rule.comparison === "<"
      ? now < rule.threshold
      : rule.comparison === "is"
      ? (rule.threshold === 0 ? now > 0 : now === rule.threshold)
      : side !== 0 && Math.sign(now - rule.threshold) === -side;
    if (armed === true && so && endMs >= quietUntilMs) {
      fired.push(endMs);
      quietUntilMs = endMs + rule.cooldownMinutes * MINUTE_MS;
      armed = rule.comparison === "crosses" || rule.comparison === "flips";
      side = Math.sign(now - rule.threshold) || side;
    } else if (armed === null) {
      armed = rule.comparison === "crosses" || rule.comparison === "flips" || !so;
      side = Math.sign(now - rule.threshold);
    } else if (armed && !so) side = Math.sign(now - rule.threshold) || side;
    else if (!armed) {
      const margin = Math.abs(rule.threshold) * rule.backPart;
      armed = rule.comparison === ">"
        ? now <= rule.threshold - margin
        : rule.comparison === "<"
        ? now >= rule.threshold + margin
        : !so;
    }
  }
  return fired;
}

const ALIGNED = new Set(["rsi", "rvol", "volume-z", "delta"]);
const GROWING = new Set([
  "volume",
  "large",
  "large-buy",
  "large-sell",
  "liq",
  "liq-long",
  "liq-short",
]);

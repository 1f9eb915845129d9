/** Firings for tests of what comes after one. */
import { type Firing, itemId } from "../../lib/alerts/deliver/firing.ts";
import type { Severity } from "../../lib/alerts/rule/rule.ts";

export const START_MS = Date.UTC(2026, 10, 20, 10);

export function firing(nth: number, person = "tg:1", severity: Severity = "normal"): Firing {
  const atMs = START_MS + nth;
  return {
    ...{ kind: "firing", id: itemId(severity, atMs, nth), ruleId: `a${nth}`, hit: 1, person },
    ...{ atMs, severity, text: "BTC liq 5m > 2M", asset: "BTC", metric: "liq", value: 2e6 + nth },
    ...{ price: 100, spark: "", trust: "", shownBy: "/liquidations BTC" },
  };
}

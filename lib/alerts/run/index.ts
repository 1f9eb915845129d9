// This module is pure.
/** Which rule is about which metric of which asset: the plan of a round of evaluation. */
import type { MinuteMetric } from "../metric/metric.ts";
import { metricNamed } from "../metric/table.ts";
import { metricOf } from "../rule/text.ts";
import type { Armed } from "./armed.ts";

export interface Plan {
  readonly prices: ReadonlyMap<string, readonly Armed[]>;
  readonly minutes: readonly {
    readonly asset: string;
    readonly metric: MinuteMetric;
    readonly windowMinutes: number;
    readonly rules: Armed[];
  }[];
  readonly tickers: readonly Armed[];
  readonly account: readonly Armed[];
}

/** `watched` is what the scope `watch` stands for now. */
export function planOf(rules: Iterable<Armed>, watched: readonly string[]): Plan {
  const prices = new Map<string, Armed[]>();
  const minutes = new Map<string, Plan["minutes"][number]>();
  const [tickers, account]: [Armed[], Armed[]] = [[], []];
  for (const armed of rules) {
    const metric = metricOf(armed.rule);
    if (metric.pace === "ticker") tickers.push(armed);
    if (metric.pace === "account") account.push(armed);
    for (const asset of assetsOf(armed, watched)) {
      if (metric.pace === "trade") {
        const held = prices.get(asset);
        if (held) held.push(armed);
        else prices.set(asset, [armed]);
      }
      // A cascade against a position is read off the tape, whoever else asks for it or not.
      const read = metric.name === "against" ? metricNamed("cascade") : metric;
      if (read?.pace !== "minute") continue;
      const windowMinutes = armed.rule.windowMinutes ?? 1;
      const name = `${asset} ${read.name} ${windowMinutes}`;
      const held = minutes.get(name) ?? { asset, metric: read, windowMinutes, rules: [] };
      minutes.set(name, held);
      if (read === metric) held.rules.push(armed);
    }
  }
  return { prices, minutes: [...minutes.values()], tickers, account };
}

/** The assets that a rule is about now; none of the market's, which come with the tickers. */
export function assetsOf(
  { rule: { scope } }: Pick<Armed, "rule">,
  watched: readonly string[],
): readonly string[] {
  switch (scope.kind) {
    case "asset":
      return [scope.asset];
    case "watch":
      return watched;
    case "market":
      return [];
  }
}

/** The alerts' counters on the metrics page. */
import type { Registry } from "../metrics.ts";
import type { Alerts } from "./alerts.ts";

/** `current` gives the alerts of now; they begin anew where nobody took them over. */
export function alertMetrics(metrics: Registry, current: () => Alerts | null): void {
  type Read = (alerts: Alerts) => number;
  const now = (read: Read) => () => {
    const alerts = current();
    return alerts ? read(alerts) : 0;
  };
  const counter = (name: string, help: string, read: Read) =>
    metrics.counter(`tapewatch_alerts_${name}_total`, help).with().read(now(read));
  counter("fired", "Rules that fired", ({ herald }) => herald.stats.fired);
  counter("muted", "Firings of muted rules", ({ herald }) => herald.stats.muted);
  counter("delivered", "Items that arrived on Telegram", ({ outbox }) => outbox.stats.delivered);
  counter("repeated", "Calls made again, marked", ({ outbox }) => outbox.stats.repeated);
  counter("dropped", "Items beyond what may wait", ({ outbox }) => outbox.stats.dropped);
  counter("refused", "Items that Telegram refused", ({ outbox }) => outbox.stats.refused);
  const gauge = (name: string, help: string, read: Read) =>
    metrics.gauge(`tapewatch_alerts_${name}`, help).with().read(now(read));
  gauge("armed", "Armed rules", ({ armed }) => armed);
  gauge("waiting", "Items that wait to arrive", ({ outbox }) => outbox.waiting);
  gauge(
    "tick_seconds",
    "Duration of the newest evaluation",
    ({ engine }) => engine.lastTickMs / 1000,
  );
}

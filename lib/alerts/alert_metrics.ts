/** The alerts' counters on the metrics page. */
import type { Registry } from "../metrics.ts";
import type { Alerts } from "./alerts.ts";

export function alertMetrics(metrics: Registry, alerts: Alerts): void {
  const { herald, outbox, engine } = alerts;
  const counter = (name: string, help: string, read: () => number) =>
    metrics.counter(`tapewatch_alerts_${name}_total`, help).with().read(read);
  counter("fired", "Rules that fired", () => herald.stats.fired);
  counter("muted", "Firings of muted rules", () => herald.stats.muted);
  counter("delivered", "Items that arrived on Telegram", () => outbox.stats.delivered);
  counter("repeated", "Calls made again, marked", () => outbox.stats.repeated);
  counter("dropped", "Items beyond what may wait", () => outbox.stats.dropped);
  counter("refused", "Items that Telegram refused", () => outbox.stats.refused);
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(`tapewatch_alerts_${name}`, help).with().read(read);
  gauge("armed", "Armed rules", () => alerts.armed);
  gauge("waiting", "Items that wait to arrive", () => outbox.waiting);
  gauge("tick_seconds", "Duration of the newest evaluation", () => engine.lastTickMs / 1000);
}

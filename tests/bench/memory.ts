/**
 * Resident memory of the real service: idle, and with 20 symbols on four venues live; as
 * `deno task start` runs it, with a small heap, and as the built file where there is one.
 */
import type { Json } from "../../lib/reply/command.ts";
import { SYMBOLS } from "./frames.ts";
import { asStarted, built, LiveExchange, LiveService, SMALL_HEAP, type Variant } from "./live.ts";
import { type Measurement, pause, rounded } from "./measurement.ts";
import { cpuSecondsOf, memoryOf, peakMbOf } from "./proc.ts";

/** What the service keeps by itself. */
const HISTORY_MINUTES = 72 * 60;

/** Settings beside the endpoints. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // An asset that no venue lists: everything runs, nothing is subscribed.
  idle: { SYMBOLS: "TAPEWATCHNONE" },
  // What a start lacks is soon fetched; what remains is the live tape.
  live: { SYMBOLS: `top:${SYMBOLS}`, RETENTION_HOURS: "1" },
  // After a first start: all three days are fetched before the clock of the bench begins.
  filled: { SYMBOLS: `top:${SYMBOLS}` },
};

export const memory: Measurement = {
  name: "memory",
  async run({ seconds, rate }, say) {
    const file = built();
    const variants: Readonly<Record<string, Variant>> = {
      asStarted: asStarted(),
      smallHeap: asStarted(SMALL_HEAP),
      ...(file ? { built: file } : {}),
    };
    const results: Record<string, Json> = {};
    for (const [variant, program] of Object.entries(variants)) {
      await using exchange = await LiveExchange.open({
        symbols: SYMBOLS,
        rate,
        history: HISTORY_MINUTES,
      });
      const states: Record<string, Json> = {};
      for (const [state, settings] of Object.entries(STATES)) {
        await using service = new LiveService({
          env: { ...exchange.env, ...settings },
          variant: program,
        });
        await service.until(state === "idle" ? "/healthz" : "/readyz");
        if (state === "filled") await service.untilFilled();
        states[state] = await measure(service, seconds);
        say(`memory ${variant} ${state}: ${JSON.stringify(states[state])}`);
      }
      results[variant] = states;
    }
    return {
      budget: "of the built file: idle ≤ 45 MB, live ≤ 54 MB",
      settings: STATES,
      bot: "not configured",
      seconds,
      ratePerSecond: rate,
      smallHeapFlags: SMALL_HEAP,
      ...results,
    };
  },
};

async function measure(service: LiveService, seconds: number): Promise<Json> {
  const [before, cpuBefore] = [await service.metrics(), cpuSecondsOf(service.pid)];
  await pause(seconds * 1000);
  const [after, cpuAfter] = [await service.metrics(), cpuSecondsOf(service.pid)];
  const perSecond = (...labels: string[]) => {
    const name = "tapewatch_events_total";
    return rounded((after.sum(name, ...labels) - before.sum(name, ...labels)) / seconds);
  };
  return {
    ...memoryOf(service.pid),
    peakMb: peakMbOf(service.pid),
    cpuPercent: rounded((cpuAfter - cpuBefore) / seconds * 100),
    tradesPerSecond: perSecond('kind="trade"'),
    eventsPerSecond: perSecond(),
  };
}

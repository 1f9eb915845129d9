/**
 * Resident memory of the real service: idle, and with 20 symbols on four venues live; as
 * `deno task start` runs it and with a small heap.
 */
import type { Json } from "../../lib/reply/command.ts";
import { SYMBOLS } from "./frames.ts";
import { LiveExchange, LiveService, SMALL_HEAP } from "./live.ts";
import { type Measurement, pause, rounded } from "./measurement.ts";
import { cpuSecondsOf, memoryOf, peakMbOf } from "./proc.ts";

/** An asset that no venue lists: everything runs, nothing is subscribed. */
const NOTHING = "TAPEWATCHNONE";

/** Variants of the command line. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  asStarted: [],
  smallHeap: [SMALL_HEAP],
};

export const memory: Measurement = {
  name: "memory",
  async run({ seconds, rate }, say) {
    const results: Record<string, Json> = {};
    for (const [variant, flags] of Object.entries(FLAGS)) {
      await using exchange = await LiveExchange.open({ symbols: SYMBOLS, rate });
      for (const [what, symbols] of [["idle", NOTHING], ["live", `top:${SYMBOLS}`]] as const) {
        const name = `${what} ${variant}`;
        const result = await measure({ ...exchange.env, SYMBOLS: symbols }, flags, seconds);
        say(`memory ${name}: ${JSON.stringify(result)}`);
        results[name] = result;
      }
    }
    return {
      budget: "of the built file: idle ≤ 45 MB, live ≤ 54 MB",
      idleMeans: `SYMBOLS=${NOTHING}: all venues enabled, no market subscribed`,
      bot: "not configured",
      seconds,
      ratePerSecond: rate,
      smallHeapFlags: SMALL_HEAP,
      ...results,
    };
  },
};

async function measure(
  env: Readonly<Record<string, string>>,
  flags: readonly string[],
  seconds: number,
): Promise<Json> {
  await using service = new LiveService({ env, flags });
  await service.until(env.SYMBOLS === NOTHING ? "/healthz" : "/readyz");
  const [before, cpuBefore] = [await service.metrics(), cpuSecondsOf(service.pid)];
  await pause(seconds * 1000);
  const [after, cpuAfter] = [await service.metrics(), cpuSecondsOf(service.pid)];
  const perSecond = (name: string, ...labels: string[]) =>
    rounded((after.sum(name, ...labels) - before.sum(name, ...labels)) / seconds);
  return {
    ...memoryOf(service.pid),
    peakMb: peakMbOf(service.pid),
    cpuPercent: rounded((cpuAfter - cpuBefore) / seconds * 100),
    tradesPerSecond: perSecond("tapewatch_events_total", 'kind="trade"'),
    eventsPerSecond: perSecond("tapewatch_events_total"),
  };
}

/**
 * How long a first start takes to fill its history, and what it costs the venues:
 *
 *     deno run -A tests/chaos/first_start.ts [symbols] [history minutes]
 */
import { startExchange } from "../sim/exchange.ts";
import { Service } from "../e2e/service.ts";
import { sleep } from "./chaos.ts";
import { peakShare, requestsOf } from "./figures.ts";

export interface FirstStart {
  /** From the start of the process until nothing waits for repair. */
  readonly filledMs: number;
  readonly waitingFirst: number;
  readonly repaired: number;
  readonly peakShare: number;
  readonly requests: readonly string[];
}

/** Starts a service on an empty folder and waits until its history is there. */
export async function firstStart(
  symbols: number,
  historyMinutes: number,
  withinMs: number,
): Promise<FirstStart> {
  await using exchange = await startExchange({
    ...{ seed: 4, symbols, historyMinutes, tradesPerSecond: 40, keepPrints: 5_000 },
  });
  const env = { ...exchange.env, SYMBOLS: `top:${symbols}` };
  await using service = new Service({ args: [], env });
  const startMs = performance.now();
  await service.until("/readyz", 200, 60_000);
  let [waitingFirst, still, repaired] = [0, 0, 0];
  while (still < 3) {
    if (performance.now() - startMs > withinMs) throw new Error("The history was not filled");
    const { progress } = JSON.parse((await service.get("/readyz")).body);
    waitingFirst = Math.max(waitingFirst, progress.waiting);
    repaired = progress.repaired;
    still = progress.waiting === 0 && repaired > 0 ? still + 1 : 0;
    await sleep(500);
  }
  const filledMs = performance.now() - startMs;
  const page = (await service.get("/metrics")).body;
  return {
    ...{ filledMs, waitingFirst, repaired },
    ...{ peakShare: peakShare(page), requests: requestsOf(page) },
  };
}

if (import.meta.main) {
  const [symbols = 20, historyMinutes = 4_320] = Deno.args.map(Number);
  const report = await firstStart(symbols, historyMinutes, 900_000);
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report, null, 2) + "\n"));
}

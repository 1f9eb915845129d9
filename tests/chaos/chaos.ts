/** A run under fire: faults and kills by a schedule, then peace, then the comparison. */
import { startExchange } from "../sim/exchange.ts";
import { Service } from "../e2e/service.ts";
import { compare, type Comparison } from "./compare.ts";
import { type Blow, schedule } from "./schedule.ts";

const MINUTE_MS = 60_000;
/** Peace before the last minute ends. */
const QUIET_MS = 3_000;
/**
 * After it: a minute is judged five seconds after its end, a series looked at each four, and
 * an idle repair wakes each second; before that nothing waits, for nobody has looked.
 */
const SETTLED_MS = 11_000;
/**
 * A minute of which less was heard at its end is not compared: killed before any of it was
 * stored, it is history to the next process, a candle without counts.
 */
const BARELY_MS = 15_000;

export interface ChaosOptions {
  readonly seed: number;
  /** How long things go wrong at least: the fire ends with a minute. */
  readonly lengthMs: number;
  readonly kills: number;
  readonly symbols: number;
  readonly tradesPerSecond: number;
  readonly say: (line: string) => void;
  /** Where the service's log is kept; `null` keeps none. */
  readonly logPath: string | null;
}

export interface ChaosReport extends Comparison {
  readonly blows: readonly Blow[];
  /** From when the last minute could be judged until nothing waited for repair. */
  readonly recoveredMs: number;
  /** Log lines of the service that should never be. */
  readonly crashes: readonly string[];
  readonly metrics: string;
}

/** Runs it. Takes `lengthMs` and about a minute more. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, lengthMs, kills, symbols, tradesPerSecond, say, logPath } = options;
  const dataDir = Deno.makeTempDirSync();
  const logs: string[] = [];
  try {
    await using exchange = await startExchange({
      seed,
      symbols,
      tradesPerSecond,
      historyMinutes: 30,
    });
    const env = { ...exchange.env, SYMBOLS: "top:20", RETENTION_HOURS: "1" };
    let service = new Service({ args: [], env, dataDir });
    const end = async () => {
      service.kill("SIGKILL");
      const { err } = await service.finished;
      logs.push(...err.split("\n"));
    };
    try {
      await service.until("/readyz", 200);
      const startMs = exchange.nowMs();
      const endMs = Math.ceil((startMs + lengthMs) / MINUTE_MS) * MINUTE_MS;
      const fireMs = endMs - startMs - QUIET_MS;
      const blows = schedule(seed, fireMs, kills);
      const beganMs = performance.now();
      for (const blow of blows) {
        await sleep(beganMs + blow.atMs - performance.now());
        say(`${(blow.atMs / 1000).toFixed(1)} s ${describe(blow)}`);
        if (blow.what === "fault") exchange.fault(blow.fault);
        else {
          await end();
          service = new Service({ args: [], env, dataDir });
        }
      }
      await sleep(beganMs + fireMs - performance.now());
      exchange.fault({ kind: "clear" });
      // The last minute under fire must close to be compared.
      await sleep(endMs - exchange.nowMs() + SETTLED_MS);
      const quietMs = performance.now();
      await repaired(service);
      const recoveredMs = performance.now() - quietMs;
      const fromMs = Math.floor((startMs + BARELY_MS) / MINUTE_MS) * MINUTE_MS;
      const comparison = await compare(exchange, service, fromMs, endMs);
      const metrics = (await service.get("/metrics")).body;
      await end();
      return { ...comparison, blows, recoveredMs, metrics, crashes: crashesIn(logs) };
    } finally {
      await end();
    }
  } finally {
    if (logPath !== null) Deno.writeTextFileSync(logPath, logs.join("\n"));
    Deno.removeSync(dataDir, { recursive: true });
  }
}

/** Waits until nothing waits for repair, for several looks in a row. */
async function repaired(service: Service, withinMs = 30_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (let still = 0; still < 3 && performance.now() < endMs;) {
    const { body } = await service.get("/readyz");
    still = JSON.parse(body).progress?.waiting === 0 ? still + 1 : 0;
    await sleep(1_000);
  }
}

function describe(blow: Blow): string {
  return blow.what === "kill" ? "kill -9" : JSON.stringify(blow.fault);
}

function crashesIn(lines: readonly string[]): string[] {
  return lines.filter((line) => /"crashed"|uncaught|panicked|tape task failed/i.test(line));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/**
 * How the service grows: with the number of symbols at a usual rate, and with the rate at
 * 20 symbols. Every step is a new service, the built file where there is one, on one core,
 * against a new exchange.
 */
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import type { Json } from "../../lib/reply/command.ts";
import { SYMBOLS } from "./frames.ts";
import { asStarted, builtOrStarted, LiveExchange, LiveService, onOneCore } from "./live.ts";
import { type Measurement, pause, rounded } from "./measurement.ts";
import { type MetricsPage, quantileBetween } from "./metrics_page.ts";
import { cpuSecondsOf, memoryOf } from "./proc.ts";
import { compareMinutes } from "./truth.ts";

const COUNTS: readonly number[] = [10, 20, 50, 100, 200];
const RATES: readonly number[] = [72, 720, 7_200, 20_000];
const USUAL_RATE = 150;
/** The backlog of a start is fetched and the flushes have their rhythm. */
const SETTLE_MS = 10_000;
/** At high rates a simulator that made an hour of history first has seconds to send at once. */
const CATCH_UP_SECONDS = 60;
const CAUGHT_UP_LAG_SECONDS = 0.2;
/** After its end a minute may still get late prints. */
const CLOSED_MS = 5_000;
/** The simulator's rate may stray this far before it is said that it cannot keep it. */
const TOLERANCE = 0.9;

interface Step {
  readonly symbols: number;
  readonly rate: number;
}

/** What a step of the sweep came to; `null` where it cannot be told. */
type Result = Readonly<Record<string, number | string | null>>;

export const sweep: Measurement = {
  name: "sweep",
  onDemand: true,
  async run({ seconds }, say) {
    const steps: Step[] = [
      ...COUNTS.map((symbols) => ({ symbols, rate: USUAL_RATE })),
      ...RATES.map((rate) => ({ symbols: SYMBOLS, rate })),
    ];
    const results: Result[] = [];
    for (const step of steps) {
      const result = await measure(step, seconds);
      results.push(result);
      say(`sweep: ${JSON.stringify(result)}`);
    }
    say(`\n${table(results)}\n`);
    return {
      seconds,
      venues: 4,
      program: builtOrStarted().name,
      oneCore: onOneCore(asStarted()) !== null,
      lag: "the simulator publishes every 50 ms, so up to 50 ms of the lag are its own",
      results: results satisfies Json,
    };
  },
};

async function measure({ symbols, rate }: Step, seconds: number): Promise<Result> {
  await using exchange = await LiveExchange.open({ symbols, rate });
  // One hour to fetch: the sweep is about what is live.
  const env = { ...exchange.env, SYMBOLS: `top:${symbols}`, RETENTION_HOURS: "1" };
  const program = builtOrStarted().variant;
  const variant = onOneCore(program) ?? program;
  await using service = new LiveService({ env, variant });
  const startedMs = performance.now();
  const ready = await service.until("/readyz").then(() => "", () => "never ready");
  const readySeconds = rounded((performance.now() - startedMs) / 1000);
  await pause(SETTLE_MS);
  await caughtUp(service);
  const heardFromMs = Date.now();
  const from = await snapshot(exchange, service);
  await pause(seconds * 1000);
  const to = await snapshot(exchange, service);
  // At least one minute of each series was heard from its first print to the latest late one.
  const minuteEndMs = (Math.ceil(heardFromMs / MINUTE_MS) + 1) * MINUTE_MS;
  await pause(Math.max(0, minuteEndMs - Date.now()) + CLOSED_MS);
  const compared = await compareMinutes(exchange, service, heardFromMs, Date.now() - CLOSED_MS);
  const passed = (to.atMs - from.atMs) / 1000;
  const per = (before: number, after: number) => (after - before) / passed;
  const counted = (name: string, ...labels: string[]) =>
    per(from.page.sum(name, ...labels), to.page.sum(name, ...labels));
  const quantileMs = (name: string, q: number) =>
    rounded(quantileBetween(from.page, to.page, name, q) * 1000);
  const trades = counted("tapewatch_events_total", 'kind="trade"');
  const [sent, taken] = [per(from.sent, to.sent), counted("tapewatch_frames_total")];
  return {
    symbols,
    rateAsked: rate,
    tradesPerSecond: rounded(trades),
    framesSentPerSecond: rounded(sent),
    framesTakenPerSecond: rounded(taken),
    ...memoryOf(service.pid),
    cpuPercent: rounded(per(from.cpuSeconds, to.cpuSeconds) * 100),
    exchangeCpuPercent: rounded(per(from.exchangeCpuSeconds, to.exchangeCpuSeconds) * 100),
    lagP99Ms: quantileMs("tapewatch_lag_seconds", 0.99),
    flushP50Ms: quantileMs("tapewatch_flush_seconds", 0.5),
    flushP99Ms: quantileMs("tapewatch_flush_seconds", 0.99),
    kvMb: rounded(service.kvBytes() / 2 ** 20),
    readySeconds,
    minutesCompared: compared.minutes,
    minutesWrong: compared.wrong,
    minutesPartial: compared.partial,
    // Above the number of cores it was not only ours that ran.
    load: rounded(Deno.loadavg()[0] ?? NaN),
    note: [ready, noteOn(rate, trades, sent, taken)].filter((text) => text !== "").join("; "),
  };
}

/** Waits until what was sent late is through, for a minute at the most. */
async function caughtUp(service: LiveService): Promise<void> {
  let before = await service.metrics();
  for (let second = 0; second < CATCH_UP_SECONDS; second++) {
    await pause(1000);
    const after = await service.metrics();
    const grown = (name: string) => after.sum(name) - before.sum(name);
    const lag = grown("tapewatch_lag_seconds_sum") / grown("tapewatch_lag_seconds_count");
    if (lag < CAUGHT_UP_LAG_SECONDS) return;
    before = after;
  }
}

interface Snapshot {
  readonly atMs: number;
  readonly page: MetricsPage;
  readonly sent: number;
  readonly cpuSeconds: number;
  readonly exchangeCpuSeconds: number;
}

async function snapshot(exchange: LiveExchange, service: LiveService): Promise<Snapshot> {
  const [page, sent] = await Promise.all([service.metrics(), exchange.framesSent()]);
  const [cpuSeconds, exchangeCpuSeconds] = [cpuSecondsOf(service.pid), cpuSecondsOf(exchange.pid)];
  return { atMs: performance.now(), page, sent, cpuSeconds, exchangeCpuSeconds };
}

/** Who is to blame where less came than was asked for. */
function noteOn(asked: number, trades: number, sent: number, taken: number): string {
  if (taken < sent * TOLERANCE) return "the service took less than was sent";
  return trades < asked * TOLERANCE ? "the simulator did not produce this rate" : "";
}

function table(results: readonly Result[]): string {
  const names = Object.keys(results[0] ?? {});
  const line = (cells: readonly unknown[]) => `| ${cells.map((cell) => cell ?? "–").join(" | ")} |`;
  return [
    line(names),
    line(names.map(() => "---")),
    ...results.map((result) => line(names.map((name) => result[name]))),
  ].join("\n");
}

/**
 * One long run of the service, the built file where there is one, with a user who asks on and
 * on and a line of memory a minute: does it stay flat?
 */
import { SYMBOLS } from "./frames.ts";
import { builtOrStarted, LiveExchange, LiveService } from "./live.ts";
import { type Measurement, median, pause, rounded } from "./measurement.ts";
import { cpuSecondsOf, memoryOf, peakMbOf } from "./proc.ts";

const MINUTES_PER_HOUR = 60;
/** What the user asks in turn, a question each two seconds. */
const QUESTIONS: readonly string[] = [
  ...["/price BTC", "/cvd ETH 15m", "/momentum SOL", "/analysis BTC", "/flow ETH", "/volume SOL"],
  ...["/volscan", "/oi BTC", "/funding", "/liquidations ETH", "/top10 perps", "/brief", "/status"],
];
const BETWEEN_QUESTIONS_MS = 2_000;
const QUESTIONS_PER_MINUTE = 60_000 / BETWEEN_QUESTIONS_MS;

export const soak: Measurement = {
  name: "soak",
  onDemand: true,
  async run({ soakHours, soakEvents, rate }, say) {
    await using exchange = await LiveExchange.open({ symbols: SYMBOLS, rate });
    const { name: program, variant } = builtOrStarted();
    await using service = new LiveService({
      env: { ...exchange.env, SYMBOLS: `top:${SYMBOLS}` },
      variant,
    });
    await service.until("/readyz");
    const rssMb: number[] = [];
    let [events, asked] = [0, 0];
    while (rssMb.length < soakHours * MINUTES_PER_HOUR && events < soakEvents) {
      const cpuBefore = cpuSecondsOf(service.pid);
      for (let i = 0; i < QUESTIONS_PER_MINUTE; i++) {
        await pause(BETWEEN_QUESTIONS_MS);
        await service.ask(QUESTIONS[asked++ % QUESTIONS.length] ?? "");
      }
      const memory = memoryOf(service.pid);
      const page = await service.metrics();
      events = page.sum("tapewatch_events_total");
      rssMb.push(memory.rssMb);
      const cpuPercent = rounded((cpuSecondsOf(service.pid) - cpuBefore) / 60 * 100);
      const kvMb = rounded(service.kvBytes() / 2 ** 20);
      const gaps = page.sum("tapewatch_gaps_total");
      say(`${rssMb.length} min ${JSON.stringify({ ...memory, cpuPercent, events, gaps, kvMb })}`);
    }
    const hours = Math.floor(rssMb.length / MINUTES_PER_HOUR);
    const hour = (nth: number) =>
      median(rssMb.slice((nth - 1) * MINUTES_PER_HOUR, nth * MINUTES_PER_HOUR));
    return {
      budget: "last hour within 5 % of the third",
      program,
      minutes: rssMb.length,
      events,
      asked,
      ratePerSecond: rate,
      peakMb: peakMbOf(service.pid),
      // Not before there are four hours to compare.
      lastHourToThird: hours > 3 ? rounded(hour(hours) / hour(3)) : null,
      rssMb,
    };
  },
};

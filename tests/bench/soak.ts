/** One long run of the service, with a line of memory a minute: does it stay flat? */
import { SYMBOLS } from "./frames.ts";
import { LiveExchange, LiveService } from "./live.ts";
import { type Measurement, median, pause, rounded } from "./measurement.ts";
import { cpuSecondsOf, memoryOf, peakMbOf } from "./proc.ts";

const MINUTES_PER_HOUR = 60;

export const soak: Measurement = {
  name: "soak",
  onDemand: true,
  async run({ soakHours, soakEvents, rate }, say) {
    await using exchange = await LiveExchange.open({ symbols: SYMBOLS, rate });
    await using service = new LiveService({
      env: { ...exchange.env, SYMBOLS: `top:${SYMBOLS}` },
    });
    await service.until("/readyz");
    const rssMb: number[] = [];
    let events = 0;
    while (rssMb.length < soakHours * MINUTES_PER_HOUR && events < soakEvents) {
      const cpuBefore = cpuSecondsOf(service.pid);
      await pause(60_000);
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
      minutes: rssMb.length,
      events,
      ratePerSecond: rate,
      peakMb: peakMbOf(service.pid),
      // Not before there are four hours to compare.
      lastHourToThird: hours > 3 ? rounded(hour(hours) / hour(3)) : null,
      rssMb,
    };
  },
};

/**
 * What the store takes: minutes of 20 symbols on four venues written as they happen, rolled
 * up hourly, and read back; on a real file, flushed to disk as the KV does.
 */
import type { Json } from "../../lib/reply/command.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "../store/small_disk.ts";
import { type Measurement, quantile, rounded } from "./measurement.ts";
import { minutesOf, pastWorld } from "./stored_day.ts";

const HOURS = 72;
const HOUR_MS = 60 * MINUTE_MS;
const READS = 40;
const ID = { venue: "binance-perp", symbol: "BTCUSDT" };

export const store: Measurement = {
  name: "store",
  async run(_options, say) {
    const folder = Deno.makeTempDirSync({ prefix: "tapewatch-bench-" });
    try {
      const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
      // The market's clock, moved on by what is written.
      const clock = { nowMs: endMs - HOURS * HOUR_MS };
      const path = `${folder}/tapewatch.kv`;
      using store = await Store.open({
        ...{ path, retentionHours: 72, nowMs: () => clock.nowMs },
        disk: SMALL_DISK,
      });
      const written = await write(store, clock, endMs);
      say(`store: ${HOURS} h are written`);
      const fileMb = rounded(sizeOf(folder) / 2 ** 20);
      return { hours: HOURS, ...written, fileMb, read: await read(store, endMs) };
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
};

async function write(
  store: Store,
  clock: { nowMs: number },
  endMs: number,
): Promise<Record<string, Json>> {
  const [minuteMs, rollUpMs]: [number[], number[]] = [[], []];
  let [buckets, minuteBytes] = [0, 0];
  for (const { minute, rows } of minutesOf(pastWorld(HOURS * 60, endMs))) {
    clock.nowMs = (minute + 1) * MINUTE_MS;
    const before = store.stats().bytesWritten;
    minuteMs.push(await timed(() => store.writeMinute(minute, rows)));
    minuteBytes += store.stats().bytesWritten - before;
    buckets += rows.length;
    if (clock.nowMs % HOUR_MS === 0) {
      rollUpMs.push(await timed(() => store.rollUp(clock.nowMs)));
    }
  }
  const { rowsWritten, bytesWritten } = store.stats();
  const seconds = minuteMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return {
    series: buckets / minuteMs.length,
    kvRowsWritten: rowsWritten,
    kvMbWritten: rounded(bytesWritten / 2 ** 20),
    minuteRowsPerSecond: rounded(minuteMs.length / seconds),
    bucketsPerSecond: rounded(buckets / seconds),
    bytesPerMinuteRow: rounded(minuteBytes / minuteMs.length),
    bytesPerBucket: rounded(minuteBytes / buckets),
    writeMinuteP50Ms: rounded(quantile(minuteMs, 0.5)),
    writeMinuteP99Ms: rounded(quantile(minuteMs, 0.99)),
    rollUpP50Ms: rounded(quantile(rollUpMs, 0.5)),
    rollUpMaxMs: rounded(Math.max(...rollUpMs)),
  };
}

/** Reads one series back over spans of time. */
async function read(store: Store, endMs: number): Promise<Record<string, Json>> {
  const results: Record<string, Json> = {};
  for (const hours of [1, 4, 24, HOURS]) {
    const times: number[] = [];
    for (let nth = 0; nth < READS; nth++) {
      times.push(await timed(() => store.read(ID, endMs - hours * HOUR_MS, endMs)));
    }
    results[`${hours}hP50Ms`] = rounded(quantile(times, 0.5));
    results[`${hours}hP99Ms`] = rounded(quantile(times, 0.99));
  }
  return results;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}

function sizeOf(folder: string): number {
  return [...Deno.readDirSync(folder)].filter(({ name }) => !name.endsWith(".ballast"))
    .reduce((sum, { name }) => sum + Deno.statSync(`${folder}/${name}`).size, 0);
}

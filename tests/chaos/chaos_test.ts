/**
 * Everything goes wrong at once, again and again, and the service is killed in between;
 * then every stored minute is what truly happened, or says what it lacks.
 *
 * `CHAOS_MINUTES` makes the run longer, `CHAOS_SEED` repeats one that failed, `CHAOS_LOG`
 * names a file for the service's log.
 */
import { deepEqual, ok } from "../assert.ts";
import { chaos } from "./chaos.ts";
import { peakShare, requestsOf } from "./figures.ts";

Deno.test("under faults of every kind and kill -9, no stored minute is wrong", async () => {
  const seed = Number(Deno.env.get("CHAOS_SEED") ?? 20261120);
  const minutes = Number(Deno.env.get("CHAOS_MINUTES") ?? 1.25);
  const lines: string[] = [];
  const report = await chaos({
    ...{ seed, lengthMs: minutes * 60_000, kills: Math.max(4, Math.round(minutes * 2)) },
    ...{ symbols: 4, tradesPerSecond: 80 },
    say: (line) => lines.push(line),
    logPath: Deno.env.get("CHAOS_LOG") ?? null,
  });
  const { minutes: compared, incomplete, bySource, wrong, lacking, crashes } = report;
  const summary = [
    `seed ${seed}: ${compared} minutes compared, ${incomplete} say that they lack something`,
    `sources ${JSON.stringify(bySource)}, repaired ${
      Math.round(report.recoveredMs / 1000)
    } s after the end`,
    ...requestsOf(report.metrics),
  ];
  if (wrong.length > 0) summary.push(...lines, ...wrong);
  if (Deno.env.get("CHAOS_LOG") !== undefined) summary.push(...lacking);
  await Deno.stdout.write(new TextEncoder().encode(summary.join("\n") + "\n"));
  deepEqual(wrong, []);
  deepEqual(crashes, []);
  ok(compared > 0);
  ok(report.recoveredMs < 30_000, "something waits for repair for ever");
  ok(peakShare(report.metrics) <= 0.7);
});

/** What the numbers were measured on. */
import { cpus } from "node:os";
import type { Json } from "../../lib/reply/command.ts";

export function describeMachine(): Json {
  const [loadLastMinute = 0] = Deno.loadavg();
  return {
    cores: navigator.hardwareConcurrency,
    cpu: cpus()[0]?.model ?? "unknown",
    ramMb: Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
    kernel: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    // Others at work on the machine slow everything but the ratios.
    loadLastMinute,
  };
}

/** What Linux says about a process, from /proc. */

/** Ticks of /proc/PID/stat in a second, on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

export interface Memory {
  readonly rssMb: number;
  /** Shared pages counted by halves, thirds … */
  readonly pssMb: number;
  /** What no file stands behind: the part that cannot be given back. */
  readonly anonMb: number;
}

/** @throws {Deno.errors.NotFound} where there is no such process */
export function memoryOf(pid: number): Memory {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return { rssMb: mb(text, "Rss"), pssMb: mb(text, "Pss"), anonMb: mb(text, "Anonymous") };
}

/** The most that was ever resident. */
export function peakMbOf(pid: number): number {
  return mb(Deno.readTextFileSync(`/proc/${pid}/status`), "VmHWM");
}

/** CPU time so far, of all threads, in user and kernel. */
export function cpuSecondsOf(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; what follows it is field 3.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * CPU time of this process's first thread so far, on which JavaScript runs, ms: what an
 * answer costs, however busy the machine is with others. NaN where there is no /proc.
 */
export function scriptCpuMs(): number {
  try {
    const text = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`);
    return Number(text.split(" ")[0]) / 1e6;
  } catch {
    return NaN;
  }
}

/** Reads `Rss:      46804 kB`. */
function mb(text: string, name: string): number {
  const kb = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
  return Math.round(Number(kb ?? NaN) / 102.4) / 10;
}

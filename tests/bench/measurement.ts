/** What a measurement is, and the few numbers that all of them need. */
import type { Json } from "../../lib/reply/command.ts";
import type { Options } from "./options.ts";

export interface Measurement {
  /** What `--only` says. */
  readonly name: string;
  /** Not taken unless it is named. */
  readonly onDemand?: boolean;
  /** `say` writes a line of progress to standard error. */
  run(options: Options, say: (line: string) => void): Promise<Json>;
}

/** The middle value; of an even number the lower of the two. `NaN` of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share `q` of the values does not exceed: nearest rank. `NaN` of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? NaN;
}

/** Three digits are what a measurement is worth. */
export function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : null;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

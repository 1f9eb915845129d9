// This module is pure.
/** Numbers as narrow as several columns on a phone need them, and buttons to neighbours. */
import type { Button, Command } from "../lib/reply/command.ts";
import { compact, delta, UNKNOWN } from "../lib/reply/numbers.ts";

/** Three digits and a sign: `+0.31%`, `−12.3%`, `+456%`. */
export function shortPercent(fraction: number | null): string {
  const text = delta(fraction === null ? null : fraction * 100);
  return text === UNKNOWN ? text : `${text}%`;
}

/** A ratio: `1.23×`. */
export function times(ratio: number | null): string {
  const text = compact(ratio);
  return text === UNKNOWN ? text : `${text}×`;
}

/** An index without decimals: `54`. */
export function whole(value: number | null): string {
  return value === null || !Number.isFinite(value) ? UNKNOWN : value.toFixed(0);
}

/** Buttons that ask other commands about the same symbol, as far as there are such. */
export function neighbours(
  commands: readonly Command[],
  asset: string,
  names: readonly string[],
): Button[] {
  return names.flatMap((name) =>
    commands.some((command) => command.name === name)
      ? [{ label: `/${name}`, ask: `/${name} ${asset}` }]
      : []
  );
}

// This module is pure.
/** Ticks and steps as the decimal strings that venues send. */

/** `651142` with 1 decimal → `65114.2`, padded to at least `digits` decimals. */
export function decimal(units: number, decimals: number, digits = decimals): string {
  return (units / 10 ** decimals).toFixed(Math.max(decimals, digits));
}

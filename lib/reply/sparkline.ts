// This module is pure.
const LEVELS = "▁▂▃▄▅▆▇█";

/** Stands where a value is unknown. */
const GAP = "·";

/**
 * One character per value, scaled between the smallest and the largest; a flat series
 * is a line at half height, for it has no top or bottom.
 */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value): value is number => Number.isFinite(value));
  const low = known.reduce((a, b) => Math.min(a, b), Infinity);
  const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return GAP;
    // Halves first: the whole range of two huge values may overflow.
    const range = high / 2 - low / 2;
    const part = range > 0 ? (value / 2 - low / 2) / range : 0.5;
    return LEVELS[Math.min(LEVELS.length - 1, Math.floor(part * LEVELS.length))] ?? GAP;
  }).join("");
}

// This module is pure.
/** Signed bars about an axis: sellers to the left, buyers to the right. */

const AXIS = "│";

/** Stands on the axis where a value is unknown. */
const GAP = "·";

/**
 * One line of `2 · half + 1` columns per value, drawn in half columns and scaled to the
 * largest; what is not zero is never invisible.
 */
export function signedBars(values: readonly (number | null)[], half: number): string[] {
  const largest = values.reduce<number>(
    (most, value) =>
      value !== null && Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most,
    0,
  );
  const blank = " ".repeat(half);
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return blank + GAP + blank;
    if (value === 0) return blank + AXIS + blank;
    const steps = Math.max(1, Math.round(Math.abs(value) / largest * half * 2));
    const whole = "█".repeat(Math.floor(steps / 2));
    return value > 0
      ? blank + AXIS + (whole + (steps % 2 === 1 ? "▌" : "")).padEnd(half)
      : ((steps % 2 === 1 ? "▐" : "") + whole).padStart(half) + AXIS + blank;
  });
}

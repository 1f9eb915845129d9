// This module is pure.
/** Amounts as they are typed, `2m`, `3%`, `1,250.5`, and back, without losing a digit. */
import type { Unit } from "../metric/metric.ts";

/** Nothing that a market does is larger, and doubles still count below it. */
const LARGEST = 1e15;

const SCALES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, mn: 1e6, b: 1e9, bn: 1e9 };

/** Endings that a unit may be typed with, and what they make of the number. */
const ENDINGS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  price: { ...SCALES, $: 1, usd: 1 },
  usd: { ...SCALES, $: 1, usd: 1 },
  percent: { "%": 1, bp: 0.01, bps: 0.01 },
  times: { x: 1, "×": 1 },
  z: { z: 1 },
  index: {},
  ratio: { "%": 0.01 },
  minutes: { m: 1, min: 1, h: 60 },
  word: {},
};

/** The amount in the unit, or `null` where the text is none. */
export function parseQuantity(text: string, unit: Unit): number | null {
  const typed = text.trim().toLowerCase().replaceAll("−", "-").replaceAll(",", "");
  const match = /^\$?([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)\s*([a-z%×$]*)$/.exec(typed);
  if (!match) return null;
  const [, digits = "", ending = ""] = match;
  const scale = ending === "" ? 1 : ENDINGS[unit][ending];
  if (scale === undefined) return null;
  // Division, where the scale is a part: 5 ÷ 100 is the nearest double to 0.05, 5 × 0.01 may not be.
  const value = scale < 1 ? Number(digits) / Math.round(1 / scale) : Number(digits) * scale;
  return Number.isFinite(value) && Math.abs(value) < LARGEST ? value + 0 : null;
}

const WRITTEN: readonly (readonly [letter: string, scale: number])[] = [
  ["B", 1e9],
  ["M", 1e6],
  ["k", 1e3],
];

const SUFFIX: Readonly<Partial<Record<Unit, string>>> = { percent: "%", times: "×", minutes: "m" };

/** The shortest text that reads back as exactly this amount. */
export function writeQuantity(value: number, unit: Unit): string {
  const plain = String(value + 0);
  if (unit !== "usd") return plain + (SUFFIX[unit] ?? "");
  for (const [letter, scale] of WRITTEN) {
    const scaled = String(value / scale);
    const exact = Math.abs(value) >= scale && scaled.length < plain.length &&
      Number(scaled) * scale === value;
    if (exact) return scaled + letter;
  }
  return plain;
}

/** A rounder amount near to a measured one. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

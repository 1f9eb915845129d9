// This module is pure.
/** Colours and sizes of the pictures: dark, and large enough for a phone held upright. */
import type { ChartTone } from "./chart.ts";

/**
 * Sizes in px. Telegram shows a picture about 330 points wide on a phone, a third of its
 * px: a capital of 19 px is as high as in a 9 point font there.
 */
export const SIZE = {
  width: 960,
  height: 880,
  margin: 22,
  title: 25,
  label: 18,
  small: 16,
  /** Between panels. */
  gap: 14,
} as const;

export const COLOR = {
  background: 0x0e1318,
  panel: 0x141b22,
  /** Steps of which nothing is known. */
  unknown: 0x25303b,
  grid: 0x222c36,
  zero: 0x4a5866,
  text: 0xe6edf3,
  label: 0xa3b1bf,
  up: 0x2bb39a,
  down: 0xf0616d,
  main: 0xf2f5f8,
  first: 0xf5b54a,
  second: 0x6cb2ff,
  quiet: 0x55677a,
} as const;

/** What is not whole is drawn as faint as this. */
export const FAINT = 0.45;

export function toneColor(tone: ChartTone, value: number): number {
  switch (tone) {
    case "signed":
      return value < 0 ? COLOR.down : COLOR.up;
    case "buy":
      return COLOR.up;
    case "sell":
      return COLOR.down;
    default:
      return COLOR[tone];
  }
}

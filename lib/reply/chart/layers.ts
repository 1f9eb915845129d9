// This module is pure.
/** Draws candles, bars and lines. What is unknown is not drawn. */
import type { ChartCandle, ChartPoint, ChartTone } from "./chart.ts";
import type { Drawing } from "./drawing.ts";
import type { Scale } from "./plot.ts";
import { COLOR, FAINT, toneColor } from "./theme.ts";

/** Of a step, what a candle or bar fills. */
const BODY = 0.7;

const PEN = 3;

/** Left and right edge of a step's body, on whole px so that it has sharp sides. */
function body(scale: Scale, t: number): readonly [left: number, right: number] {
  const width = Math.max(1, Math.round(scale.step * BODY));
  const left = Math.round(scale.x(t) + (scale.step - width) / 2);
  return [left, left + width];
}

export function candles(drawing: Drawing, rows: readonly ChartCandle[], scale: Scale): void {
  for (const { t, o, h, l, c, faint } of rows) {
    if (o === null || h === null || l === null || c === null) continue;
    const color = c < o ? COLOR.down : COLOR.up;
    const alpha = faint ? FAINT : 1;
    const [left, right] = body(scale, t);
    const wick = right - left >= 5 ? 2 : 1;
    const middle = Math.round((left + right - wick) / 2);
    const top = Math.round(scale.y(Math.max(o, c)));
    // A candle that closes where it opened is still a line.
    const bottom = Math.max(top + 2, Math.round(scale.y(Math.min(o, c))));
    drawing.rect(middle, scale.y(h), middle + wick, top, color, alpha);
    drawing.rect(left, top, right, bottom, color, alpha);
    drawing.rect(middle, bottom, middle + wick, scale.y(l), color, alpha);
  }
}

interface Series {
  readonly tone: ChartTone;
  readonly rows: readonly ChartPoint[];
}

export function bars(drawing: Drawing, { tone, rows }: Series, scale: Scale): void {
  const zero = Math.round(scale.y(0));
  for (const { t, value, faint } of rows) {
    if (value === null || !Number.isFinite(value) || value === 0) continue;
    const [left, right] = body(scale, t);
    const end = scale.y(value);
    // What is not zero can be seen.
    const top = value > 0 ? Math.min(end, zero - 1) : zero;
    const bottom = value > 0 ? zero : Math.max(end, zero + 1);
    drawing.rect(left, top, right, bottom, toneColor(tone, value), faint ? FAINT : 1);
  }
}

/** Through the middles of the steps; broken where a value is unknown. */
export function line(drawing: Drawing, { tone, rows }: Series, scale: Scale): void {
  const segments: number[] = [];
  let last: readonly [x: number, y: number] | null = null;
  let joined = false;
  for (const { t, value } of rows) {
    const here: readonly [x: number, y: number] | null = value === null || !Number.isFinite(value)
      ? null
      : [scale.x(t) + scale.step / 2, scale.y(value)];
    // A value between two unknown ones is a dot.
    if (last && !here && !joined) segments.push(...last, ...last);
    if (last && here) segments.push(...last, ...here);
    joined = last !== null && here !== null;
    last = here;
  }
  if (last && !joined) segments.push(...last, ...last);
  drawing.strokes(Float32Array.from(segments), PEN, toneColor(tone, 1));
}

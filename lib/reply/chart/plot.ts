// This module is pure.
/** Draws one panel: its grid, its layers, its axis and its legend. */
import { compact, percent, price } from "../numbers.ts";
import { type Domain, padded, type TimeTick, valueTicks, valueWriter } from "./axes.ts";
import type { ChartLayer, ChartPanel, ChartPoint, ChartUnit } from "./chart.ts";
import type { Drawing } from "./drawing.ts";
import { bars, candles, line } from "./layers.ts";
import { COLOR, FAINT, SIZE, toneColor } from "./theme.ts";

/** What all panels share. */
export interface TimeScale {
  readonly left: number;
  readonly right: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly ticks: readonly TimeTick[];
}

/** A panel's place, px. */
export interface Frame {
  readonly top: number;
  readonly bottom: number;
}

/** From times and values to px. */
export interface Scale {
  x(timeMs: number): number;
  y(value: number): number;
  /** Width of a step. */
  readonly step: number;
}

/** Height of the line with title and legend. */
const HEADING = 40;

/** Labels of the axis are no closer. */
const TICK_PX = 34;

export function drawPanel(
  drawing: Drawing,
  panel: ChartPanel,
  time: TimeScale,
  { top, bottom }: Frame,
): void {
  const { left, right } = time;
  drawing.rect(left, top, right, bottom, COLOR.panel);
  const inner = { top: top + HEADING, bottom: bottom - 8 };
  const unknown = shadeUnknown(drawing, panel, time, inner);
  const domain = domainOf(panel);
  for (const { t, day } of time.ticks) {
    const x = Math.round(xOf(time, t));
    drawing.rect(x, top, x + 1, bottom, day ? COLOR.zero : COLOR.grid);
  }
  if (domain) drawValues(drawing, panel, { time, domain, inner });
  else {
    const y = (inner.top + inner.bottom + SIZE.label) / 2;
    drawing.text("nothing known", (left + right) / 2, y, SIZE.label, COLOR.label, "middle");
  }
  drawHeading(drawing, panel, time, { top, unknown });
}

/** The newest value as the replies write it. */
function exactly(unit: ChartUnit, value: number): string {
  return unit === "price" ? price(value) : unit === "percent" ? percent(value) : compact(value);
}

interface Inside {
  readonly time: TimeScale;
  readonly domain: Domain;
  readonly inner: Frame;
}

function drawValues(drawing: Drawing, panel: ChartPanel, { time, domain, inner }: Inside): void {
  const { left, right } = time;
  const height = inner.bottom - inner.top;
  const y = (value: number) =>
    inner.bottom - (value - domain.low) / (domain.high - domain.low) * height;
  const scale: Scale = {
    x: (t) => xOf(time, t),
    y,
    step: xOf(time, time.fromMs + time.stepMs) - left,
  };
  const { step, ticks } = valueTicks(domain, Math.max(2, height / TICK_PX));
  const written = valueWriter(panel.unit, domain, step);
  const write = (value: number) => written(panel.mirrored ? Math.abs(value) : value);
  const hasBars = panel.layers.some((layer) => layer.kind === "bars");
  for (const tick of ticks) {
    const row = Math.round(y(tick));
    const zero = tick === 0 && hasBars;
    drawing.rect(left, row, right, row + 1, zero ? COLOR.zero : COLOR.grid);
  }
  for (const layer of panel.layers) drawLayer(drawing, layer, scale);
  const tag = newestOf(panel);
  const tagY = tag === null ? null : Math.round(y(tag.value));
  const size = SIZE.label;
  for (const tick of ticks) {
    const row = y(tick);
    // The newest value has its own mark there.
    if (tagY !== null && Math.abs(row - tagY) < size + 8) continue;
    drawing.text(write(tick), right + 10, row + size / 2, size, COLOR.label);
  }
  if (tag === null || tagY === null) return;
  const text = exactly(panel.unit, panel.mirrored ? Math.abs(tag.value) : tag.value);
  drawing.rect(right + 3, tagY - size / 2 - 6, SIZE.width - 4, tagY + size / 2 + 6, tag.color);
  drawing.text(text, right + 10, tagY + size / 2, size, COLOR.background);
}

function drawLayer(drawing: Drawing, layer: ChartLayer, scale: Scale): void {
  switch (layer.kind) {
    case "candles":
      return candles(drawing, layer.rows, scale);
    case "bars":
      return bars(drawing, layer, scale);
    case "line":
      return line(drawing, layer, scale);
  }
}

/** Steps of which no layer knows anything: told apart from steps in which nothing happened. */
function shadeUnknown(
  drawing: Drawing,
  panel: ChartPanel,
  time: TimeScale,
  { top, bottom }: Frame,
): boolean {
  const known = new Set<number>();
  for (const layer of panel.layers) {
    for (const row of layer.rows) {
      const value = "value" in row ? row.value : row.c;
      if (value !== null && Number.isFinite(value)) known.add(row.t);
    }
  }
  if (known.size === 0) return false;
  let any = false;
  for (let t = time.fromMs; t < time.toMs; t += time.stepMs) {
    if (known.has(t)) continue;
    any = true;
    drawing.rect(xOf(time, t), top, xOf(time, t + time.stepMs), bottom, COLOR.unknown);
  }
  return any;
}

interface Heading {
  readonly top: number;
  readonly unknown: boolean;
}

/** Title, then a swatch and a name per layer and per thing to explain; smaller where long. */
function drawHeading(
  drawing: Drawing,
  panel: ChartPanel,
  { left, right }: TimeScale,
  { top, unknown }: Heading,
): void {
  const entries = panel.layers
    .filter((layer) => layer.label !== "")
    .map((layer) => ({ label: layer.label, color: swatch(layer), alpha: 1 }));
  if (panel.layers.some(hasFaint)) {
    entries.push({ label: "incomplete", color: COLOR.label, alpha: FAINT });
  }
  if (unknown) entries.push({ label: "unknown", color: COLOR.unknown, alpha: 1 });
  const words = panel.title + entries.map((entry) => entry.label).join("");
  const room = right - left - 24 - entries.length * 46;
  const size = Math.min(SIZE.small, SIZE.small * room / drawing.width(words, SIZE.small));
  const baseline = top + 12 + SIZE.small;
  let x = left + 12;
  x += drawing.text(panel.title, x, baseline, size, COLOR.text) + 24;
  for (const { label, color, alpha } of entries) {
    drawing.rect(x, baseline - 14, x + 14, baseline, color, alpha);
    x += 22;
    x += drawing.text(label, x, baseline, size, COLOR.label) + 24;
  }
}

/** The last step is forming, and faint without a word. */
function hasFaint(layer: ChartLayer): boolean {
  const { rows } = layer;
  return layer.kind !== "line" && rows.some((row, i) => row.faint && i < rows.length - 1);
}

function swatch(layer: ChartLayer): number {
  return layer.kind === "candles" ? COLOR.up : toneColor(layer.tone, 1);
}

/** The newest known value of the layer that stands for the panel: candles, or the last line. */
function newestOf({ layers }: ChartPanel): { value: number; color: number } | null {
  const layer = layers.findLast(({ kind }) => kind === "candles") ??
    layers.findLast(({ kind }) => kind === "line");
  if (!layer) return null;
  if (layer.kind === "candles") {
    const last = layer.rows.findLast(({ c }) => c !== null);
    if (!last || last.c === null) return null;
    return { value: last.c, color: last.c >= (last.o ?? last.c) ? COLOR.up : COLOR.down };
  }
  const rows: readonly ChartPoint[] = layer.rows;
  const value = rows.findLast((row) => row.value !== null)?.value ?? null;
  return value === null ? null : { value, color: toneColor(layer.tone, value) };
}

/** The span of all known values, zero included where bars stand on it; `null` where none. */
function domainOf({ layers }: ChartPanel): Domain | null {
  let [low, high] = [Infinity, -Infinity];
  for (const layer of layers) {
    for (const row of layer.rows) {
      for (const value of "value" in row ? [row.value] : [row.o, row.h, row.l, row.c]) {
        if (value === null || !Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (low > high) return null;
  const zero = layers.some(({ kind }) => kind === "bars");
  return padded(zero ? { low: Math.min(0, low), high: Math.max(0, high) } : { low, high }, zero);
}

export function xOf({ left, right, fromMs, toMs }: TimeScale, timeMs: number): number {
  return left + (timeMs - fromMs) / (toMs - fromMs) * (right - left);
}

// This module is pure.
/** Puts a chart's panels, axes, title and footer in their places. */
import type { Zone } from "../zone.ts";
import { timeTicks } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { Drawing } from "./drawing.ts";
import { drawPanel, type TimeScale, xOf } from "./plot.ts";
import { COLOR, SIZE } from "./theme.ts";

/** Room for the values right of the panels. */
const AXIS_WIDTH = 132;

const TITLE_HEIGHT = 66;

/** Below the panels: times, then the trust line. */
const TIMES_HEIGHT = 42;
const FOOTER_HEIGHT = 42;

/** The shapes of the whole picture, background not included. */
export function drawChart(chart: Chart, zone: Zone): Drawing {
  const drawing = new Drawing();
  const { fromMs, toMs, stepMs } = chart;
  const left = SIZE.margin;
  const right = SIZE.width - AXIS_WIDTH;
  const most = Math.floor((right - left) / 110);
  const ticks = timeTicks(fromMs, toMs, most, zone);
  const time: TimeScale = { left, right, fromMs, toMs, stepMs, ticks };
  drawTitle(drawing, chart, zone);
  const bottom = SIZE.height - TIMES_HEIGHT - FOOTER_HEIGHT;
  const height = bottom - TITLE_HEIGHT - SIZE.gap * (chart.panels.length - 1);
  const weights = chart.panels.reduce((sum, panel) => sum + panel.weight, 0);
  let top = TITLE_HEIGHT;
  for (const panel of chart.panels) {
    const end = top + Math.round(height * panel.weight / weights);
    drawPanel(drawing, panel, time, { top, bottom: end });
    top = end + SIZE.gap;
  }
  drawTimes(drawing, time, bottom);
  drawFooter(drawing, chart.footer);
  return drawing;
}

function drawTitle(drawing: Drawing, { title }: Chart, zone: Zone): void {
  const baseline = 20 + SIZE.title;
  const { width, margin } = SIZE;
  const taken = drawing.text(zone.label, width - margin, baseline, SIZE.label, COLOR.label, "end");
  const room = width - 3 * margin - taken;
  const size = Math.min(SIZE.title, SIZE.title * room / drawing.width(title, SIZE.title));
  drawing.text(title, margin, baseline, size, COLOR.text);
}

function drawTimes(drawing: Drawing, time: TimeScale, bottom: number): void {
  const size = SIZE.label;
  let free = 0;
  for (const { t, label, day } of time.ticks) {
    const width = drawing.width(label, size);
    const middle = xOf(time, t);
    const x = Math.max(SIZE.margin, middle - width / 2);
    if (x < free || middle + width / 2 > SIZE.width - SIZE.margin) continue;
    drawing.text(label, x, bottom + 12 + size, size, day ? COLOR.text : COLOR.label);
    free = x + width + 16;
  }
}

/** The trust line, smaller where it is long: what it says is not to be cut. */
function drawFooter(drawing: Drawing, footer: string): void {
  const room = SIZE.width - 2 * SIZE.margin;
  const size = Math.min(SIZE.small, SIZE.small * room / drawing.width(footer, SIZE.small));
  drawing.text(footer, SIZE.margin, SIZE.height - 18, size, COLOR.label);
}

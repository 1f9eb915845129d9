/** Makes the picture of a chart. */
import type { Zone } from "../zone.ts";
import type { Chart } from "./chart.ts";
import { drawChart } from "./layout.ts";
import { encodePng } from "./png.ts";
import { Band, type Shape } from "./raster.ts";
import { COLOR, SIZE } from "./theme.ts";

/** Rows that are painted and compressed at once: a millisecond or two of work. */
const BAND_ROWS = 16;

export interface RenderOptions {
  /** In which the times are written. */
  readonly zone: Zone;
}

/**
 * The chart as a PNG file. Between bands the event loop runs: a picture must not hold up
 * the tape, and its pixels are never in memory all at once.
 */
export async function renderPng(
  chart: Chart,
  { zone }: RenderOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { shapes } = drawChart(chart, zone);
  const { width, height } = SIZE;
  return await encodePng({ width, height, bands: () => bands(shapes, width, height) });
}

async function* bands(shapes: readonly Shape[], width: number, height: number) {
  const band = new Band(width, BAND_ROWS);
  for (let top = 0; top < height; top += BAND_ROWS) {
    await turn();
    band.begin(top, COLOR.background);
    for (const shape of shapes) band.paint(shape);
    const rows = Math.min(BAND_ROWS, height - top);
    yield band.bytes.subarray(0, rows * band.rowBytes);
  }
}

/** Lets everything else that waits run first. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

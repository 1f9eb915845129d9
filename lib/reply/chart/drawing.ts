// This module is pure.
/** A list of shapes, in the order in which they are painted. */
import { Font } from "./font.ts";
import type { Shape } from "./raster.ts";

/** Thickness of the pen to the height of a capital. */
const WEIGHT = 0.125;

export class Drawing {
  readonly shapes: Shape[] = [];
  readonly #font = new Font();

  rect(x0: number, y0: number, x1: number, y1: number, color: number, alpha = 1): void {
    if (x1 > x0 && y1 > y0) this.shapes.push({ kind: "rect", x0, y0, x1, y1, color, alpha });
  }

  strokes(segments: Float32Array, width: number, color: number, alpha = 1): void {
    if (segments.length > 0) this.shapes.push({ kind: "strokes", segments, width, color, alpha });
  }

  /** Writes a line of text and returns its width; `size` is the height of a capital. */
  text(
    text: string,
    x: number,
    baseline: number,
    size: number,
    color: number,
    anchor: "start" | "middle" | "end" = "start",
  ): number {
    const width = this.#font.width(text, size);
    const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
    // On whole px, stems are sharp.
    const segments = this.#font.segments(text, Math.round(left), Math.round(baseline), size);
    this.strokes(segments, Math.max(1.6, size * WEIGHT), color);
    return width;
  }

  width(text: string, size: number): number {
    return this.#font.width(text, size);
  }
}

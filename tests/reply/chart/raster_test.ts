import { deepEqual, equal, ok } from "../../assert.ts";
import { Band, type Shape } from "../../../lib/reply/chart/raster.ts";

const BLACK = 0x000000;
const WHITE = 0xffffff;

/** The red of every pixel, a list per row. */
function paint(width: number, rows: number, shapes: readonly Shape[], top = 0): number[][] {
  const band = new Band(width, rows);
  band.begin(top, BLACK);
  for (const shape of shapes) band.paint(shape);
  return Array.from(
    { length: rows },
    (_, row) =>
      Array.from({ length: width }, (_, x) => band.bytes[row * band.rowBytes + 1 + x * 3] ?? -1),
  );
}

function rect(x0: number, y0: number, x1: number, y1: number, alpha = 1): Shape {
  return { kind: "rect", x0, y0, x1, y1, color: WHITE, alpha };
}

function stroke(width: number, ...segments: number[]): Shape {
  return {
    kind: "strokes",
    segments: Float32Array.from(segments),
    width,
    color: WHITE,
    alpha: 1,
  };
}

Deno.test("a rectangle covers whole pixels whole and part ones in part", () => {
  deepEqual(paint(4, 3, [rect(1, 0.5, 3.5, 2)]), [
    [0, 128, 128, 64],
    [0, 255, 255, 128],
    [0, 0, 0, 0],
  ]);
});

Deno.test("a faint shape lets through what is below", () => {
  deepEqual(paint(1, 1, [rect(0, 0, 1, 1, 0.5)]), [[128]]);
});

Deno.test("a line on the middle of pixels is sharp, one between them soft", () => {
  deepEqual(paint(3, 3, [stroke(1, 1.5, -5, 1.5, 9)]).map((row) => row), [
    [0, 255, 0],
    [0, 255, 0],
    [0, 255, 0],
  ]);
  const [, soft = []] = paint(4, 3, [stroke(1, 2, -5, 2, 9)]);
  equal(soft[1], soft[2]);
  ok((soft[1] ?? 0) > 100 && (soft[1] ?? 0) < 200);
});

Deno.test("where lines of one pen cross nothing is drawn twice", () => {
  const once = paint(9, 9, [stroke(2, 0, 4, 9, 4)]);
  const twice = paint(9, 9, [stroke(2, 0, 4, 9, 4, 0, 4, 9, 4)]);
  deepEqual(twice, once);
});

Deno.test("a line without length is a dot", () => {
  const [, row = []] = paint(3, 3, [stroke(1, 1.5, 1.5, 1.5, 1.5)]);
  equal(row[1], 255);
});

Deno.test("bands make the same picture as the whole", () => {
  const shapes = [rect(0.3, 1.7, 8.2, 9.1, 0.7), stroke(2.5, 1, 1, 11, 14), rect(-5, 12, 40, 13)];
  const whole = paint(12, 16, shapes);
  const bands = [0, 4, 8, 12].flatMap((top) => paint(12, 4, shapes, top));
  deepEqual(bands, whole);
});

Deno.test("what is outside of the picture does no harm", () => {
  deepEqual(paint(2, 2, [rect(-9, -9, -1, -1), stroke(3, 90, 90, 99, 99), rect(5, 5, 9, 9)]), [
    [0, 0],
    [0, 0],
  ]);
});

Deno.test("a background has its three colours, and no filter in front of a row", () => {
  const band = new Band(2, 2);
  band.begin(0, 0x123456);
  deepEqual([...band.bytes], [0, 18, 52, 86, 18, 52, 86, 0, 18, 52, 86, 18, 52, 86]);
});

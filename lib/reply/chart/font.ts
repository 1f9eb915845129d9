// This module is pure.
/** Sets text in the stroke letters of `glyphs.ts`, at any size. */
import { GLYPHS, MISSING } from "./glyphs.ts";

/** Height of a capital on the glyph grid. */
const CAPITAL = 7;

/** Between two characters, in grid units. */
const GAP = 1.9;

/** Straight pieces of a quarter ellipse: at 20 px no corner can be seen. */
const PIECES = 5;

const SUBSCRIPT = { scale: 0.62, drop: 1.4 };

/** A glyph as segments `x0 y0 x1 y1 …`, y upwards. */
interface Glyph {
  readonly width: number;
  readonly segments: Float32Array;
}

/** Text as the pen draws it. `size` is the height of a capital, px. */
export class Font {
  readonly #glyphs = new Map<string, Glyph>();

  /** Width in px, without the gap after the last character. */
  width(text: string, size: number): number {
    let width = -GAP;
    for (const character of text) width += this.#glyph(character).width + GAP;
    return Math.max(0, width) * size / CAPITAL;
  }

  /** Segments in px, y downwards, of a text that begins at `x` on the line `baseline`. */
  segments(text: string, x: number, baseline: number, size: number): Float32Array {
    const scale = size / CAPITAL;
    const glyphs = [...text].map((character) => this.#glyph(character));
    const segments = new Float32Array(
      glyphs.reduce((sum, glyph) => sum + glyph.segments.length, 0),
    );
    let at = 0;
    let left = x;
    for (const glyph of glyphs) {
      for (let i = 0; i < glyph.segments.length; i += 2) {
        segments[at++] = left + (glyph.segments[i] ?? 0) * scale;
        segments[at++] = baseline - (glyph.segments[i + 1] ?? 0) * scale;
      }
      left += (glyph.width + GAP) * scale;
    }
    return segments;
  }

  #glyph(character: string): Glyph {
    const held = this.#glyphs.get(character);
    if (held) return held;
    const glyph = glyphOf(character);
    this.#glyphs.set(character, glyph);
    return glyph;
  }
}

function glyphOf(character: string): Glyph {
  const code = character.codePointAt(0) ?? 0;
  const digit = code - 0x2080;
  if (digit >= 0 && digit <= 9) {
    const [width, path] = GLYPHS[String(digit)] ?? MISSING;
    const segments = trace(path).map((value, i) =>
      value * SUBSCRIPT.scale - (i % 2 === 1 ? SUBSCRIPT.drop : 0)
    );
    return { width: width * SUBSCRIPT.scale, segments: Float32Array.from(segments) };
  }
  const [width, path] = GLYPHS[character] ?? MISSING;
  return { width, segments: Float32Array.from(trace(path)) };
}

/** A path of the glyph table as segments. */
function trace(path: string): number[] {
  const segments: number[] = [];
  let x = 0;
  let y = 0;
  function lineTo(nextX: number, nextY: number): void {
    segments.push(x, y, nextX, nextY);
    x = nextX;
    y = nextY;
  }
  for (const [, letter, rest = ""] of path.matchAll(/([MLQ])([^MLQ]*)/g)) {
    const numbers = rest.trim().split(/\s+/).map(Number);
    const at = (index: number) => numbers[index] ?? 0;
    let i = 0;
    if (letter === "M") {
      x = at(0);
      y = at(1);
      i = 2;
    }
    if (letter !== "Q") { for (; i < numbers.length; i += 2) lineTo(at(i), at(i + 1)); }
    else {for (; i < numbers.length; i += 4) {
        quarter([x, y, at(i), at(i + 1), at(i + 2), at(i + 3)], lineTo);
      }}
  }
  return segments;
}

type Quarter = readonly [x0: number, y0: number, cx: number, cy: number, x1: number, y1: number];

/** The quarter ellipse that leaves (x0, y0) towards the corner and comes from it to (x1, y1). */
function quarter([x0, y0, cx, cy, x1, y1]: Quarter, lineTo: (x: number, y: number) => void): void {
  for (let piece = 1; piece <= PIECES; piece++) {
    const angle = piece / PIECES * Math.PI / 2;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    lineTo(
      x0 + x1 - cx + (cx - x1) * cos + (cx - x0) * sin,
      y0 + y1 - cy + (cy - y1) * cos + (cy - y0) * sin,
    );
  }
}

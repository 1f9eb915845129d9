// This module is pure.
/**
 * Paints shapes with soft edges into a band of pixels, one band of the picture after the
 * other, so that the whole of it is never in memory.
 */

/** Geometry in px of the whole picture, y downwards; colours are 0xRRGGBB. */
export type Shape = Rect | Strokes;

export interface Rect {
  readonly kind: "rect";
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly color: number;
  /** 0 … 1 */
  readonly alpha: number;
}

/** Lines of one round pen; where they cross they do not darken each other. */
export interface Strokes {
  readonly kind: "strokes";
  /** `x0 y0 x1 y1 …` */
  readonly segments: Float32Array;
  /** Of the pen, px. */
  readonly width: number;
  readonly color: number;
  readonly alpha: number;
}

export class Band {
  readonly width: number;
  readonly rows: number;
  /** RGB, row after row; in front of each row one byte that is left zero, as PNG wants it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rowBytes: number;
  /** How much of each pixel the shape at hand covers, 0 … 255. */
  readonly #cover: Uint8Array;
  #top = 0;

  constructor(width: number, rows: number) {
    this.width = width;
    this.rows = rows;
    this.rowBytes = 1 + width * 3;
    this.bytes = new Uint8Array(rows * this.rowBytes);
    this.#cover = new Uint8Array(width * rows);
  }

  /** Begins the band whose first row is row `top` of the picture. */
  begin(top: number, background: number): void {
    this.#top = top;
    const { bytes, rowBytes } = this;
    for (let i = 0; i < bytes.length; i++) {
      const part = i % rowBytes;
      const shift = part === 0 ? 24 : 16 - (part - 1) % 3 * 8;
      bytes[i] = background >> shift;
    }
  }

  paint(shape: Shape): void {
    if (shape.kind === "rect") this.#rect(shape);
    else this.#strokes(shape);
  }

  #rect({ x0, y0, x1, y1, color, alpha }: Rect): void {
    const [top, bottom] = [y0 - this.#top, y1 - this.#top];
    const firstRow = Math.max(0, Math.floor(top));
    const endRow = Math.min(this.rows, Math.ceil(bottom));
    const first = Math.max(0, Math.floor(x0));
    const end = Math.min(this.width, Math.ceil(x1));
    for (let row = firstRow; row < endRow; row++) {
      const high = (Math.min(row + 1, bottom) - Math.max(row, top)) * alpha;
      for (let x = first; x < end; x++) {
        const wide = Math.min(x + 1, x1) - Math.max(x, x0);
        this.#blend(row, x, color, high * wide);
      }
    }
  }

  #strokes({ segments, width, color, alpha }: Strokes): void {
    const reach = width / 2 + 0.5;
    // The part of the band that was touched: nothing else is blended and cleaned.
    let [left, right, first, last] = [this.width, -1, this.rows, -1];
    for (let i = 0; i + 3 < segments.length; i += 4) {
      const x0 = segments[i] as number;
      const y0 = segments[i + 1] as number - this.#top;
      const x1 = segments[i + 2] as number;
      const y1 = segments[i + 3] as number - this.#top;
      const fromRow = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
      const toRow = Math.min(this.rows - 1, Math.floor(Math.max(y0, y1) + reach));
      if (fromRow > toRow) continue;
      const fromX = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
      const toX = Math.min(this.width - 1, Math.floor(Math.max(x0, x1) + reach));
      left = Math.min(left, fromX);
      right = Math.max(right, toX);
      first = Math.min(first, fromRow);
      last = Math.max(last, toRow);
      const dx = x1 - x0;
      const dy = y1 - y0;
      const square = dx * dx + dy * dy;
      for (let row = fromRow; row <= toRow; row++) {
        for (let x = fromX; x <= toX; x++) {
          const px = x + 0.5 - x0;
          const py = row + 0.5 - y0;
          const part = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
          const awayX = px - part * dx;
          const awayY = py - part * dy;
          const covered = reach - Math.sqrt(awayX * awayX + awayY * awayY);
          if (covered <= 0) continue;
          const at = row * this.width + x;
          const level = covered >= 1 ? 255 : Math.round(covered * 15) * 17;
          if (level > (this.#cover[at] as number)) this.#cover[at] = level;
        }
      }
    }
    this.#settle({ left, right, first, last }, color, alpha);
  }

  /** Blends what is covered, and uncovers it for the next shape. */
  #settle(
    { left, right, first, last }: Touched,
    color: number,
    alpha: number,
  ): void {
    for (let row = first; row <= last; row++) {
      for (let x = left; x <= right; x++) {
        const at = row * this.width + x;
        const level = this.#cover[at] as number;
        if (level === 0) continue;
        this.#blend(row, x, color, level / 255 * alpha);
        this.#cover[at] = 0;
      }
    }
  }

  #blend(row: number, x: number, color: number, share: number): void {
    const { bytes } = this;
    const at = row * this.rowBytes + 1 + x * 3;
    const red = bytes[at] as number;
    const green = bytes[at + 1] as number;
    const blue = bytes[at + 2] as number;
    bytes[at] = red + ((color >> 16) - red) * share + 0.5;
    bytes[at + 1] = green + ((color >> 8 & 255) - green) * share + 0.5;
    bytes[at + 2] = blue + ((color & 255) - blue) * share + 0.5;
  }
}

/** Bounds of touched pixels, both ends included. */
interface Touched {
  readonly left: number;
  readonly right: number;
  readonly first: number;
  readonly last: number;
}

/** Reads back what `png.ts` writes, checksums included. */
import { deepEqual, equal, ok } from "../../assert.ts";
import { crc32 } from "node:zlib";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB */
  at(x: number, y: number): number;
  /** Every colour, with the number of its pixels. */
  colors(): Map<number, number>;
}

export async function readPng(file: Uint8Array): Promise<Pixels> {
  deepEqual([...file.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: { type: string; data: Uint8Array<ArrayBuffer> }[] = [];
  for (let at = 8; at < file.length;) {
    const length = view.getUint32(at);
    const body = file.slice(at + 4, at + 8 + length);
    equal(view.getUint32(at + 8 + length), crc32(body));
    chunks.push({ type: new TextDecoder().decode(body.subarray(0, 4)), data: body.slice(4) });
    at += 12 + length;
  }
  deepEqual(chunks.map(({ type }) => type), ["IHDR", "IDAT", "IEND"]);
  const [header, body] = chunks;
  ok(header && body);
  const sizes = new DataView(header.data.buffer);
  const [width, height] = [sizes.getUint32(0), sizes.getUint32(4)];
  const stream = new Blob([body.data]).stream().pipeThrough(new DecompressionStream("deflate"));
  const rows = await new Response(stream).bytes();
  const stride = 1 + width * 3;
  equal(rows.length, height * stride);
  for (let y = 0; y < height; y++) equal(rows[y * stride], 0);
  const at = (x: number, y: number) => {
    const [red = 0, green = 0, blue = 0] = rows.subarray(y * stride + 1 + x * 3);
    return red << 16 | green << 8 | blue;
  };
  return {
    width,
    height,
    at,
    colors() {
      const counts = new Map<number, number>();
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) counts.set(at(x, y), (counts.get(at(x, y)) ?? 0) + 1);
      }
      return counts;
    },
  };
}

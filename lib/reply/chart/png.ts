/** Writes a picture as PNG (RFC 2083): 8-bit RGB, made and compressed band by band. */
import { joined } from "../../market/bytes.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export interface Picture {
  readonly width: number;
  readonly height: number;
  /**
   * Whole rows in order from the top: a zero byte (no filter: on flat colours that came
   * out a sixth smaller than any), then RGB. What is given may be used again after the
   * next is asked for, so that little memory is touched.
   */
  bands(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The file's bytes. */
export async function encodePng(picture: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = picture;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, adaptive filters, not interlaced
  return joined([
    SIGNATURE,
    ...chunk("IHDR", [header]),
    ...chunk("IDAT", await compressed(picture)),
    ...chunk("IEND", []),
  ]);
}

async function compressed({ bands }: Picture): Promise<Uint8Array[]> {
  const deflate = new CompressionStream("deflate");
  const [parts] = await Promise.all([Array.fromAsync(deflate.readable), feed(deflate, bands())]);
  return parts;
}

async function feed(
  { writable }: CompressionStream,
  bands: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const band of bands) await writer.write(band);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}

/** Length, type, data, checksum. */
function chunk(type: string, data: readonly Uint8Array[]): Uint8Array[] {
  const name = new TextEncoder().encode(type);
  const length = data.reduce((sum, part) => sum + part.length, 0);
  return [uint32(length), name, ...data, uint32(crc([name, ...data]))];
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** CRC-32 as PNG wants it, half a byte at a time: files are small, a big table is not. */
function crc(parts: readonly Uint8Array[]): number {
  const table = Uint32Array.from({ length: 16 }, (_, nibble) => {
    let value = nibble;
    for (let bit = 0; bit < 4; bit++) value = value & 1 ? value >>> 1 ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let sum = 0xffffffff;
  for (const part of parts) {
    for (const byte of part) {
      sum = sum >>> 4 ^ (table[(sum ^ byte) & 15] as number);
      sum = sum >>> 4 ^ (table[(sum ^ byte >>> 4) & 15] as number);
    }
  }
  return (sum ^ 0xffffffff) >>> 0;
}

// This module is pure.
/**
 * A row: numbered entries of bytes behind a head of eight bytes,
 * `version u8 · kind u8 · entries u16 · checksum u32`, little-endian, padded to whole
 * words. A minute row and one of trade sizes number their entries by series, an hour row
 * by minute, a day row by quarter-hour.
 */

/** What a row holds; part of the check, so that a row under a wrong key is refused. */
export const RowKind = { minute: 1, hour: 2, day: 3, sizes: 4 } as const;
export type RowKind = (typeof RowKind)[keyof typeof RowKind];

/** Entries by number. */
export type Entries = ReadonlyMap<number, Uint8Array>;

const VERSION = 1;
const HEAD_BYTES = 8;
/** A number and a length, each at most three bytes of seven bits. */
const ENTRY_HEAD_BYTES = 6;
const ENTRY_LIMIT = 2 ** 21;

/**
 * The row's bytes, entries in ascending order.
 * @throws {RangeError} where an entry's number or length does not fit
 */
export function packRow(kind: RowKind, entries: Entries): Uint8Array<ArrayBuffer> {
  let size = HEAD_BYTES + 3;
  for (const bytes of entries.values()) size += ENTRY_HEAD_BYTES + bytes.length;
  const row = new Uint8Array(size);
  let at = HEAD_BYTES;
  for (const [number, bytes] of [...entries].sort((a, b) => a[0] - b[0])) {
    at = putWhole(row, putWhole(row, at, number), bytes.length);
    row.set(bytes, at);
    at += bytes.length;
  }
  const packed = row.slice(0, (at + 3) & ~3);
  const view = new DataView(packed.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, kind);
  view.setUint16(2, entries.size, true);
  view.setUint32(4, checksum(packed), true);
  return packed;
}

/** The entries of the row that are wanted, ascending, or `null` where the row fails its check. */
export function unpackRow(
  kind: RowKind,
  row: unknown,
  wanted: (number: number) => boolean = () => true,
): Map<number, Uint8Array> | null {
  const entries = new Map<number, Uint8Array>();
  const sound = walk(kind, row, (number, bytes, from, to) => {
    if (wanted(number)) entries.set(number, bytes.subarray(from, to));
  });
  return sound ? entries : null;
}

/** One entry of the row: `undefined` where it has none of that number, `null` as above. */
export function pickEntry(
  kind: RowKind,
  row: unknown,
  wanted: number,
): Uint8Array | undefined | null {
  let entry: Uint8Array | undefined;
  const sound = walk(kind, row, (number, bytes, from, to) => {
    if (number === wanted) entry = bytes.subarray(from, to);
  });
  return sound ? entry : null;
}

/** Visits the entries in order; false where the row is not a sound row of this kind. */
function walk(
  kind: RowKind,
  row: unknown,
  visit: (number: number, bytes: Uint8Array, from: number, to: number) => void,
): boolean {
  if (!(row instanceof Uint8Array) || row.length < HEAD_BYTES || row.length % 4 !== 0) return false;
  if (row[0] !== VERSION || row[1] !== kind) return false;
  const view = new DataView(row.buffer, row.byteOffset, row.length);
  if (view.getUint32(4, true) !== checksum(row)) return false;
  let at = HEAD_BYTES;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = row[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    return value;
  };
  for (let left = view.getUint16(2, true); left > 0; left--) {
    const number = next();
    const to = next() + at;
    if (to > row.length) return false;
    visit(number, row, at, to);
    at = to;
  }
  return true;
}

function putWhole(row: Uint8Array, at: number, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= ENTRY_LIMIT) {
    throw new RangeError(`Cannot pack the entry ${value}: it must be 0 to ${ENTRY_LIMIT - 1}`);
  }
  let rest = value;
  while (rest >= 128) {
    row[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  row[at++] = rest;
  return at;
}

/**
 * A hash of the whole row but its own place. Every step is a bijection of the state, so
 * a change within one word is always seen; others with 1 − 2⁻³². Words, not bytes: a
 * read of some hours checks megabytes.
 */
function checksum(row: Uint8Array): number {
  const aligned = row.byteOffset % 4 === 0 ? row : row.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
  let hash = 0x9e3779b9 ^ words.length;
  for (let i = 0; i < words.length; i++) {
    if (i === 1) continue;
    hash = Math.imul(hash ^ (words[i] ?? 0), 0x85ebca6b);
    hash = (hash << 13) | (hash >>> 19);
  }
  return hash >>> 0;
}

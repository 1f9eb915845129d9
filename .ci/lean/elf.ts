/**
 * How an executable file lies in memory: its program headers, its sections and its dynamic
 * section (ELF, 64 bits, little-endian; System V ABI, chapters 4 and 5).
 */

export const PAGE = 4096;

export function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

export function roundDown(value: number, to: number): number {
  return Math.floor(value / to) * to;
}

export const SegmentType = { load: 1, dynamic: 2, interpreter: 3, headers: 6 } as const;
export const READ = 4;
export const WRITE = 2;
export const EXECUTE = 1;

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** Addresses, or places in the file, from the first to before the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A part that the linker named: where it lies in the file, and where it is loaded to. */
export interface Section {
  readonly inFile: Range;
  readonly inMemory: Range;
}

/** Tag and value of an entry of the dynamic section. */
export type DynamicEntry = readonly [tag: number, value: number];

const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const DYNAMIC_BYTES = 16;
/** Places in the file's first header. */
const Header = {
  type: 16,
  machine: 18,
  entry: 24,
  segmentsAt: 32,
  sectionsAt: 40,
  segments: 56,
  sections: 60,
  sectionNames: 62,
} as const;
/** `\x7fELF`, 64 bits, little-endian. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const X86_64 = 62;
/** A program for the addresses that it names, not for any. */
const FIXED = 2;

export class Elf {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly segments: readonly Segment[];

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [at, count] = [this.word(Header.segmentsAt), this.#half(Header.segments)];
    this.segments = Array.from(
      { length: count },
      (_, i) => this.#segmentAt(at + i * SEGMENT_BYTES),
    );
  }

  /** `null` where the bytes are anything but a file of this kind for x86-64. */
  static read(bytes: Uint8Array): Elf | null {
    if (bytes.length < 64 || MAGIC.some((byte, i) => bytes[i] !== byte)) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return view.getUint16(Header.machine, true) === X86_64 ? new Elf(bytes) : null;
  }

  /** An address, a size or an offset: they are all far below 2^53. */
  word(offset: number): number {
    return Number(this.view.getBigUint64(offset, true));
  }

  setWord(offset: number, value: number): void {
    this.view.setBigUint64(offset, BigInt(value), true);
  }

  segment(type: number): Segment | undefined {
    return this.segments.find((one) => one.type === type);
  }

  /** What is loaded into memory. */
  get loads(): readonly Segment[] {
    return this.segments.filter(({ type }) => type === SegmentType.load);
  }

  /** `null` where the file names none so. */
  section(name: string): Section | null {
    const table = this.word(Header.sectionsAt);
    const names = this.word(table + this.#half(Header.sectionNames) * SECTION_BYTES + 24);
    const wanted = new TextEncoder().encode(`${name}\0`);
    for (let i = 0; i < this.#half(Header.sections); i++) {
      const at = table + i * SECTION_BYTES;
      const nameAt = names + this.view.getUint32(at, true);
      if (wanted.some((byte, k) => this.bytes[nameAt + k] !== byte)) continue;
      const [address, offset, size] = [16, 24, 32].map((place) => this.word(at + place));
      return { inFile: range(offset, size), inMemory: range(address, size) };
    }
    return null;
  }

  /**
   * Where in the file the byte lies that is loaded to an address.
   * @throws {RangeError} where none is
   */
  offsetOf(address: number): number {
    const held = this.segments.find(({ type, address: from, fileSize }) =>
      type === SegmentType.load && address >= from && address < from + fileSize
    );
    if (!held) throw new RangeError(`Cannot find address ${address}: no segment has it`);
    return held.offset + address - held.address;
  }

  /** The path of the program that loads this one. */
  get interpreter(): string | null {
    const held = this.segment(SegmentType.interpreter);
    if (!held) return null;
    // It ends with a zero.
    const path = this.bytes.subarray(held.offset, held.offset + held.fileSize - 1);
    return new TextDecoder().decode(path);
  }

  /** The entries of the dynamic section but for the last, which is none. */
  get dynamic(): readonly DynamicEntry[] {
    const held = this.segment(SegmentType.dynamic);
    const entries: DynamicEntry[] = [];
    for (let at = 0; held && at < held.fileSize; at += DYNAMIC_BYTES) {
      const offset = held.offset + at;
      const tag = this.word(offset);
      if (tag === 0) break;
      entries.push([tag, this.word(offset + 8)]);
    }
    return entries;
  }

  /** A copy for addresses that are higher by so much; its sections and words still tell the old ones. */
  movedBy(bytes: number): Elf {
    const moved = new Elf(this.bytes.slice());
    moved.view.setUint16(Header.type, FIXED, true);
    moved.setWord(Header.entry, moved.word(Header.entry) + bytes);
    const segments = this.segments.map((one) => ({ ...one, address: one.address + bytes }));
    moved.bytes.set(segmentTable(segments), moved.word(Header.segmentsAt));
    return new Elf(moved.bytes);
  }

  #half(offset: number): number {
    return this.view.getUint16(offset, true);
  }

  #segmentAt(at: number): Segment {
    return {
      type: this.view.getUint32(at, true),
      flags: this.view.getUint32(at + 4, true),
      offset: this.word(at + 8),
      address: this.word(at + 16),
      fileSize: this.word(at + 32),
      memorySize: this.word(at + 40),
      align: this.word(at + 48),
    };
  }
}

function range(from = 0, size = 0): Range {
  return { from, to: from + size };
}

/** A dynamic section of so many bytes; what the entries leave of it is none. */
export function dynamicOf(entries: readonly DynamicEntry[], bytes: number): Uint8Array {
  const section = new Uint8Array(bytes);
  section.set(wordsOf(entries.flat()));
  return section;
}

/** How many bytes a table of so many segments takes. */
export function segmentTableBytes(count: number): number {
  return count * SEGMENT_BYTES;
}

export function segmentTable(segments: readonly Segment[]): Uint8Array {
  const bytes = new Uint8Array(segmentTableBytes(segments.length));
  segments.forEach((segment, i) => {
    const { type, flags, offset, address, fileSize, memorySize, align } = segment;
    const kind = BigInt(flags) << 32n | BigInt(type);
    bytes.set(
      wordsOf([kind, offset, address, address, fileSize, memorySize, align]),
      i * SEGMENT_BYTES,
    );
  });
  return bytes;
}

/** Tells where the table of segments is now; sections, which nothing needs to run, are told no more. */
export function nameSegments(bytes: Uint8Array, offset: number, count: number): void {
  bytes.set(wordsOf([offset, 0]), Header.segmentsAt);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(Header.segments, count, true);
  view.setUint32(Header.sections, 0, true);
}

function wordsOf(values: readonly (number | bigint)[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => view.setBigUint64(8 * i, BigInt(value), true));
  return new Uint8Array(view.buffer);
}

/**
 * A runtime of which less is resident. Where a page of a file is touched, Linux maps the sixteen
 * around it, too (`fault_around_bytes`), as far as they are in memory anyway and belong to the
 * same mapping: of Deno's 90 MB a third was resident, most of it never used. So what is only
 * read is cut into pieces, which lie elsewhere in the file than side by side: else Linux would
 * join them to one mapping again. And the long list of relocations becomes a short one.
 *
 * The kernel takes no file of so many pieces, the dynamic loader does: it has to be started
 * with this file. At the same addresses stands what stood there before.
 */
import { joined } from "../../lib/market/bytes.ts";
import { dynamicOf, Elf, nameSegments, PAGE, READ, type Segment } from "./elf.ts";
import { segmentTable, segmentTableBytes, SegmentType, WRITE } from "./elf.ts";
import { shortRelocations } from "./relocations.ts";

/**
 * Where the pieces begin: at these pages, counted from the first address, or all of so many
 * pages. Smaller ones leave less resident, and each is a mapping that the kernel keeps.
 */
export type Cuts = readonly number[] | number;

export interface LeanRuntime {
  readonly bytes: Uint8Array;
  /** The dynamic loader that it is started with. */
  readonly loader: string;
  /**
   * The dynamic section, and where the one for loaders lies that do not read the short list
   * (glibc before 2.36): to be copied over it. Offsets in the file.
   */
  readonly dynamic: { readonly offset: number; readonly longOffset: number; readonly size: number };
}

/** The same runtime in pieces; `null` where the file is of another kind than Deno's for x86-64. */
export function leanRuntime(runtime: Uint8Array, cuts: Cuts): LeanRuntime | null {
  const original = Elf.read(runtime);
  const section = original?.segment(SegmentType.dynamic);
  const loader = original?.interpreter ?? null;
  if (!original || !section || loader === null) return null;
  // The table of segments would lie elsewhere for pages of another size.
  const loads = original.segments.filter(({ type }) => type === SegmentType.load);
  if (loads.some(({ align }) => align !== PAGE)) return null;
  const top = pageAfter(Math.max(...loads.map((one) => one.address + one.memorySize)));
  const long = dynamicOf(original.dynamic, section.fileSize);
  const short = shortRelocations(original, top + long.length);
  if (!short) return null;

  const bytes = runtime.slice();
  const view = new DataView(bytes.buffer);
  for (const [offset, word] of short.words) view.setBigUint64(offset, word, true);
  bytes.set(dynamicOf(short.dynamic, section.fileSize), section.offset);

  const pieces = scattered(loads.flatMap((load) => piecesOf(load, cuts)));
  const body = bodyOf(bytes, pieces);
  const inFile = (offset: number) => {
    const held = pieces.find(({ was, now: { fileSize } }) =>
      offset >= was.offset && offset < was.offset + fileSize
    );
    return held ? held.now.offset + offset - held.was.offset : offset;
  };
  const others = original.segments
    .filter(({ type }) => type !== SegmentType.load && type !== SegmentType.headers)
    .map((one) => ({ ...one, offset: inFile(one.offset) }));
  // Behind everything else: both lists' tables, and the table of segments with itself in it.
  const count = others.length + pieces.length + 2;
  const tables = joined([long, short.tables]);
  const added: Segment = {
    ...{ type: SegmentType.load, flags: READ, offset: body.length, address: top, align: PAGE },
    fileSize: tables.length + segmentTableBytes(count),
    memorySize: tables.length + segmentTableBytes(count),
  };
  const headers: Segment = {
    ...{ ...added, type: SegmentType.headers, align: 8 },
    offset: added.offset + tables.length,
    address: added.address + tables.length,
    fileSize: segmentTableBytes(count),
    memorySize: segmentTableBytes(count),
  };
  const byAddress = pieces.map(({ now }) => now).sort((a, b) => a.address - b.address);
  const table = segmentTable([headers, ...others, ...byAddress, added]);
  const whole = joined([body, tables, table]);
  nameSegments(whole, headers.offset, count);
  const dynamic = { offset: inFile(section.offset), longOffset: body.length, size: long.length };
  return { bytes: whole, loader, dynamic };
}

/** What is only read, in pieces; all else as it is. */
function piecesOf(segment: Segment, cuts: Cuts): Segment[] {
  if ((segment.flags & WRITE) !== 0) return [segment];
  const { address, fileSize } = segment;
  const end = address + fileSize;
  const inside = beginnings(cuts, end).filter((from) => from > address && from < end);
  return [address, ...inside].map((from, i) => {
    const size = (inside[i] ?? end) - from;
    const offset = segment.offset + from - address;
    return { ...segment, offset, address: from, fileSize: size, memorySize: size };
  });
}

/** Addresses at which pieces begin, up to an end. */
function beginnings(cuts: Cuts, end: number): number[] {
  if (typeof cuts !== "number") return cuts.map((page) => page * PAGE);
  const bytes = cuts * PAGE;
  return Array.from({ length: Math.ceil(end / bytes) }, (_, i) => i * bytes);
}

interface Piece {
  readonly was: Segment;
  readonly now: Segment;
}

/** Every other one first, then the rest: no two neighbours lie side by side. */
function scattered(pieces: readonly Segment[]): Piece[] {
  const order = [...pieces.filter((_, i) => i % 2 === 0), ...pieces.filter((_, i) => i % 2 === 1)];
  let end = 0;
  return order.map((was) => {
    // Mapped by pages: as far into one as its address is.
    const offset = pageAfter(end) + was.address % PAGE;
    end = offset + was.fileSize;
    return { was, now: { ...was, offset } };
  });
}

/** The file up to the last piece. */
function bodyOf(bytes: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  const ends = pieces.map(({ now }) => now.offset + now.fileSize);
  const body = new Uint8Array(pageAfter(Math.max(...ends)));
  for (const { was, now } of pieces) {
    body.set(bytes.subarray(was.offset, was.offset + was.fileSize), now.offset);
  }
  return body;
}

function pageAfter(offset: number): number {
  return Math.ceil(offset / PAGE) * PAGE;
}

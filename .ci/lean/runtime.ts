/**
 * A runtime of which less is resident. Where a page of a file is touched, Linux maps the sixteen
 * around it, too (`fault_around_bytes`), as far as they are in memory anyway and belong to the
 * same mapping: of Deno's 90 MB a third was resident, most of it never used. So what is only
 * read is cut into pieces, which lie elsewhere in the file than side by side: else Linux would
 * join them to one mapping again.
 *
 * The kernel takes no file of so many pieces, the dynamic loader does: it has to be started
 * with this file.
 */
import { joined } from "../../lib/market/bytes.ts";
import { Elf, EXECUTE, nameSegments, PAGE, type Range, READ, type Segment } from "./elf.ts";
import { roundUp, segmentTable, segmentTableBytes, SegmentType, WRITE } from "./elf.ts";
import { atFixedAddress, BASE } from "./fixed_address.ts";
import { giveBackAt } from "./give_back.ts";

/**
 * Where the pieces begin: at these pages, counted from the first address, or all of so many
 * pages. Smaller ones leave less resident, and each is a mapping that the kernel keeps.
 */
export type Cuts = readonly number[] | number;

export interface LeanRuntime {
  readonly bytes: Uint8Array;
  /** The dynamic loader that it is started with. */
  readonly loader: string;
}

/** The same runtime in pieces; `null` where the file is of another kind than Deno's for x86-64. */
export function leanRuntime(runtime: Uint8Array, cuts: Cuts): LeanRuntime | null {
  const original = Elf.read(runtime);
  // The table of segments would lie elsewhere for pages of another size.
  if (!original || original.loads.some(({ align }) => align !== PAGE)) return null;
  const loader = original.interpreter;
  const fixed = atFixedAddress(original);
  if (!fixed || loader === null) return null;
  const { elf, constants } = fixed;
  const { loads } = elf;
  const top = roundUp(Math.max(...loads.map((one) => one.address + one.memorySize)), PAGE);
  const giveBack = giveBackAt(elf, top);
  if (!giveBack) return null;
  const pieces = scattered(
    loads.flatMap((load) => withoutConstants(load, constants)).flatMap((one) =>
      piecesOf(one, cuts)
    ),
  );
  const body = bodyOf(elf.bytes, pieces);
  const inFile = (offset: number) => {
    const held = pieces.find(({ was, now: { fileSize } }) =>
      offset >= was.offset && offset < was.offset + fileSize
    );
    return held ? held.now.offset + offset - held.was.offset : offset;
  };
  const others = elf.segments
    .filter(({ type }) => type !== SegmentType.load && type !== SegmentType.headers)
    .map((one) => ({ ...one, offset: inFile(one.offset) }));
  // Behind everything else: what is new, and the table of segments, with both in it.
  const count = others.length + pieces.length + 2;
  const code = new Uint8Array(roundUp(giveBack.length, 8));
  code.set(giveBack);
  const headers: Segment = {
    ...{ type: SegmentType.headers, flags: READ, align: 8 },
    offset: body.length + code.length,
    address: top + code.length,
    fileSize: segmentTableBytes(count),
    memorySize: segmentTableBytes(count),
  };
  const added: Segment = {
    ...{ type: SegmentType.load, flags: READ | EXECUTE, align: PAGE },
    ...{ offset: body.length, address: top },
    fileSize: code.length + headers.fileSize,
    memorySize: code.length + headers.fileSize,
  };
  const byAddress = pieces.map(({ now }) => now).sort((a, b) => a.address - b.address);
  const bytes = joined([body, code, segmentTable([headers, ...others, ...byAddress, added])]);
  nameSegments(bytes, headers.offset, count);
  return { bytes, loader };
}

/** A segment that may be written to, with its constants as one between two that are only read. */
function withoutConstants(segment: Segment, { from, to }: Range): Segment[] {
  const { address, fileSize, memorySize, flags } = segment;
  if (from < address || to > address + fileSize) return [segment];
  return [
    partOf(segment, address, from),
    { ...partOf(segment, from, to), flags: flags & ~WRITE },
    { ...partOf(segment, to, address + fileSize), memorySize: address + memorySize - to },
  ];
}

/** What is only read, in pieces; all else as it is. */
function piecesOf(segment: Segment, cuts: Cuts): Segment[] {
  if ((segment.flags & WRITE) !== 0) return [segment];
  const { address, fileSize } = segment;
  const end = address + fileSize;
  const inside = beginnings(cuts, end).filter((from) => from > address && from < end);
  return [address, ...inside].map((from, i) => partOf(segment, from, inside[i] ?? end));
}

function partOf(segment: Segment, from: number, to: number): Segment {
  const [offset, size] = [segment.offset + from - segment.address, to - from];
  return { ...segment, offset, address: from, fileSize: size, memorySize: size };
}

/** Addresses at which pieces begin, up to an end. */
function beginnings(cuts: Cuts, end: number): number[] {
  if (typeof cuts !== "number") return cuts.map((page) => BASE + page * PAGE);
  const bytes = cuts * PAGE;
  return Array.from({ length: Math.ceil((end - BASE) / bytes) }, (_, i) => BASE + i * bytes);
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
    const offset = roundUp(end, PAGE) + was.address % PAGE;
    end = offset + was.fileSize;
    return { was, now: { ...was, offset } };
  });
}

/** The file up to the last piece. */
function bodyOf(bytes: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  const ends = pieces.map(({ now }) => now.offset + now.fileSize);
  const body = new Uint8Array(roundUp(Math.max(...ends), PAGE));
  for (const { was, now } of pieces) {
    body.set(bytes.subarray(was.offset, was.offset + was.fileSize), now.offset);
  }
  return body;
}

/**
 * The same program for one address. Deno 2.9.6 has 158 853 words that become "where this file
 * lies, plus so much" at each start: 2.5 MB of constants are written to and stay resident for
 * good, for a list of 3.8 MB that is read. Here they are worked out once, when it is built: the
 * constants become pages as the code's are, of which those are resident that are used, and
 * that nobody can write to.
 *
 * The price: the runtime's code is always at this address, as it is in Node's own builds for
 * Linux; heap, stack and libraries lie where the kernel puts them.
 */
import { type DynamicEntry, dynamicOf, type Elf, PAGE, type Range } from "./elf.ts";
import { roundDown, roundUp, SegmentType } from "./elf.ts";

/** Far from where Linux puts programs (0x55…), libraries and stacks (0x7f…), and above 4 GB. */
export const BASE = 0x10_0000_0000;

/** Entries of the dynamic section that are changed here. */
const Tag = { relocations: 7, relocationBytes: 8, relativeCount: 0x6ffffff9, flags1: 0x6ffffffb };
/** Those that are addresses: PLTGOT, STRTAB, SYMTAB, INIT, FINI, JMPREL, INIT_ARRAY, FINI_ARRAY, … */
const ADDRESSES: ReadonlySet<number> = new Set([
  ...[3, 5, 6, Tag.relocations, 12, 13, 23, 25, 26],
  // GNU_HASH, VERSYM, VERNEED.
  ...[0x6ffffef5, 0x6ffffff0, 0x6ffffffe],
]);
/** Names, sizes, counts and flags: NEEDED, PLTRELSZ, RELASZ, RELAENT, STRSZ, SYMENT, PLTREL, … */
const OTHERS: ReadonlySet<number> = new Set([
  ...[1, 2, Tag.relocationBytes, 9, 10, 11, 20],
  // DEBUG, INIT_ARRAYSZ, FINI_ARRAYSZ, FLAGS, VERNEEDNUM.
  ...[21, 27, 28, 30, 0x6fffffff, Tag.relativeCount, Tag.flags1],
]);
/** "May lie anywhere", of FLAGS_1. */
const ANYWHERE = 0x0800_0000;

const RELATIVE = 8;
/** 64, GLOB_DAT, JUMP_SLOT: the address of a symbol, which the loader looks up. */
const LOOKUPS: ReadonlySet<number> = new Set([1, 6, 7]);
export const RELOCATION_BYTES = 24;
export const SYMBOL_BYTES = 24;
const THREAD_LOCAL = 6;
/** Sections from this number on are none: their symbols are no addresses. */
const NO_SECTION = 0xff00;

export interface FixedRuntime {
  readonly elf: Elf;
  /** Whole pages of a segment that may be written to, which nothing writes to any more. */
  readonly constants: Range;
}

/** `null` where the file has what is not known here. */
export function atFixedAddress(original: Elf): FixedRuntime | null {
  const tables = tablesOf(original);
  const held = original.section(".data.rel.ro");
  if (!tables || !held) return null;
  const { relative, lookups, symbols } = tables;
  const constants = {
    from: BASE + roundUp(held.inMemory.from, PAGE),
    to: BASE + roundDown(held.inMemory.to, PAGE),
  };
  const elf = original.movedBy(BASE);
  for (const at of entriesOf(relative, RELOCATION_BYTES)) {
    elf.setWord(original.offsetOf(original.word(at)), BASE + original.word(at + 16));
  }
  // Nothing reads this part of the list any more.
  elf.bytes.fill(0, relative.from, relative.to);
  for (const at of lookups.flatMap((list) => entriesOf(list, RELOCATION_BYTES))) {
    const address = BASE + original.word(at);
    if (address >= constants.from && address < constants.to) return null;
    elf.setWord(at, address);
  }
  for (const at of entriesOf(symbols, SYMBOL_BYTES)) {
    if (isAddress(original, at)) elf.setWord(at + 8, BASE + original.word(at + 8));
  }
  const section = elf.segment(SegmentType.dynamic);
  if (!section) return null;
  const dynamic = original.dynamic.flatMap((entry) => moved(entry, relative.to - relative.from));
  elf.bytes.set(dynamicOf(dynamic, section.fileSize), section.offset);
  return { elf, constants };
}

interface Tables {
  /** Places in the file of the relocations that say "plus so much", which come first … */
  readonly relative: Range;
  /** … and of those whose symbol is looked up. */
  readonly lookups: readonly Range[];
  readonly symbols: Range;
}

function tablesOf(elf: Elf): Tables | null {
  const value = new Map(elf.dynamic);
  const count = value.get(Tag.relativeCount);
  const [all, plt] = [elf.section(".rela.dyn"), elf.section(".rela.plt")];
  const symbols = elf.section(".dynsym");
  if (count === undefined || !all || !plt || !symbols) return null;
  if ([...value.keys()].some((tag) => !ADDRESSES.has(tag) && !OTHERS.has(tag))) return null;
  if (value.get(Tag.relocations) !== all.inMemory.from) return null;
  const [list, slots] = [all.inFile, plt.inFile];
  const relative = { from: list.from, to: list.from + count * RELOCATION_BYTES };
  const lookups = [{ from: relative.to, to: list.to }, slots];
  const kind = (at: number) => elf.view.getUint32(at + 8, true);
  const known = entriesOf(relative, RELOCATION_BYTES).every((at) => kind(at) === RELATIVE) &&
    lookups.every((one) => entriesOf(one, RELOCATION_BYTES).every((at) => LOOKUPS.has(kind(at))));
  return known ? { relative, lookups, symbols: symbols.inFile } : null;
}

/** Where the entries of a table begin. */
export function entriesOf({ from, to }: Range, bytes: number): number[] {
  return Array.from({ length: Math.floor((to - from) / bytes) }, (_, i) => from + i * bytes);
}

/** Whether a symbol is the file's own, and its value where it lies. */
function isAddress(elf: Elf, at: number): boolean {
  const [type, section] = [elf.view.getUint8(at + 4) & 15, elf.view.getUint16(at + 6, true)];
  return section > 0 && section < NO_SECTION && type !== THREAD_LOCAL;
}

/** An entry as it is now; none of what is told no more. */
function moved([tag, value]: DynamicEntry, relativeBytes: number): DynamicEntry[] {
  switch (tag) {
    case Tag.relativeCount:
      return [];
    case Tag.relocations:
      return [[tag, BASE + value + relativeBytes]];
    case Tag.relocationBytes:
      return [[tag, value - relativeBytes]];
    case Tag.flags1:
      return [[tag, value & ~ANYWHERE]];
    default:
      return [[tag, ADDRESSES.has(tag) ? BASE + value : value]];
  }
}

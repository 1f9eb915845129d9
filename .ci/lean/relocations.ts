/**
 * Relative relocations in few bytes. Deno 2.9.6 has 158 853 words that become "this file's address
 * plus so much" when it is loaded; they are listed in 3.8 MB (24 bytes each), which are read at
 * the start and stay resident. As bits (DT_RELR, of the generic ABI since 2022, glibc 2.36) they take
 * 43 kB: the "so much" then stands in the word itself.
 */
import { joined } from "../../lib/market/bytes.ts";
import { type DynamicEntry, type Elf, wordsOf } from "./elf.ts";

const Tag = {
  strings: 5,
  relocations: 7,
  relocationBytes: 8,
  stringBytes: 10,
  debug: 21,
  flags: 30,
  bitBytes: 35,
  bits: 36,
  bitWidth: 37,
  relativeCount: 0x6ffffff9,
  needs: 0x6ffffffe,
  needCount: 0x6fffffff,
} as const;

/** What says nothing any more, or that `FLAGS_1` says too: three entries make room for three. */
const DROPPED: ReadonlySet<number> = new Set([Tag.relativeCount, Tag.flags, Tag.debug]);

const RELATIVE = 8;
const ENTRY_BYTES = 24;
const BITS = 63;

export interface ShortRelocations {
  /** To be loaded at the address that was given. */
  readonly tables: Uint8Array;
  readonly dynamic: readonly DynamicEntry[];
  /** Words of the file that change. */
  readonly words: ReadonlyMap<number, bigint>;
}

interface Relocation {
  readonly address: number;
  readonly info: bigint;
  readonly addend: bigint;
}

/** The same relocations in tables for `address`; `null` where the file has no such list. */
export function shortRelocations(elf: Elf, address: number): ShortRelocations | null {
  const value = new Map(elf.dynamic);
  const [at, bytes] = [value.get(Tag.relocations), value.get(Tag.relocationBytes)];
  const [strings, stringBytes] = [value.get(Tag.strings), value.get(Tag.stringBytes)];
  const [needs, needCount] = [value.get(Tag.needs), value.get(Tag.needCount)];
  if (at === undefined || bytes === undefined || !value.has(Tag.relativeCount)) return null;
  if (strings === undefined || stringBytes === undefined) return null;
  if (needs === undefined || needCount === undefined) return null;
  const all = relocationsAt(elf, at, bytes);
  const relative = all.filter(isBit).sort((a, b) => a.address - b.address);
  const rest = all.filter((one) => !isBit(one));

  const tables = new Tables(address);
  const restAt = tables.add(wordsOf(rest.flatMap((one) => [one.address, one.info, one.addend])));
  const bits = bitsOf(relative.map((one) => one.address));
  const bitsAt = tables.add(wordsOf(bits));
  const name = new TextEncoder().encode(`${NEEDED_VERSION}\0`);
  const stringsAt = tables.add(joined([elf.slice(strings, stringBytes), name]));
  const needsAt = tables.add(needsWith(elf, { strings, needs, needCount, nameAt: stringBytes }));
  const changed = new Map<number, number>([
    [Tag.relocations, restAt],
    [Tag.relocationBytes, ENTRY_BYTES * rest.length],
    [Tag.strings, stringsAt],
    [Tag.stringBytes, stringBytes + name.length],
    [Tag.needs, needsAt],
  ]);
  return {
    tables: tables.bytes,
    dynamic: [
      ...elf.dynamic.filter(([tag]) => !DROPPED.has(tag))
        .map(([tag, held]): DynamicEntry => [tag, changed.get(tag) ?? held]),
      [Tag.bits, bitsAt],
      [Tag.bitBytes, 8 * bits.length],
      [Tag.bitWidth, 8],
    ],
    words: new Map(relative.map((one) => [elf.offsetOf(one.address), one.addend])),
  };
}

function relocationsAt(elf: Elf, address: number, bytes: number): Relocation[] {
  const first = elf.offsetOf(address);
  return Array.from({ length: bytes / ENTRY_BYTES }, (_, i) => {
    const offset = first + i * ENTRY_BYTES;
    return {
      address: elf.word(offset),
      info: elf.view.getBigUint64(offset + 8, true),
      addend: elf.view.getBigUint64(offset + 16, true),
    };
  });
}

/** Bits stand for whole words. */
function isBit({ info, address }: Relocation): boolean {
  return info === BigInt(RELATIVE) && address % 8 === 0;
}

/** An address, then words whose bits say which of the 63 words that follow are relocated, too. */
function bitsOf(addresses: readonly number[]): bigint[] {
  const words: bigint[] = [];
  for (let i = 0; i < addresses.length;) {
    const first = addresses[i++] ?? 0;
    words.push(BigInt(first));
    for (let from = first + 8;; from += 8 * BITS) {
      let bits = 0n;
      for (; (addresses[i] ?? Infinity) < from + 8 * BITS; i++) {
        bits |= 1n << BigInt(((addresses[i] ?? 0) - from) / 8);
      }
      if (bits === 0n) break;
      words.push(bits << 1n | 1n);
    }
  }
  return words;
}

/** glibc reads bits only of who says that it needs a glibc that does. */
const NEEDED_VERSION = "GLIBC_ABI_DT_RELR";
const LIBC = "libc.so.6";
const RECORD_BYTES = 16;
const NEEDS_FORMAT = 1;

/** Hash of the name; flags and, in the upper half, its number; where the name stands. */
type Version = readonly [hash: number, flagsAndNumber: number, name: number];

interface Needs {
  readonly strings: number;
  readonly needs: number;
  readonly needCount: number;
  /** Where the name of the new version stands among the strings. */
  readonly nameAt: number;
}

/** The versions that the file needs of its libraries, and the one of the C library more. */
function needsWith(elf: Elf, { strings, needs, needCount, nameAt }: Needs): Uint8Array {
  const u32 = (offset: number) => elf.view.getUint32(offset, true);
  const libraries: { readonly name: number; readonly versions: Version[] }[] = [];
  let newest = 0;
  for (let i = 0, at = elf.offsetOf(needs); i < needCount; i++, at += u32(at + 12)) {
    const versions: Version[] = [];
    for (let k = 0, one = at + u32(at + 8); k < u32(at) >>> 16; k++, one += u32(one + 12)) {
      newest = Math.max(newest, u32(one + 4) >>> 16 & 0x7fff);
      versions.push([u32(one), u32(one + 4), u32(one + 8)]);
    }
    libraries.push({ name: u32(at + 4), versions });
  }
  const libc = new TextEncoder().encode(`${LIBC}\0`);
  for (const { name, versions } of libraries) {
    const held = elf.slice(strings + name, libc.length);
    if (!held.every((byte, i) => byte === libc[i])) continue;
    versions.push([hashOf(NEEDED_VERSION), newest + 1 << 16, nameAt]);
  }
  return joined(libraries.flatMap(({ name, versions }, i) => {
    // Each record ends with how far it is to the next of its kind; 0 is none.
    const next = i === libraries.length - 1 ? 0 : RECORD_BYTES * (1 + versions.length);
    return [
      record(versions.length << 16 | NEEDS_FORMAT, name, RECORD_BYTES, next),
      ...versions.map((version, k) =>
        record(...version, k === versions.length - 1 ? 0 : RECORD_BYTES)
      ),
    ];
  }));
}

function record(...words: readonly [number, number, number, number]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The hash of the System V ABI, by which names of versions are compared first. */
function hashOf(name: string): number {
  let hash = 0;
  for (const unit of new TextEncoder().encode(name)) {
    hash = (hash << 4) + unit >>> 0;
    const top = hash & 0xf0000000;
    hash = (hash ^ top >>> 24) & ~top;
  }
  return hash >>> 0;
}

/** Tables one after the other, each at a whole word. */
class Tables {
  readonly #address: number;
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  constructor(address: number) {
    this.#address = address;
  }

  /** Returns the address that it has. */
  add(table: Uint8Array): number {
    const padded = new Uint8Array(Math.ceil(table.length / 8) * 8);
    padded.set(table);
    this.#parts.push(padded);
    this.#size += padded.length;
    return this.#address + this.#size - padded.length;
  }

  get bytes(): Uint8Array {
    return joined(this.#parts);
  }
}

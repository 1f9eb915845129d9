/**
 * Memory that is given back. Of the code that is used in five minutes a third is used in any
 * second, and glibc keeps what was freed in the middle of its heap: 3 MB after 72 h of history.
 * Nothing that JavaScript may call says so to the kernel or to glibc. So the runtime does it
 * whenever it is asked who its parent process is, which nobody asks but lib/app/small_heap.ts.
 *
 * Pages that were only read are the file's: what is used of them is mapped again when it is
 * touched.
 */
import { type Elf, PAGE, roundDown, roundUp, WRITE } from "./elf.ts";
import { entriesOf, RELOCATION_BYTES, SYMBOL_BYTES } from "./fixed_address.ts";

/** What `Deno.ppid` calls, and what gives back glibc's memory. */
const [ASKED, TRIM] = ["getppid", "malloc_trim"] as const;

/**
 * Puts code before `getppid`, which is to be loaded to `address`, and returns it; `null`, with
 * nothing changed, where the file has no room for it or does not call both functions.
 */
export function giveBackAt(elf: Elf, address: number): Uint8Array | null {
  const [asked, trim] = [lookupOf(elf, ASKED), lookupOf(elf, TRIM)];
  const [first] = elf.loads;
  const written = elf.loads.find(({ flags }) => (flags & WRITE) !== 0);
  if (asked === null || trim === null || !first || !written) return null;
  // Behind what the file holds of a segment are zeros, up to the end of a page.
  const free = roundUp(written.address + written.fileSize, 8);
  if (free + 8 > written.address + written.memorySize) return null;
  const [slot, trimSlot] = [elf.word(asked), elf.word(trim)];
  // The loader writes the address of getppid there, and callers find the code in its place.
  elf.setWord(asked, free);
  elf.setWord(elf.offsetOf(slot), address);
  return Uint8Array.from([
    // madvise(first.address, …, MADV_DONTNEED), all that lies before what may be written to
    ...[0xb8, ...bytesOf(28, 4)], // mov eax, 28
    ...[0x48, 0xbf, ...bytesOf(first.address, 8)], // mov rdi, …
    ...[0x48, 0xbe, ...bytesOf(roundDown(written.address, PAGE) - first.address, 8)], // mov rsi, …
    ...[0xba, ...bytesOf(4, 4)], // mov edx, 4
    ...[0x0f, 0x05], // syscall
    // malloc_trim(0), with the stack as a call wants it
    ...[0x48, 0x83, 0xec, 0x08], // sub rsp, 8
    ...[0x31, 0xff], // xor edi, edi
    ...[0x48, 0xb8, ...bytesOf(trimSlot, 8)], // mov rax, …
    ...[0xff, 0x10], // call [rax]
    ...[0x48, 0x83, 0xc4, 0x08], // add rsp, 8
    // and getppid()
    ...[0x48, 0xb8, ...bytesOf(free, 8)], // mov rax, …
    ...[0xff, 0x20], // jmp [rax]
  ]);
}

/** Where in the file the relocation is that has a function looked up; `null` where none has. */
function lookupOf(elf: Elf, name: string): number | null {
  const [list, symbols, strings] = [".rela.dyn", ".dynsym", ".dynstr"]
    .map((section) => elf.section(section)?.inFile);
  if (!list || !symbols || !strings) return null;
  const wanted = new TextEncoder().encode(`${name}\0`);
  const isWanted = (at: number) => {
    const symbol = symbols.from + elf.view.getUint32(at + 12, true) * SYMBOL_BYTES;
    const from = strings.from + elf.view.getUint32(symbol, true);
    return wanted.every((byte, i) => elf.bytes[from + i] === byte);
  };
  return entriesOf(list, RELOCATION_BYTES).find(isWanted) ?? null;
}

/** A number as code has it, the lowest byte first. */
function bytesOf(value: number, count: 4 | 8): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}

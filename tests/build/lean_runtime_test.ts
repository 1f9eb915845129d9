/** The runtime in pieces is the same in memory, and runs. */
import { deepEqual, equal, ok } from "../assert.ts";
import { Buffer } from "node:buffer";
import { Elf, PAGE, SegmentType, WRITE } from "../../.ci/lean/elf.ts";
import { BASE } from "../../.ci/lean/fixed_address.ts";
import { type LeanRuntime, leanRuntime } from "../../.ci/lean/runtime.ts";
import { cutsFor, cutsOf } from "../../.ci/lean/used_pages.ts";
import { sha256 } from "../../.ci/compile.ts";

/** Deno itself, as it is packed; `null` where it is of a kind that is left as it is. */
function ownRuntime(): { readonly original: Uint8Array; readonly lean: LeanRuntime } | null {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return null;
  const original = Deno.readFileSync(Deno.execPath());
  const lean = leanRuntime(original, cutsFor(sha256(original)));
  ok(lean, "Deno for x86-64 Linux is of the kind that is known");
  return { original, lean };
}

/** Dynamic entries that are used here: RELA, RELASZ, JMPREL, PLTRELSZ. */
const LISTS = [[7, 8], [23, 2]] as const;
const RELATIVE = 8n;

/** What a loader makes of a file that it puts to `BASE`, and what it is to look up for it. */
function loaded(bytes: Uint8Array): { memory: Uint8Array; lookups: string[] } {
  const elf = Elf.read(bytes);
  ok(elf);
  const { loads } = elf;
  // A file for this address names it, one for any counts from 0.
  const first = Math.min(...loads.map(({ address }) => address));
  const moved = BigInt(BASE - first);
  const memory = new Uint8Array(
    Math.max(...loads.map((one) => one.address + one.memorySize)) - first,
  );
  for (const { offset, address, fileSize } of loads) {
    memory.set(bytes.subarray(offset, offset + fileSize), address - first);
  }
  const view = new DataView(memory.buffer);
  const dynamic = new Map(elf.dynamic);
  const lookups: string[] = [];
  for (const [list, size] of LISTS) {
    const from = (dynamic.get(list) ?? 0) - first;
    for (let at = from; at < from + (dynamic.get(size) ?? 0); at += 24) {
      const [address = 0n, info = 0n, addend = 0n] = new BigUint64Array(
        memory.slice(at, at + 24).buffer,
      );
      if (info === RELATIVE) view.setBigUint64(Number(address) - first, moved + addend, true);
      else lookups.push(`${moved + address} ${info} ${addend}`);
    }
  }
  return { memory, lookups };
}

/** The GOT's word for `getppid`, which leads to the code that is put before it. */
function askedParent(elf: Elf): number {
  const [list, symbols, strings] = [".rela.dyn", ".dynsym", ".dynstr"]
    .map((name) => elf.section(name)?.inFile.from ?? 0);
  ok(list && symbols && strings);
  for (let at = list;; at += 24) {
    const name = strings +
      elf.view.getUint32(symbols + 24 * elf.view.getUint32(at + 12, true), true);
    if (new TextDecoder().decode(elf.bytes.subarray(name, name + 8)) === "getppid\0") {
      return elf.word(at);
    }
  }
}

/** The parts of a file that tell a loader where things are, by the address that they count from. */
const ADDRESSED = [".dynsym", ".rela.dyn", ".rela.plt", ".dynamic"] as const;

Deno.test("the pieces come to the same memory as the file that was cut, loaded to their address", () => {
  const own = ownRuntime();
  if (!own) return;
  const [expected, lean] = [loaded(own.original), loaded(own.lean.bytes)];
  const elf = Elf.read(own.original);
  ok(elf);
  const asked = askedParent(elf);
  // One function is looked up for the code before it, and all the others as they were.
  const others = expected.lookups.filter((one) => !one.startsWith(`${BASE + asked} `));
  equal(others.length, expected.lookups.length - 1);
  deepEqual(lean.lookups.filter((one) => others.includes(one)), others);
  equal(lean.lookups.length, expected.lookups.length);
  ok(others.length > 100);
  lean.memory.set(expected.memory.subarray(asked, asked + 8), asked);
  const headers = elf.segment(SegmentType.headers);
  ok(headers);
  const ranges = [
    { from: 0, to: headers.address + headers.fileSize },
    ...ADDRESSED.map((name) => elf.section(name)?.inMemory ?? { from: 0, to: 0 }),
  ];
  for (const { from, to } of ranges) {
    ok(to > from);
    lean.memory.set(expected.memory.subarray(from, to), from);
  }
  const size = expected.memory.length;
  equal(Buffer.compare(lean.memory.subarray(0, size), expected.memory), 0);
});

Deno.test("symbols of the runtime's own are where they lie, and those of others are none", () => {
  const own = ownRuntime();
  if (!own) return;
  const elf = Elf.read(own.original);
  const symbols = elf?.section(".dynsym")?.inMemory;
  ok(symbols);
  const [was, is] = [own.original, own.lean.bytes].map((bytes) =>
    new BigUint64Array(loaded(bytes).memory.slice(symbols.from, symbols.to).buffer)
  );
  let held = 0;
  was?.forEach((word, i) => {
    // Name and kind; value; size.
    const section = i % 3 === 1 ? (was[i - 1] ?? 0n) >> 48n : 0n;
    if (section > 0n) held++;
    equal(is?.[i], section > 0n ? BigInt(BASE) + word : word);
  });
  ok(held > 10, `${held}`);
});

Deno.test("the constants of the runtime cannot be written to", () => {
  const own = ownRuntime();
  if (!own) return;
  const lean = Elf.read(own.lean.bytes);
  const constants = Elf.read(own.original)?.section(".data.rel.ro")?.inMemory;
  ok(lean && constants);
  const writable = lean.loads
    .filter(({ flags }) => (flags & WRITE) !== 0)
    .reduce((bytes, { address, memorySize }) => {
      const [from, to] = [address - BASE, address - BASE + memorySize];
      const both = Math.min(to, constants.to) - Math.max(from, constants.from);
      return bytes + Math.max(0, both);
    }, 0);
  ok(writable < 2 * PAGE, `${writable} bytes`);
  ok(constants.to - constants.from > 500 * PAGE);
});

Deno.test("no two pieces that are neighbours in memory are neighbours in the file", () => {
  const own = ownRuntime();
  if (!own) return;
  for (const cuts of [cutsFor(sha256(own.original)), 4, 64]) {
    const lean = leanRuntime(own.original, cuts);
    ok(lean);
    const pieces = Elf.read(lean.bytes)?.loads.filter(({ flags }) => (flags & WRITE) === 0);
    ok(pieces && pieces.length > 300);
    pieces.slice(1).forEach((piece, i) => {
      equal(piece.offset % PAGE, piece.address % PAGE);
      const before = pieces[i];
      if (!before || piece.address !== before.address + before.fileSize) return;
      ok(piece.offset !== before.offset + before.fileSize, `${cuts}: ${piece.address}`);
    });
  }
});

Deno.test("what is used was measured of the Deno that is pinned, and each page of it is a piece", () => {
  const own = ownRuntime();
  if (!own) return;
  const cuts = cutsFor(sha256(own.original));
  // Who tries another Deno gets even pieces; what is built in CI is the pinned one.
  if (Deno.env.get("CI") === "true") {
    ok(typeof cuts !== "number" && cuts.length > 1000, "measure it: .ci/lean/measure.ts");
  }
  equal(cutsFor("another"), 4);
  const used = { runtime: "", start: [[2, 3]], later: [[5, 3], [9, 1]] } as const;
  deepEqual(cutsOf(used), [2, 5, 6, 7, 8, 9, 10]);
});

/** What a program prints that the runtime is given. */
async function printed({ bytes, loader }: LeanRuntime, program: string): Promise<string> {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    const { stdout, stderr } = await new Deno.Command(loader, {
      args: [path, "eval", "--v8-flags=--no-short-builtin-calls", program],
      env: { NO_COLOR: "1" },
    }).output();
    equal(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("its loader runs it", async () => {
  const own = ownRuntime();
  if (!own) return;
  const program = "console.log(1 + 1, Deno.version.deno, new Error('x').stack.length > 1)";
  equal(await printed(own.lean, program), `2 ${Deno.version.deno} true\n`);
});

Deno.test("asked for its parent it gives back what only the start used, and answers", async () => {
  const own = ownRuntime();
  if (!own) return;
  const program = `
    const residentKb = () => Number(
      /Rss: +([0-9]+)/.exec(Deno.readTextFileSync("/proc/self/smaps_rollup"))?.[1]);
    const before = residentKb();
    const parents = Array.from({ length: 3 }, () => Deno.ppid);
    console.log(JSON.stringify({ parents, before, after: residentKb() }));`;
  const { parents, before, after } = JSON.parse(await printed(own.lean, program));
  deepEqual(parents, [Deno.pid, Deno.pid, Deno.pid]);
  ok(after < before - 5000, `${before} KB, then ${after} KB`);
});

Deno.test("a file with anything that is not known is left as it is", () => {
  const own = ownRuntime();
  if (!own) return;
  const elf = Elf.read(own.original);
  const section = elf?.segment(SegmentType.dynamic);
  ok(elf && section);
  const list = elf.section(".rela.dyn")?.inFile.from ?? 0;
  const slots = elf.section(".rela.plt")?.inFile.from ?? 0;
  for (
    const [at, value] of [
      // An entry of the dynamic section that nobody has heard of.
      [section.offset, 0x1234],
      // A relocation of thread-local storage among those that are looked up, and at the beginning.
      [slots + 8, 16],
      [list + 8, 16],
      [0, 0],
    ] as const
  ) {
    const bytes = own.original.slice();
    new DataView(bytes.buffer).setUint32(at, value, true);
    equal(leanRuntime(bytes, 4), null, `${at}`);
  }
});

Deno.test("what is no such file is left as it is", () => {
  equal(leanRuntime(new TextEncoder().encode("#!/bin/sh\necho a script\n"), 4), null);
  equal(leanRuntime(new Uint8Array(64), 4), null);
  const own = ownRuntime();
  if (!own) return;
  // Of another machine, and of pages of another size.
  const arm = own.original.slice(0, 1 << 20);
  new DataView(arm.buffer).setUint16(18, 183, true);
  equal(leanRuntime(arm, 4), null);
  const wide = own.original.slice(0, 1 << 20);
  const first = Elf.read(own.original)?.segments.findIndex(({ type }) => type === SegmentType.load);
  new DataView(wide.buffer).setBigUint64(64 + 56 * (first ?? 0) + 48, 65_536n, true);
  equal(leanRuntime(wide, 4), null);
});

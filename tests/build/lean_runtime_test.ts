/** The runtime in pieces is the same in memory, and runs. */
import { deepEqual, equal, ok } from "../assert.ts";
import { Buffer } from "node:buffer";
import { Elf, PAGE, SegmentType, WRITE } from "../../.ci/lean/elf.ts";
import { type LeanRuntime, leanRuntime } from "../../.ci/lean/runtime.ts";
import { cutsFor, edgesOf } from "../../.ci/lean/used_pages.ts";
import { sha256 } from "../../.ci/compile.ts";

/** Deno itself, as it is packed; `null` where it is of a kind that is left as it is. */
function ownRuntime(): { readonly original: Uint8Array; readonly lean: LeanRuntime } | null {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return null;
  const original = Deno.readFileSync(Deno.execPath());
  const lean = leanRuntime(original, cutsFor(sha256(original)));
  ok(lean, "Deno for x86-64 Linux is of the kind that is known");
  return { original, lean };
}

/** As it was packed, or with the long list in place of the short one. */
function variants({ bytes, dynamic: { offset, longOffset, size } }: LeanRuntime) {
  const long = bytes.slice();
  long.copyWithin(offset, longOffset, longOffset + size);
  return { short: bytes, long };
}

/** Any address: it is added to every relative word. */
const BASE = 0x5555_0000_0000n;
const [RELA, RELASZ, RELR, RELRSZ] = [7, 8, 36, 35];

/** What a loader makes of a file: its segments in memory, relocated, and what else it is to look up. */
function loaded(bytes: Uint8Array): { memory: Uint8Array; lookups: string[] } {
  const elf = Elf.read(bytes);
  ok(elf);
  const loads = elf.segments.filter(({ type }) => type === SegmentType.load);
  const memory = new Uint8Array(Math.max(...loads.map((one) => one.address + one.memorySize)));
  for (const { offset, address, fileSize } of loads) {
    memory.set(bytes.subarray(offset, offset + fileSize), address);
  }
  const view = new DataView(memory.buffer);
  const word = (address: number) => view.getBigUint64(address, true);
  const dynamic = new Map(elf.dynamic);
  const lookups: string[] = [];
  const [rela = 0, relaBytes = 0] = [dynamic.get(RELA), dynamic.get(RELASZ)];
  for (let at = rela; at < rela + relaBytes; at += 24) {
    const [address, info, addend] = [word(at), word(at + 8), word(at + 16)];
    if (info === 8n) view.setBigUint64(Number(address), BASE + addend, true);
    else lookups.push(`${address} ${info} ${addend}`);
  }
  const [relr = 0, relrBytes = 0] = [dynamic.get(RELR), dynamic.get(RELRSZ)];
  const add = (address: number) => view.setBigUint64(address, word(address) + BASE, true);
  for (let at = relr, next = 0; at < relr + relrBytes; at += 8) {
    const entry = word(at);
    if ((entry & 1n) === 0n) {
      add(Number(entry));
      next = Number(entry) + 8;
      continue;
    }
    for (let i = 0, bits = entry >> 1n; bits !== 0n; i++, bits >>= 1n) {
      if ((bits & 1n) === 1n) add(next + 8 * i);
    }
    next += 8 * 63;
  }
  return { memory, lookups: lookups.sort() };
}

Deno.test("with either list the pieces come to the same memory as the file that was cut", () => {
  const own = ownRuntime();
  if (!own) return;
  const expected = loaded(own.original);
  const section = Elf.read(own.original)?.segment(SegmentType.dynamic);
  ok(section);
  for (const [name, bytes] of Object.entries(variants(own.lean))) {
    const { memory, lookups } = loaded(bytes);
    deepEqual(lookups, expected.lookups, name);
    // New are the file's header and the dynamic section, which name other tables.
    for (const [from, size] of [[0, 64], [section.address, section.fileSize]] as const) {
      memory.set(expected.memory.subarray(from, from + size), from);
    }
    const size = expected.memory.length;
    equal(Buffer.compare(memory.subarray(0, size), expected.memory), 0, name);
  }
});

Deno.test("no two pieces that are neighbours in memory are neighbours in the file", () => {
  const own = ownRuntime();
  if (!own) return;
  for (const cuts of [cutsFor(sha256(own.original)), 4, 64]) {
    const lean = leanRuntime(own.original, cuts);
    ok(lean);
    const pieces = Elf.read(lean.bytes)?.segments.filter(({ type, flags }) =>
      type === SegmentType.load && (flags & WRITE) === 0
    );
    ok(pieces && pieces.length > 300);
    pieces.slice(1).forEach((piece, i) => {
      equal(piece.offset % PAGE, piece.address % PAGE);
      const before = pieces[i];
      if (!before || piece.address !== before.address + before.fileSize) return;
      ok(piece.offset !== before.offset + before.fileSize, `${cuts}: ${piece.address}`);
    });
  }
});

Deno.test("what is used was measured of the Deno that is pinned, and is cut at its edges", () => {
  const own = ownRuntime();
  if (!own) return;
  const cuts = cutsFor(sha256(own.original));
  // Who tries another Deno gets even pieces; what is built in CI is the pinned one.
  if (Deno.env.get("CI") === "true") {
    ok(typeof cuts !== "number" && cuts.length > 1000, "measure it: .ci/lean/measure.ts");
  }
  equal(cutsFor("another"), 4);
  const used = { runtime: "", live: [[3, 2], [9, 1]], asked: [[5, 1]] } as const;
  deepEqual(edgesOf(used), [3, 5, 6, 9, 10]);
});

Deno.test({
  name: "its loader runs it, with either list of relocations",
  async fn() {
    const own = ownRuntime();
    if (!own) return;
    const path = Deno.makeTempFileSync();
    try {
      for (const bytes of Object.values(variants(own.lean))) {
        Deno.writeFileSync(path, bytes);
        const { stdout, stderr } = await new Deno.Command(own.lean.loader, {
          args: [
            path,
            "eval",
            "console.log(1 + 1, Deno.version.deno, new Error('x').stack.length > 1)",
          ],
          env: { NO_COLOR: "1" },
        }).output();
        equal(new TextDecoder().decode(stderr), "");
        equal(new TextDecoder().decode(stdout), `2 ${Deno.version.deno} true\n`);
      }
    } finally {
      Deno.removeSync(path);
    }
  },
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

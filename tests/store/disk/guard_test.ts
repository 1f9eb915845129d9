import { deepEqual, equal, ok } from "../../assert.ts";
import { DiskGuard, type Reserve } from "../../../lib/store/mod.ts";

/** Where looks are 1 s apart, and coming back is tried after 10. */
const OPTIONS = {
  ...{ reserveBytes: 32, lowReserveBytes: 20, pieceBytes: 1, stepBytes: 4, openBytes: 8 },
  ...{ spareBytes: 4, everyMs: 1_000, againMs: 10_000 },
};

/** A disk of `room` bytes for others and the reserve, and a guard of it. */
class FakeDisk implements Reserve {
  held = 0;
  tried = 0;
  readonly guard: DiskGuard;
  #nowMs = 0;

  constructor(public room: number) {
    this.guard = new DiskGuard("/nowhere/tapewatch.kv", { ...OPTIONS, reserve: this });
  }

  bytes(): number {
    return this.held;
  }

  take(bytes: number): boolean {
    this.tried++;
    // A part of it is taken, as by a write that ends in the middle.
    const taken = Math.min(bytes, Math.max(0, this.room - this.held));
    this.held += taken;
    return taken === bytes;
  }

  cut(bytes: number): void {
    this.held = Math.min(this.held, bytes);
  }

  /** State and reserve after each of the next looks. */
  looks(count: number): string[] {
    return Array.from({ length: count }, () => {
      const state = this.guard.state(this.#nowMs += 1_000);
      return `${state} ${this.held}`;
    });
  }
}

Deno.test("the reserve is laid in steps, and then each look takes a piece and lets it go", () => {
  const disk = new FakeDisk(33);
  const grown = [4, 8, 12, 16, 20, 24, 28, 32].map((held) => `ok ${held}`);
  deepEqual(disk.looks(10), [...grown, "ok 32", "ok 32"]);
  equal(disk.tried, 10);
});

Deno.test("a disk that fills gets part of the reserve, then all, and at last nothing helps", () => {
  const disk = new FakeDisk(100);
  disk.looks(9);
  disk.room = 32.5;
  deepEqual(disk.looks(2), ["low 20", "low 20"]);
  disk.room = 20.5;
  deepEqual(disk.looks(2), ["low 0", "low 0"]);
  disk.room = 0.5;
  deepEqual(disk.looks(2), ["full 0", "full 0"]);
});

Deno.test("a disk that is full at once gets all of the reserve in one look", () => {
  const disk = new FakeDisk(100);
  disk.looks(9);
  disk.room = 0;
  deepEqual(disk.looks(1), ["full 0"]);
});

Deno.test("coming back wants the whole reserve and some more, and is tried in steps", () => {
  const disk = new FakeDisk(100);
  disk.looks(9);
  disk.room = 32.5;
  disk.looks(1);
  disk.room = 35;
  // It waits, climbs, meets the end, gives back again and waits as long again.
  deepEqual(disk.looks(10).slice(-1), ["low 24"]);
  deepEqual(disk.looks(3), ["low 28", "low 32", "low 20"]);
  deepEqual(disk.looks(9), Array.from({ length: 9 }, () => "low 20"));
  disk.room = 36;
  deepEqual(disk.looks(4), ["low 24", "low 28", "low 32", "ok 32"]);
});

Deno.test("a full disk that gets room again comes back from nothing", () => {
  const disk = new FakeDisk(0);
  deepEqual(disk.looks(1), ["full 0"]);
  disk.room = 100;
  const states = disk.looks(19);
  deepEqual(states.slice(0, 9), Array.from({ length: 9 }, () => "low 0"));
  deepEqual(states.slice(9, 12), ["low 4", "low 8", "low 12"]);
  deepEqual(states.slice(-3), ["low 32", "ok 32", "ok 32"]);
});

Deno.test("a disk too small for the reserve is written to until that shows, then never again", () => {
  const disk = new FakeDisk(15);
  deepEqual(disk.looks(4), ["ok 4", "ok 8", "ok 12", "low 0"]);
  ok(disk.looks(100).every((state) => state.startsWith("low")));
});

Deno.test("a KV that finds the disk full is believed before the next look", () => {
  const disk = new FakeDisk(100);
  disk.looks(9);
  disk.guard.refused(9_001);
  equal(disk.guard.state(9_002), "low");
  equal(disk.held, 20);
  disk.guard.refused(9_003);
  equal(disk.held, 0);
});

Deno.test("before the KV is opened there is room for its collector, or the disk is full", () => {
  const roomy = new FakeDisk(8);
  equal(roomy.guard.makeRoom(0), "ok");
  equal(roomy.held, 0, "nothing is kept of what was tried");
  const saved = new FakeDisk(35);
  saved.held = 32;
  equal(saved.guard.makeRoom(0), "low");
  equal(saved.held, 0);
  equal(new FakeDisk(0.5).guard.makeRoom(0), "full");
});

Deno.test("an older, smaller reserve grows, a longer one is cut", () => {
  const disk = new FakeDisk(100);
  disk.held = 8;
  deepEqual(disk.looks(2), ["ok 12", "ok 16"]);
  disk.held = 33;
  deepEqual(disk.looks(1), ["ok 32"]);
});

Deno.test("the disk is looked at once in a while of the caller's clock", () => {
  const disk = new FakeDisk(100);
  disk.guard.state(1_000);
  disk.room = 0;
  equal(disk.guard.state(1_999), "ok");
  equal(disk.tried, 1);
  equal(disk.guard.state(0), "full", "a clock set back is looked at too");
});

Deno.test("a disk that cannot be looked at is taken for a good one", () => {
  const reserve = { bytes: () => null, take: () => true, cut: () => {} };
  const guard = new DiskGuard("/nowhere/at/all/tapewatch.kv", { reserve });
  equal(guard.state(0), "ok");
  equal(guard.use(0), null);
});

import { equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { DiskGuard, freeBytes } from "../../lib/store/mod.ts";
import { inTempDir } from "./support.ts";

const MB = 2 ** 20;

/** A guard of a disk whose free space the test sets; the ballast counts while it lies there. */
function guarded(directory: string) {
  const disk = { free: 100 * MB, looks: 0 };
  const path = `${directory}/kv.sqlite3`;
  const ballast = `${path}.ballast`;
  const guard = new DiskGuard(path, {
    lowBytes: 32 * MB,
    fullBytes: 8 * MB,
    ballastBytes: 4 * MB,
    free: () => {
      disk.looks++;
      return disk.free - (existsSync(ballast) ? 4 * MB : 0);
    },
  });
  return { disk, guard, ballast };
}

Deno.test("free space of a real directory is known, of a missing one is not", async () => {
  await inTempDir((directory) => {
    ok((freeBytes(`${directory}/kv.sqlite3`) ?? 0) > 0);
    equal(freeBytes(`${directory}/nowhere/kv.sqlite3`), null);
    return Promise.resolve();
  });
});

Deno.test("with room the ballast is laid; low keeps it; full gives it up; room brings it back", async () => {
  await inTempDir((directory) => {
    const { disk, guard, ballast } = guarded(directory);
    equal(guard.state(0), "ok");
    ok(existsSync(ballast));
    disk.free = 30 * MB;
    equal(guard.state(5000), "low");
    ok(existsSync(ballast));
    disk.free = 5 * MB;
    equal(guard.state(10_000), "full");
    ok(!existsSync(ballast));
    disk.free = 10 * MB;
    equal(guard.state(15_000), "low");
    disk.free = 39 * MB;
    equal(guard.state(20_000), "low", "coming back wants more than staying");
    ok(!existsSync(ballast));
    disk.free = 41 * MB;
    equal(guard.state(25_000), "ok");
    ok(existsSync(ballast));
    return Promise.resolve();
  });
});

Deno.test("the disk is looked at once in five seconds of the caller's clock", async () => {
  await inTempDir((directory) => {
    const { disk, guard } = guarded(directory);
    guard.state(1000);
    const { looks } = disk;
    disk.free = 0;
    equal(guard.state(5999), "ok");
    equal(disk.looks, looks);
    equal(guard.state(6000), "full");
    disk.free = 100 * MB;
    equal(guard.state(0), "ok", "a clock set back is looked at too");
    return Promise.resolve();
  });
});

Deno.test("a disk that cannot be measured is taken for a good one", () => {
  const guard = new DiskGuard("/nowhere/at/all/kv.sqlite3");
  equal(guard.state(0), "ok");
});

import { deepEqual, equal, ok } from "../../assert.ts";
import { DiskGuard, fileReserve } from "../../../lib/store/mod.ts";
import { inTempDir } from "../support.ts";

Deno.test("the reserve is a file beside the other, really written, longer and shorter", async () => {
  await inTempDir((directory) => {
    const reserve = fileReserve(`${directory}/a.kv`);
    equal(reserve.bytes(), 0);
    ok(reserve.take(70_000));
    ok(reserve.take(30_000));
    equal(reserve.bytes(), 100_000);
    const bytes = Deno.readFileSync(`${directory}/a.kv.ballast`);
    ok(new Set(bytes.subarray(-30_000)).size > 200, "not what compresses");
    reserve.cut(200_000);
    equal(reserve.bytes(), 100_000, "a cut makes nothing longer");
    reserve.cut(10);
    equal(reserve.bytes(), 10);
    reserve.cut(0);
    deepEqual([...Deno.readDirSync(directory)], []);
    reserve.cut(0);
    return Promise.resolve();
  });
});

Deno.test({
  name: "a disk without room refuses it",
  // Linux has a device that is always full.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await inTempDir((directory) => {
      Deno.symlinkSync("/dev/full", `${directory}/a.kv.ballast`);
      equal(fileReserve(`${directory}/a.kv`).take(1), false);
      return Promise.resolve();
    });
  },
});

Deno.test("where nothing can be written, nothing is known", () => {
  const reserve = fileReserve("/dev/null/a.kv");
  equal(reserve.bytes(), null);
  ok(reserve.take(1));
});

Deno.test("the use is that of the file and its log, and of the reserve", async () => {
  await inTempDir((directory) => {
    const path = `${directory}/a.kv`;
    Deno.writeFileSync(path, new Uint8Array(1000));
    const guard = new DiskGuard(path, { reserveBytes: 100, stepBytes: 60 });
    const use = { state: "ok", fileBytes: 1000, reserveBytes: 60, reserveGoalBytes: 100 };
    deepEqual(guard.use(0), use);
    Deno.writeFileSync(`${path}-wal`, new Uint8Array(234));
    deepEqual(guard.use(10_000), { ...use, fileBytes: 1234, reserveBytes: 100 });
    return Promise.resolve();
  });
});

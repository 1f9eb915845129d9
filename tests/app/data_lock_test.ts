import { equal, ok, throws } from "../assert.ts";
import { Refusal } from "../../lib/app/refusal.ts";
import { DataLock } from "../../lib/app/takeover/data_lock.ts";

const HOLDER = `
  const file = Deno.openSync(Deno.args[0], { read: true, write: true, create: true });
  Deno.stdout.writeSync(new Uint8Array([file.tryLockSync(true) ? 1 : 0]));
  setInterval(() => {}, 1000);
`;

Deno.test("a lock is another process's until that ends, however it ends", async () => {
  const folder = Deno.makeTempDirSync();
  const program = `${folder}/holder.ts`;
  Deno.writeTextFileSync(program, HOLDER);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", program, `${folder}/tapewatch.lock`],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  equal(value?.[0], 1);
  {
    using lock = DataLock.open(folder);
    ok(lock);
    equal(lock.take(), false);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    equal(lock.take(), true);
    equal(lock.take(), true);
    // And who comes now finds it taken.
    using other = DataLock.open(folder);
    equal(other?.take(), false);
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a lock that cannot be opened is refused in words", () => {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}/tapewatch.lock`);
  throws(() => DataLock.open(folder), Refusal);
  Deno.removeSync(folder, { recursive: true });
});

import { equal } from "../../assert.ts";
import { openSink, type Sink } from "../../../lib/app/backup/files.ts";

async function write(sink: Sink, text: string): Promise<void> {
  const writer = sink.writable().getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

Deno.test("what stands where a backup is written first is not written to, nor its mode kept", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/other`, "other");
    const part = `${folder}/backup.${Deno.pid}.part`;
    Deno.symlinkSync(`${folder}/other`, part);
    using sink = openSink(`${folder}/backup`);
    await write(sink, "whole");
    sink.keep();
    equal(Deno.readTextFileSync(`${folder}/backup`), "whole");
    equal(Deno.lstatSync(`${folder}/backup`).isSymlink, false);
    equal((Deno.statSync(`${folder}/backup`).mode ?? 0) & 0o777, 0o600);
    equal(Deno.readTextFileSync(`${folder}/other`), "other");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a backup is written to a device, which cannot be synced", async () => {
  using sink = openSink("/dev/null");
  await write(sink, "whole");
  sink.keep();
});

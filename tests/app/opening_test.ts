import { equal } from "../assert.ts";
import { ensureFolder } from "../../lib/app/opening.ts";

Deno.test("a data folder that is made is its user's alone, one that is there stays as it is", () => {
  const folder = Deno.makeTempDirSync();
  const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
  try {
    equal(modeOf(ensureFolder(`${folder}/data`)), 0o700);
    Deno.chmodSync(`${folder}/data`, 0o750);
    equal(modeOf(ensureFolder(`${folder}/data`)), 0o750);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

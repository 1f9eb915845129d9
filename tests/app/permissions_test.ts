import { deepEqual, equal } from "../assert.ts";
import { fixedFlags } from "../../.ci/compile.ts";
import { DATA_FOLDERS } from "../../lib/app/permissions.ts";

/** Starts as a build does, opens what the service opens, shuts the rest, then tries the locks. */
const PROBE = `
import { DiskGuard } from ${JSON.stringify(import.meta.resolve("../../lib/store/disk/guard.ts"))};
import { confine } from ${JSON.stringify(import.meta.resolve("../../lib/app/permissions.ts"))};
const [data, outside] = Deno.args;
const tried = {};
async function attempt(name, act) {
  try {
    await act();
    tried[name] = "done";
  } catch (error) {
    tried[name] = error instanceof Deno.errors.NotCapable ? "refused" : error.constructor.name;
  }
}
await attempt("read all before", () => Deno.readTextFileSync("/etc/passwd"));
const kv = await Deno.openKv(data + "/probe.kv");
tried.open = await confine(data);
await attempt("read /etc/passwd", () => Deno.readTextFileSync("/etc/passwd"));
await attempt("write outside", () => Deno.writeTextFileSync(outside, "x"));
await attempt("environment", () => Deno.env.get("SYMBOLS"));
await attempt("disk", () => {
  const guard = new DiskGuard(data + "/probe.kv", { reserveBytes: 1000, pieceBytes: 100 });
  guard.state(0);
  guard.state(10_000);
  tried.reserveBytes = guard.use(10_000)?.reserveBytes;
});
await attempt("store", async () => {
  await kv.atomic().set(["a"], 1, { expireIn: 1000 }).commit();
  await kv.get(["a"]);
});
await attempt("elsewhere", () => fetch("https://example.com"));
await attempt("loopback", () => fetch("http://127.0.0.1:9"));
await attempt("program", () => new Deno.Command("true").outputSync());
await attempt("library", () => Deno.dlopen("libc.so.6", {}));
await attempt("foreign code", () => import("https://deno.land/x/none.ts"));
kv.close();
console.log(JSON.stringify(tried));
`;

async function probe(files: (data: string) => readonly string[]): Promise<unknown> {
  const folder = Deno.makeTempDirSync();
  const data = `${folder}/data`;
  Deno.mkdirSync(data);
  try {
    Deno.writeTextFileSync(`${folder}/probe.js`, PROBE);
    const open = files(data).join();
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-lock", "--no-remote", ...fixedFlags([]), `--allow-read=${open}`],
        ...[`--allow-write=${open}`, `${folder}/probe.js`, data, `${folder}/outside`],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const out = new TextDecoder().decode(stdout);
    equal(new TextDecoder().decode(stderr), "");
    return JSON.parse(out);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const LOCKED = {
  "read all before": "done",
  open: true,
  "read /etc/passwd": "refused",
  "write outside": "refused",
  environment: "refused",
  disk: "done",
  reserveBytes: 1000,
  store: "done",
  elsewhere: "refused",
  loopback: "TypeError",
  program: "refused",
  library: "refused",
  "foreign code": "TypeError",
};

Deno.test("started with its data folder, a build ends up with that folder and its hosts", async () => {
  deepEqual(await probe((data) => ["/", data]), LOCKED);
});

Deno.test("started without knowing it, a build keeps the nearest of the usual places", async () => {
  // What is outside of the data lies in the same folder for temporary files.
  const files = ["/", ...DATA_FOLDERS];
  deepEqual(await probe(() => files), { ...LOCKED, "write outside": "done" });
});

/**
 * Builds `dist/tapewatch`, one file that needs nothing else on the machine.
 *
 *     deno task compile [--net=HOST,HOST] [--as=compiled|packed] [--out=FILE]
 *
 * The program is bundled and put before a runtime: the one of `DENORT_BIN`, else the one
 * that Deno downloads for `deno compile`, else, where neither can be had, the Deno that
 * runs this, behind a script that unpacks it on the first start. All get the same flags.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { COLLECTORS } from "../collectors/mod.ts";
import { DATA_FOLDERS, EVERYWHERE } from "../lib/app/permissions.ts";
import { NOTIFY_SOCKETS } from "../lib/app/watchdog.ts";
import { ENV_NAMES } from "../lib/config.ts";
import { type Cuts, leanRuntime } from "./lean/runtime.ts";
import { cutsFor } from "./lean/used_pages.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** How long Deno may try to download its runtime. */
const DOWNLOAD_MS = 180_000;

/** Loopback for the simulator and a local proxy; every address, for HTTP_ADDR to listen on. */
const LOCAL = ["127.0.0.0/8", "localhost", "[::1]", "0.0.0.0", "[::]"];

/**
 * For less memory: a small nursery, a heap that grows by a tenth before it is collected, and no
 * baseline code, which is 3 MB and saves no time that could be measured; with gc()
 * lib/app/small_heap.ts does the rest. What is compiled stays, which takes no memory that could
 * be measured, and the first question after a pause waits less. With short calls of builtins, which
 * save no such time either, V8 would copy 2.2 MB of its code beside what it compiles, where there
 * are 4 GB of memory and its own code lies far away. The quick compiler waits four times as long
 * as it does by itself and the thorough one twenty times: 1 MB less, no answer slower, and the
 * p99 of those soon after the start 20 ms instead of 41. The quick one copies
 * neither what a function calls nor the first round of a loop: a fifth of the compiled code and
 * a twentieth to a tenth of the processor's time less. Not `--optimize-for-size`, which
 * saves 1 MB and whose collections stop everything for 20 ms, nor `--no-opt`, which would take
 * another 3 MB away: commands then take a third longer (medians over HTTP, live, 20 symbols:
 * 1.8 ms, not 1.4).
 */
export const V8_FLAGS: string = [
  ...["--max-semi-space-size=1", "--min-semi-space-size=1", "--heap-growing-percent=10"],
  ...["--no-sparkplug", "--no-flush-bytecode", "--no-short-builtin-calls", "--expose-gc"],
  ...["--invocation-count-for-maglev=1500", "--invocation-count-for-turbofan=60000"],
  ...["--no-maglev-inlining", "--no-maglev-loop-peeling"],
].join();

/** What is fixed when building; files are not, since only DATA_DIR tells which. */
export function fixedFlags(moreHosts: readonly string[]): string[] {
  const venues = COLLECTORS.flatMap(({ ws, rest }) => [ws, rest])
    .map((url) => new URL(url).hostname);
  const sockets = NOTIFY_SOCKETS.map((path) => `unix:${path}`);
  const net = new Set([...venues, "api.telegram.org", ...LOCAL, ...sockets, ...moreHosts]);
  return [
    ...["--no-prompt", "--no-config", "--no-code-cache", "--unstable-kv", "--unstable-net"],
    `--v8-flags=${V8_FLAGS}`,
    `--allow-net=${[...net].join()}`,
    `--allow-env=${ENV_NAMES.join()}`,
    // For `import` alone, which asks whether there is room before it writes.
    "--allow-sys=statfs",
  ];
}

/** What is to be built, and where. */
export interface Target {
  /** The bundled program. */
  readonly program: string;
  readonly flags: readonly string[];
  readonly out: string;
  /** What runs it where nothing is compiled; the Deno that runs this unless told. */
  readonly runtime?: string;
}

/** One minified module without anything of npm that is not used. */
export async function bundle(out: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform=browser", "--external=node:*"],
      ...[`--output=${out}`, "main.ts"],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (code !== 0) throw new Error(`Cannot bundle main.ts: ${new TextDecoder().decode(stderr)}`);
  // One character that is not Latin makes V8 keep the whole text with two bytes for each; the
  // bundler leaves those of regular expressions as they are.
  const ascii = Deno.readTextFileSync(out).replace(/[\u0080-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  Deno.writeTextFileSync(out, ascii);
}

/** With Deno's own runtime; the reason where that cannot be had. */
async function compile({ program, flags, out }: Target): Promise<string | null> {
  const files = [EVERYWHERE, ...DATA_FOLDERS].join();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["compile", "--no-check", "--no-lock", "--app-name=tapewatch", `--output=${out}`],
      ...[...flags, `--allow-read=${files}`],
      ...[`--allow-write=${files},${NOTIFY_SOCKETS.join()}`, program],
    ],
    cwd: dirname(program),
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(DOWNLOAD_MS),
  }).output();
  if (code === 0) return null;
  const [said = ""] = new TextDecoder().decode(stderr).split("Stack backtrace");
  const causes = said.split("\n").map((line) => line.trim());
  return causes.findLast((line) => /^(error|\d+): /.test(line)) ?? `exit code ${code}`;
}

/**
 * A module as a script that `launcher.sh` has evaluated: the text of a module Deno keeps beside
 * V8's own, 0.7 MB, and looks through it at its first start, which takes 20 MB and is not given
 * back.
 *
 * @throws {TypeError} where the module imports before it runs, which a script cannot
 */
export function asScript(module: string): string {
  if (/^(import|export)[ {*]/m.test(module)) throw new TypeError("The bundle is no plain script");
  const body = module.replaceAll("import.meta.main", "true");
  return `(async()=>{"use strict";${body}\n})()\n//# sourceURL=tapewatch.js\n`;
}

/** With a runtime beside it, in pieces and compressed by what every machine can undo: gzip. */
export function pack(target: Target, version: string, cuts?: Cuts): void {
  const { program, flags, out, runtime: path = Deno.execPath() } = target;
  const original = Deno.readFileSync(path);
  const text = new TextEncoder().encode(asScript(Deno.readTextFileSync(program)));
  const lean = leanRuntime(original, cuts ?? cutsFor(sha256(original)));
  const runtime = lean?.bytes ?? original;
  const [runtimeHash, programHash] = [sha256(runtime), sha256(text)];
  const packed = gzipSync(runtime, { level: 9 });
  const values: Record<string, string | number> = {
    VERSION: version,
    RUNTIME_SIZE: runtime.length,
    RUNTIME_HASH: runtimeHash,
    RUNTIME_NAME: `deno-${runtimeHash.slice(0, 12)}`,
    LOADER: lean?.loader ?? "",
    PACKED_SIZE: packed.length,
    PROGRAM_SIZE: text.length,
    PROGRAM_HASH: programHash,
    PROGRAM_NAME: `tapewatch-${programHash.slice(0, 12)}`,
    FLAGS: [...flags, "--no-lock", "--no-remote", "--no-npm"].map(quoted).join(" "),
    NOTIFY: NOTIFY_SOCKETS.join(),
  };
  const launcher = Deno.readTextFileSync(`${ROOT}.ci/launcher.sh`)
    .replace(/@([A-Z_]+)@/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new RangeError(`Cannot fill @${name}@ of launcher.sh`);
      return String(value);
    });
  using file = Deno.openSync(out, { write: true, create: true, truncate: true, mode: 0o755 });
  for (const part of [new TextEncoder().encode(launcher), text, packed]) {
    for (let sent = 0; sent < part.length;) sent += file.writeSync(part.subarray(sent));
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** For sh: hosts may be written with brackets, which it would take for a pattern. */
function quoted(flag: string): string {
  return `'${flag.replaceAll("'", `'\\''`)}'`;
}

/** As the program itself says it. */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "--no-prompt", program, "version"],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      net: { type: "string", multiple: true },
      as: { type: "string" },
      out: { type: "string" },
    },
  });
  const as = values.as ?? "either";
  if (!["either", "compiled", "packed"].includes(as)) {
    throw new TypeError(`Cannot build --as=${as}: it is compiled or packed`);
  }
  const out = resolve(values.out ?? `${ROOT}dist/tapewatch`);
  Deno.mkdirSync(dirname(out), { recursive: true });
  // A running one keeps its file; deno compile does not overwrite what it has not made.
  if (existsSync(out)) Deno.removeSync(out);
  const folder = Deno.makeTempDirSync();
  try {
    const program = `${folder}/tapewatch.js`;
    await bundle(program);
    const hosts = (values.net ?? []).flatMap((list) => list.split(","));
    const target = { program, flags: fixedFlags(hosts), out };
    const refusal = as === "packed" ? "not asked for" : await compile(target);
    if (refusal !== null && as === "compiled") {
      say(`Cannot compile: no runtime could be had (${refusal}); set DENORT_BIN to one`);
      return 1;
    }
    if (refusal !== null) pack(target, await versionOf(program));
    const size = `${(Deno.statSync(out).size / 1e6).toFixed(1)} MB`;
    const runtime = Deno.env.get("DENORT_BIN") ?? "Deno's own runtime";
    say(
      refusal === null
        ? `${out}: compiled with ${runtime}, ${size}`
        : `${out}: self-extracting, with Deno ${Deno.version.deno} inside, ${size} ` +
          `(deno compile: ${refusal})`,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  return 0;
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main());

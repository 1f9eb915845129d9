/** What the launcher of the built file does by itself, without the rest of that file. */
import { deepEqual, equal, ok, throws } from "../assert.ts";
import { fileURLToPath } from "node:url";
import { asScript, pack } from "../../.ci/compile.ts";
import { parseDotenv } from "../../lib/dotenv.ts";

const LAUNCHER = Deno.readTextFileSync(
  fileURLToPath(new URL("../../.ci/launcher.sh", import.meta.url)),
);

/** Shells that are there. */
const SHELLS = [["sh"], ["busybox", "sh"], ["bash", "--posix"]].filter(([command = ""]) =>
  new Deno.Command("sh", { args: ["-c", `command -v ${command}`], stdout: "null" }).outputSync()
    .success
);

/** The part of the launcher between two of its lines. */
function part(from: string, to: string): string {
  const [start, end] = [LAUNCHER.indexOf(from), LAUNCHER.indexOf(to)];
  ok(start >= 0 && end > start, `${from} … ${to}`);
  return LAUNCHER.slice(start, end);
}

interface Shell {
  readonly shell: readonly string[];
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

function run(script: string, { shell: [command = "", ...args], cwd, env = {} }: Shell): string {
  const { stdout, stderr } = new Deno.Command(command, {
    args: [...args, "-c", script],
    ...{ cwd, env, clearEnv: true },
  }).outputSync();
  equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

/** As lib/config.ts takes it: without blanks around it, and nothing is none. */
const taken = (value: string | undefined) => value?.trim() || "./data";

const DOTENVS = [
  "DATA_DIR=/srv/tape",
  "\uFEFFDATA_DIR=/srv/tape\r\nSYMBOLS=BTC\r\n",
  "\uFEFF# the desk\nDATA_DIR=/srv/tape\n",
  "DATA_DIR=/srv/old\nDATA_DIR=",
  "DATA_DIR=/srv/old\nDATA_DIR=\nSYMBOLS=BTC\n",
  "DATA_DIR=/srv/old\nDATA_DIR= # none",
  "DATA_DIR=/srv/old\nDATA_DIR=/srv/new",
  "export DATA_DIR = 'my data' # here",
  "DATA_DIR=' /srv/tape '",
  'DATA_DIR="  my data  "\r\n',
  'DATA_DIR="\t"\n',
  'DATA_DIR="a \\"quoted\\" \\\\ folder" # b',
  "DATA_DIR='back\\slash # kept'",
  "DATA_DIR=back\\slash # not kept",
  "DATA_DIR=a#b",
  "DATA_DIR=#b",
  "DATA_DIR='é' # ü",
  'DATA_DIR="\\é"',
  "#DATA_DIR=/no\nOTHER_DATA_DIR=/no\nDATA_DIRS=/no\n",
  "",
];

Deno.test({
  name: "the launcher reads DATA_DIR of a .env file as the program does",
  ignore: Deno.build.os !== "linux",
  fn() {
    const script = part("data=${DATA_DIR:-}", "# Whether the file $1 has $2 bytes") +
      `printf %s "$data"`;
    const cwd = Deno.makeTempDirSync();
    try {
      const { PATH = "" } = Deno.env.toObject();
      for (const shell of SHELLS) {
        for (const text of DOTENVS) {
          Deno.writeTextFileSync(`${cwd}/.env`, text);
          const expected = taken(parseDotenv(text).DATA_DIR);
          equal(run(script, { shell, cwd, env: { PATH } }), expected, `${shell} ${text}`);
        }
        for (const set of ["", " ", "/srv/tape", " /srv/my tape "]) {
          const env = { PATH, DATA_DIR: set };
          equal(run(script, { shell, cwd, env }), taken(set), `${shell} ${set}`);
        }
      }
    } finally {
      Deno.removeSync(cwd, { recursive: true });
    }
  },
});

/** Stands for Deno: says its version, and shows the program that its module has evaluated. */
const RUNTIME = `#!/bin/sh
case $1 in --version) exit 0 ;; esac
for word; do case $word in *.js)
  name=$(sed -n 's/.*dirname}.\\(tapewatch-[0-9a-f]*\\).*/\\1/p' "$word")
  cat "$(dirname "$word")/$name" ;;
esac; done
`;

/** A packed file in a folder of its own, whose runtime is only a few lines long. */
class Packed implements Disposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly cache = `${this.#folder}/cache/tapewatch-${Deno.uid()}`;

  constructor() {
    const [path, program] = [`${this.#folder}/runtime`, `${this.#folder}/program.js`];
    Deno.writeTextFileSync(path, RUNTIME);
    Deno.writeTextFileSync(program, "the program\n");
    pack({ program, flags: [], out: `${this.#folder}/tapewatch`, runtime: path }, "0");
  }

  start(): { code: number; out: string; err: string } {
    const { code, stdout, stderr } = new Deno.Command(`${this.#folder}/tapewatch`, {
      cwd: this.#folder,
      clearEnv: true,
      env: {
        ...{ PATH: Deno.env.get("PATH") ?? "", DATA_DIR: "/dev/null" },
        ...{ XDG_CACHE_HOME: `${this.#folder}/cache`, TMPDIR: "/dev/null" },
      },
    }).outputSync();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out: out ?? "", err: err ?? "" };
  }

  /** What was unpacked. */
  files(): string[] {
    const entries = [...Deno.readDirSync(this.cache)].filter(({ isFile }) => isFile);
    return entries.map(({ name }) => `${this.cache}/${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** Makes a file another one of the same size. */
function damage(path: string): void {
  Deno.writeFileSync(path, new Uint8Array(Deno.statSync(path).size).fill(127));
}

Deno.test({
  name: "what was unpacked and is damaged since is unpacked again, though its size is the same",
  ignore: Deno.build.os !== "linux",
  fn() {
    using packed = new Packed();
    const good = { code: 0, out: asScript("the program\n"), err: "" };
    deepEqual(packed.start(), good);
    const files = packed.files();
    equal(files.length, 3, "the runtime, the program, and the module that starts it");
    for (const path of files) {
      damage(path);
      deepEqual(packed.start(), good, path);
    }
  },
});

Deno.test("a module is packed as a script that runs as strictly, unless it imports others", async () => {
  const module = "var kept=[import.meta.main,(function(){return this})()];globalThis.tried=kept;";
  await (0, eval)(asScript(module));
  deepEqual(Reflect.get(globalThis, "tried"), [true, undefined]);
  Reflect.deleteProperty(globalThis, "tried");
  equal(Reflect.has(globalThis, "kept"), false);
  throws(() => asScript('var a=1;\nimport{b}from"c";'), TypeError);
});

Deno.test({
  name: "what a killed start left behind goes after an hour",
  ignore: Deno.build.os !== "linux",
  fn() {
    using packed = new Packed();
    packed.start();
    const [old, fresh] = [`${packed.cache}/part.1`, `${packed.cache}/part.2`];
    for (const path of [old, fresh]) Deno.writeTextFileSync(path, "half");
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    Deno.utimeSync(old, longAgo, longAgo);
    equal(packed.start().code, 0);
    const names = [...Deno.readDirSync(packed.cache)].map(({ name }) => name);
    deepEqual(names.filter((name) => name.startsWith("part.")), ["part.2"]);
  },
});

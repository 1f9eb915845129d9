/**
 * The house rules of the design as tests: who may import whom, which doors lead outside,
 * and that a file which says "This module is pure." is.
 */
import { deepEqual, ok } from "./assert.ts";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

interface SourceFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and string contents, for the searches of doors. */
  readonly code: string;
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(ROOT + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (/\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts")) yield path;
  }
}

function read(path: string): SourceFile {
  const text = Deno.readTextFileSync(ROOT + path);
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1")
    .replace(/`(?:\\.|[^`\\])*`/g, "``");
  return { path, text, code };
}

const PRODUCT: readonly SourceFile[] = [
  "main.ts",
  ...walk("lib"),
  ...walk("collectors"),
  ...walk("commands"),
].map(read);

/** `lib/market/bucket.ts` → `lib/market`; files right under lib/ are rooms of their own. */
function roomOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "lib" ? parts.slice(0, 2).join("/") : parts[0] ?? "";
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const statement =
    /^(?:import|export)\s+(type\s+)?([^"';=]*?)\s*from\s+"([^"]+)";|^import\s+"([^"]+)";/gm;
  for (const match of file.text.matchAll(statement)) {
    const [, type, names = "", from, bare] = match;
    const named = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
    const allTypes = named !== undefined &&
      named.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
    found.push({ target: from ?? bare ?? "", typeOnly: type !== undefined || allTypes });
  }
  for (const match of file.code.matchAll(/\bimport\("([^"]+)"\)/g)) {
    found.push({ target: match[1] ?? "", typeOnly: false });
  }
  return found;
}

/** The path that a relative import means; `null` for a package. */
function resolve(from: string, target: string): string | null {
  if (!target.startsWith(".")) return null;
  const parts = from.split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

/** The composition: `lib/app` helps `main.ts` and may import whatever it may. */
const COMPOSITION = /^main\.ts$|^lib\/app\//;

/**
 * The import table: what a room may import as values. `types` may only be imported as
 * types: what a part needs of another comes to it as an argument.
 */
const TABLE: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
  "lib/market": { values: [] },
  "lib/options": { values: ["lib/market"] },
  collectors: { values: ["lib/market", "lib/options"] },
  commands: {
    values: ["lib/market", "lib/options", "lib/reply"],
    types: ["lib/account", "lib/alerts", "lib/tape", "lib/store"],
  },
  "lib/reply": { values: ["lib/market"], types: ["lib/account", "lib/alerts", "lib/tape"] },
  "lib/net": { values: [] },
  "lib/store": { values: ["lib/market"] },
  "lib/tape": {
    values: ["lib/market", "lib/net"],
    types: ["lib/store", "lib/reply", "lib/log.ts", "lib/metrics.ts"],
  },
  "lib/alerts": {
    values: ["lib/market", "lib/reply"],
    types: ["lib/store", "lib/log.ts", "lib/metrics.ts"],
  },
  "lib/account": { values: ["lib/market", "lib/net"], types: ["lib/log.ts"] },
  "lib/bot": {
    values: ["lib/market", "lib/reply", "commands"],
    types: ["lib/log.ts", "lib/metrics.ts", "lib/store"],
  },
  "lib/web": {
    values: ["lib/market", "lib/reply", "commands", "lib/metrics.ts"],
    types: ["lib/log.ts", "lib/store"],
  },
};

Deno.test("every import between rooms is in the import table", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    const room = roomOf(file.path);
    const allowed = TABLE[room];
    if (!allowed) continue;
    for (const { target, typeOnly } of importsOf(file)) {
      const path = resolve(file.path, target);
      if (path === null) continue;
      const other = roomOf(path);
      const fine = other === room || allowed.values.includes(other) ||
        (typeOnly && (allowed.types ?? []).includes(other));
      if (!fine) wrong.push(`${file.path} imports ${path}${typeOnly ? " (types)" : ""}`);
    }
  }
  deepEqual(wrong, []);
});

Deno.test("every room has a line in the import table, files under lib/ import only each other", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    const room = roomOf(file.path);
    if (COMPOSITION.test(file.path) || TABLE[room]) continue;
    if (!/^lib\/[a-z_]+\.ts$/.test(file.path)) {
      wrong.push(`${file.path} is in no room`);
      continue;
    }
    for (const { target } of importsOf(file)) {
      const path = resolve(file.path, target);
      if (path !== null && !/^lib\/[a-z_]+\.ts$/.test(path)) wrong.push(`${file.path} → ${path}`);
    }
  }
  deepEqual(wrong, []);
});

/** A door: what only some places may touch. */
const DOORS: readonly { what: string; pattern: RegExp; only: RegExp }[] = [
  { what: "Deno KV", pattern: /\bopenKv\b|\bDeno\.Kv/, only: /^lib\/store\// },
  { what: "WebSocket", pattern: /\bnew WebSocket\b/, only: /^lib\/net\// },
  { what: "fetch", pattern: /(?<![.\w#])fetch\((?!request: )/, only: /^lib\/net\/|^main\.ts$/ },
  { what: "the environment", pattern: /\bDeno\.env\b/, only: /^lib\/config\.ts$/ },
  { what: "signals", pattern: /\bDeno\.addSignalListener\b/, only: /^main\.ts$/ },
  { what: "exit", pattern: /\bDeno\.exit\b|\bprocess\.exit\b/, only: /^main\.ts$/ },
  { what: "console", pattern: /\bconsole\./, only: /^lib\/log\.ts$/ },
];

for (const { what, pattern, only } of DOORS) {
  Deno.test(`${what} is used only behind its door`, () => {
    const outside = PRODUCT.filter((file) => pattern.test(file.code) && !only.test(file.path));
    deepEqual(outside.map((file) => file.path), []);
  });
}

/** Packages that belong to one room. */
const PACKAGES: readonly { name: RegExp; only: RegExp }[] = [
  { name: /^hono($|\/)/, only: /^lib\/web\// },
  { name: /^grammy($|\/)|^@grammyjs\//, only: /^lib\/bot\// },
  { name: /^(npm|jsr|https?):/, only: /^$/ },
];

Deno.test("Hono stays in lib/web, grammY in lib/bot, and no file names a registry", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    for (const { target } of importsOf(file)) {
      for (const { name, only } of PACKAGES) {
        if (name.test(target) && !only.test(file.path)) wrong.push(`${file.path} → ${target}`);
      }
    }
  }
  deepEqual(wrong, []);
});

Deno.test("Node's modules are only loaded when they are used: they take 3 MB of the service", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    for (const [statement] of file.text.matchAll(/^(?:import|export)\b[^;]*?"node:[^"]+";/gm)) {
      if (!/^(import|export) type /.test(statement)) wrong.push(`${file.path}: ${statement}`);
    }
  }
  deepEqual(wrong, []);
});

const PURE_LINE = "// This module is pure.";
const PURE = PRODUCT.filter((file) => file.text.startsWith(PURE_LINE));

Deno.test("assertions come from tests/assert.ts alone: by their names Deno gives loose ones", () => {
  const loose = [...walk("tests")].map(read)
    .filter(({ path, text }) =>
      path !== "tests/assert.ts" && /^(import|}).* from "node:assert/m.test(text)
    );
  deepEqual(loose.map(({ path }) => path), []);
});

Deno.test("the pure rooms are pure throughout, and a pure file imports only pure ones", () => {
  const pure = new Set(PURE.map((file) => file.path));
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    const mustBe = /^(lib\/market|lib\/options|collectors)\//.test(file.path);
    if (mustBe && !pure.has(file.path)) wrong.push(`${file.path} does not say that it is pure`);
    if (!pure.has(file.path)) continue;
    for (const { target, typeOnly } of importsOf(file)) {
      const path = resolve(file.path, target);
      if (path === null) wrong.push(`${file.path} imports the package ${target}`);
      else if (!typeOnly && !pure.has(path)) wrong.push(`${file.path} imports ${path}`);
    }
    for (
      const impure of [/\bDate\.now\b/, /\bMath\.random\b/, /\bnew Date\(\)/, /\bglobalThis\b/]
    ) {
      if (impure.test(file.code)) wrong.push(`${file.path} uses ${impure.source}`);
    }
  }
  deepEqual(wrong, []);
});

Deno.test("pure files type-check without the types of Deno and of the browser", async () => {
  ok(PURE.length > 0);
  const folder = Deno.makeTempDirSync();
  try {
    const config = `${folder}/deno.json`;
    const { compilerOptions } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
    compilerOptions.lib = ["esnext"];
    compilerOptions.types = [];
    Deno.writeTextFileSync(config, JSON.stringify({ compilerOptions }));
    const files = PURE.map((file) => ROOT + file.path);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", "--config", config, ...files],
      env: { NO_COLOR: "1" },
    }).output();
    deepEqual({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("no module keeps mutable state at its top level", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    for (const line of file.code.split("\n")) {
      if (/^(export )?(let|var) /.test(line)) wrong.push(`${file.path}: ${line}`);
      // A bare Map or Set at the top is state unless it is filled where it is made.
      if (/^(export )?const \w+ = new (Map|Set|WeakMap)\b(?!.*\]\))/.test(line)) {
        wrong.push(`${file.path}: ${line}`);
      }
    }
  }
  deepEqual(wrong, []);
});

Deno.test("no type is given up: no any, no ts-ignore (a non-null assertion is refused by lint)", () => {
  const wrong: string[] = [];
  for (const file of PRODUCT) {
    for (const sin of [/:\s*any\b/, /\bas any\b/, /@ts-ignore/, /@ts-nocheck/, /<any>/]) {
      if (sin.test(file.code)) wrong.push(`${file.path}: ${sin.source}`);
    }
  }
  deepEqual(wrong, []);
});

Deno.test("a file is one idea: none is over 250 lines, no folder over fifteen files", () => {
  const wrong: string[] = [];
  const folders = new Map<string, number>();
  for (const file of PRODUCT) {
    const lines = file.text.split("\n").length - 1;
    if (lines > 250) wrong.push(`${file.path}: ${lines} lines`);
    const folder = file.path.split("/").slice(0, -1).join("/");
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  for (const [folder, files] of folders) {
    // One file a command and one a venue is the rule there, however many they become.
    if (files > 15 && folder !== "commands" && folder !== "collectors") {
      wrong.push(`${folder}: ${files} files`);
    }
  }
  deepEqual(wrong, []);
});

Deno.test("the top level holds what the design names and nothing else", () => {
  const allowed = new Set([
    ...["main.ts", "lib", "collectors", "commands", "tests", "deno.json", "deno.lock"],
    ...["Dockerfile", "README.md", "CHANGELOG.md", "LICENSE", ".ci", ".git", ".gitignore"],
    // Made by running the thing; git does not keep them.
    ...["data", "dist", "coverage", "node_modules", ".env", ".dockerignore"],
  ]);
  const found = [...Deno.readDirSync(ROOT)].map((entry) => entry.name);
  deepEqual(found.filter((name) => !allowed.has(name)), []);
});

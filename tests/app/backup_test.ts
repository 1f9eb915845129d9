import { deepEqual, equal, match, ok, rejects } from "../assert.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { type BackupTools, exportBackup, importBackup } from "../../lib/app/backup.ts";
import { Claim } from "../../lib/app/backup/claim.ts";
import { openStore, storePath } from "../../lib/app/opening.ts";
import { Refusal } from "../../lib/app/refusal.ts";
import { DataLock } from "../../lib/app/takeover/data_lock.ts";
import { type Config, readConfig } from "../../lib/config.ts";
import { Lease } from "../../lib/store/mod.ts";
import { Dice } from "../dice.ts";
import { BTC, HOUR_MS, inTempDir, NOW_MS, writeMinutes } from "../store/support.ts";

function configOf(dataDir: string): Config {
  const read = readConfig({ DATA_DIR: dataDir }, COLLECTORS.map(({ venue }) => venue));
  if ("faults" in read) throw new Error(read.faults.join());
  return read.config;
}

interface Desk {
  readonly tools: BackupTools;
  readonly told: string[];
}

function deskOf(dataDir: string, signal = new AbortController().signal): Desk {
  const told: string[] = [];
  const write = (text: string) => void told.push(text);
  const teller = { isTerminal: false, write, nowMs: () => 0 };
  const config = configOf(dataDir);
  return { told, tools: { config, app: "0.0.0", signal, nowMs: () => NOW_MS, teller } };
}

/** Two markets for two hours, a rule, and what must never leave. */
async function fill(dataDir: string): Promise<void> {
  const config = configOf(dataDir);
  using store = await openStore(config, storePath(config), () => NOW_MS);
  await writeMinutes(store, NOW_MS - 2 * HOUR_MS, NOW_MS);
  await store.records.set(["alert", "tg:1", "a1"], { text: "btc price > 1" });
  await store.records.set(["user", "77"], NOW_MS);
  for (const kind of ["invite", "outbox", "outgoing", "alert-follow", "alert-engine", "new"]) {
    await store.records.set([kind, "private-thing"], "private-thing");
  }
}

/** Every row of a store, as it is stored. */
async function rowsOf(dataDir: string): Promise<unknown[]> {
  using kv = await Deno.openKv(`${dataDir}/tapewatch.kv`);
  return await Array.fromAsync(kv.list({ prefix: [] }), ({ key, value }) => ({ key, value }));
}

async function refusalOf(run: () => Promise<void>): Promise<string> {
  let message = "";
  await rejects(run, (error) => {
    ok(error instanceof Refusal, String(error));
    message = error.message;
    return true;
  });
  return message;
}

Deno.test("a backup goes out and comes in again somewhere else, and says what it did", async () => {
  await inTempDir(async (folder) => {
    await fill(`${folder}/a`);
    const file = `${folder}/backup.ndjson.gz`;
    const out = deskOf(`${folder}/a`);
    await exportBackup(file, out.tools);
    match(
      out.told.at(-1) ?? "",
      /^Exported 240 minutes, 18 quarter-hours and 2 records to .*backup\.ndjson\.gz, 0\.0 MB\n$/,
    );
    ok(out.told.includes("exporting 50 %\n"));
    equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "a",
      "backup.ndjson.gz",
    ]);

    const { told, tools } = deskOf(`${folder}/b`);
    await importBackup(file, tools);
    match(told.join(""), /^checking [\s\S]*writing [\s\S]*^Imported 240 minutes, /m);
    using store = await openStore(tools.config, storePath(tools.config), tools.nowMs);
    equal((await store.read(BTC, 0, NOW_MS)).length, 120);
    deepEqual(await store.records.get(["alert", "tg:1", "a1"]), { text: "btc price > 1" });
    equal(await store.records.get(["user", "77"]), NOW_MS);
  });
});

Deno.test("an invitation, the outbox and unknown kinds of records stay in the house", async () => {
  await inTempDir(async (folder) => {
    await fill(folder);
    const file = `${folder}/backup.ndjson.gz`;
    await exportBackup(file, deskOf(folder).tools);
    const stream = (await Deno.open(file)).readable.pipeThrough(new DecompressionStream("gzip"));
    const text = await new Response(stream).text();
    const kinds = text.split("\n").filter((line) => line.includes('"type":"record"'))
      .map((line) => JSON.parse(line).key[0]);
    deepEqual(kinds, ["alert", "user"]);
    ok(!text.includes("private-thing"));
  });
});

Deno.test("whatever is wrong with the file, one message says it and no row changes", async () => {
  await inTempDir(async (folder) => {
    await fill(`${folder}/a`);
    await fill(`${folder}/b`);
    const sound = `${folder}/sound`;
    await exportBackup(sound, deskOf(`${folder}/a`).tools);
    const bytes = Deno.readFileSync(sound);
    const { tools } = deskOf(`${folder}/b`);
    const before = await rowsOf(`${folder}/b`);
    const dice = new Dice(3);
    const damaged: Uint8Array[] = [new Uint8Array(), new TextEncoder().encode("t,o,h\n1,2,3\n")];
    for (let nth = 0; nth < 20; nth++) {
      damaged.push(bytes.slice(0, dice.below(bytes.length)));
      const flipped = bytes.slice();
      const at = 10 + dice.below(bytes.length - 10);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << dice.below(8));
      damaged.push(flipped);
    }
    for (const content of damaged) {
      Deno.writeFileSync(`${folder}/damaged`, content);
      const message = await refusalOf(() => importBackup(`${folder}/damaged`, tools));
      match(message, /^Cannot import .*damaged: .*; nothing was changed$/);
      ok(!message.includes("\n"), message);
    }
    const refused = [
      [folder, /^Cannot read .*: it is a directory$/],
      [`${folder}/none`, /^Cannot read .*: No such file/],
      ["/dev/null", /^Cannot read \/dev\/null: it is no ordinary file$/],
    ] as const;
    for (const [path, wanted] of refused) {
      match(await refusalOf(() => importBackup(path, tools)), wanted);
    }
    deepEqual(await rowsOf(`${folder}/b`), before);
    await rejects(() => Deno.stat(`${folder}/c`));
    await refusalOf(() => importBackup(`${folder}/damaged`, deskOf(`${folder}/c`).tools));
    await rejects(() => Deno.stat(`${folder}/c`), Deno.errors.NotFound);
  });
});

Deno.test("an export that cannot be leaves no file, and an earlier backup as it was", async () => {
  await inTempDir(async (folder) => {
    const { tools } = deskOf(`${folder}/a`);
    const file = `${folder}/backup`;
    match(
      await refusalOf(() => exportBackup(file, tools)),
      /^Cannot export .*: there is no such store yet; is DATA_DIR right\?$/,
    );
    await fill(`${folder}/a`);
    match(await refusalOf(() => exportBackup(folder, tools)), /: it is a directory$/);
    match(
      await refusalOf(() => exportBackup(`${folder}/no/where`, tools)),
      /^Cannot write .*: No such file/,
    );
    if (Deno.build.os === "linux") {
      match(
        await refusalOf(() => exportBackup("/dev/full", tools)),
        /^Cannot write \/dev\/full: No space left on device/,
      );
      ok(Deno.statSync("/dev/full").isCharDevice);
    }
    Deno.writeTextFileSync(file, "the one of yesterday");
    match(
      await refusalOf(() => exportBackup(file, deskOf(`${folder}/a`, AbortSignal.abort()).tools)),
      /^Stopped: .*backup was not written$/,
    );
    equal(Deno.readTextFileSync(file), "the one of yesterday");
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["a", "backup"]);
    await exportBackup(file, tools);
    ok(Deno.readFileSync(file).length > 1000);
  });
});

Deno.test("while a process collects into the store, nothing is imported", async () => {
  await inTempDir(async (folder) => {
    await fill(folder);
    const file = `${folder}/backup`;
    const { tools } = deskOf(folder);
    await exportBackup(file, tools);
    const before = await rowsOf(folder);
    {
      using lock = DataLock.open(folder);
      ok(lock?.take());
      match(
        await refusalOf(() => importBackup(file, tools)),
        /^Cannot import .*: a running service has .*; stop it first; nothing was changed$/,
      );
    }
    deepEqual(await rowsOf(folder), before);
    await importBackup(file, tools);
  });
});

Deno.test("while a backup is put in, nobody else can take the store; afterwards anybody can", async () => {
  await inTempDir(async (folder) => {
    await fill(folder);
    const { tools } = deskOf(folder);
    using store = await openStore(tools.config, storePath(tools.config), tools.nowMs);
    const me = { id: "service", pid: 7, version: "0.0.0" };
    const lease = new Lease({ records: store.records, me, nowMs: tools.nowMs });
    {
      const claim = await Claim.open({ ...tools, store });
      ok("keep" in claim);
      await using _kept = claim;
      const { holder } = await lease.read();
      equal(holder?.pid, Deno.pid);
      ok(lease.isLive(holder));
    }
    equal((await lease.read()).holder, null);
  });
});

Deno.test("every kind of record that the code writes is decided on: exported or left", () => {
  const source = Deno.readTextFileSync(new URL("../../lib/app/backup.ts", import.meta.url));
  const decided = new Set([...source.matchAll(/^ {2}\["([a-z-]+)", (?:true|false)\],$/gm)]
    .map(([, kind]) => kind));
  const named = kindsInCode();
  ok(named.size >= 10, [...named].join());
  deepEqual([...named].filter((kind) => !decided.has(kind)), []);
});

/** The first words of record keys, as far as the usual ways to write them tell. */
function kindsInCode(): Set<string> {
  const kinds = new Set<string>();
  const texts: string[] = [];
  const walk = (folder: URL): void => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) walk(new URL(`${name}/`, folder));
      else if (name.endsWith(".ts")) texts.push(Deno.readTextFileSync(new URL(name, folder)));
    }
  };
  for (const room of ["alerts", "bot", "tape", "account", "web", "store"]) {
    walk(new URL(`../../lib/${room}/`, import.meta.url));
  }
  const used = /(?:\b(?:list|get|set|delete)\(|\bkey(?::| =) )\[([A-Z_]+|"[a-z-]+")/g;
  for (const text of texts) {
    for (const [, kind = ""] of text.matchAll(/_KEY = \["([a-z-]+)"\]/g)) kinds.add(kind);
    for (const [, first = ""] of text.matchAll(used)) {
      const quoted = first.startsWith('"');
      const value = quoted ? first : new RegExp(`const ${first} = ("[a-z-]+")`).exec(text)?.[1];
      if (value) kinds.add(value.slice(1, -1));
    }
  }
  return kinds;
}

import { deepEqual, equal, ok, rejects } from "../assert.ts";
import { DatabaseSync } from "node:sqlite";
import { type OpenFault, Store, StoreOpenError } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "./small_disk.ts";
import { BTC, inTempDir, liveBuckets, NOW_MS } from "./support.ts";

const nowMs = () => NOW_MS;

function open(path: string): Promise<Store> {
  return Store.open({ path, retentionHours: 72, nowMs, disk: SMALL_DISK });
}

/** Opening fails with this fault, in a message that names the path. */
async function refuses(path: string, fault: OpenFault): Promise<void> {
  await rejects(open(path), (error) => {
    ok(error instanceof StoreOpenError, String(error));
    equal(error.fault, fault);
    ok(error.message.includes(path), error.message);
    return true;
  });
}

Deno.test("a new file is made to shrink, and what it holds is there after a reopening", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    const minutes = liveBuckets(NOW_MS - 3_600_000, NOW_MS);
    {
      using store = await open(path);
      await store.writeSeries(BTC, minutes);
      await store.records.set(["a"], [1]);
    }
    using database = new DatabaseSync(path, { readOnly: true });
    equal(database.prepare("PRAGMA auto_vacuum").get()?.auto_vacuum, 1);
    using store = await open(path);
    deepEqual(await store.read(BTC, 0, NOW_MS), minutes);
    deepEqual(await store.records.get(["a"]), [1]);
  });
});

Deno.test("a missing directory is named", async () => {
  await inTempDir((directory) => refuses(`${directory}/nowhere/kv.sqlite3`, "missing"));
});

Deno.test("a directory in the file's place is refused, and nothing is laid beside it", async () => {
  await inTempDir(async (directory) => {
    Deno.mkdirSync(`${directory}/a`);
    await refuses(`${directory}/a`, "denied");
    deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["a"]);
  });
});

Deno.test({
  name: "a directory that may not be written to is named",
  // Root may write anywhere.
  ignore: Deno.uid() === 0,
  fn: () =>
    inTempDir(async (directory) => {
      await Deno.chmod(directory, 0o500);
      await refuses(`${directory}/kv.sqlite3`, "denied");
    }),
});

Deno.test("a file of garbage is refused and left alone", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    const garbage = new Uint8Array(8192).fill(65);
    await Deno.writeFile(path, garbage);
    await refuses(path, "damaged");
    deepEqual(await Deno.readFile(path), garbage);
  });
});

Deno.test("a truncated file is refused and left alone", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    {
      using store = await open(path);
      await store.writeSeries(BTC, liveBuckets(NOW_MS - 30 * 3_600_000, NOW_MS));
    }
    const bytes = await Deno.readFile(path);
    const half = bytes.subarray(0, 4096 * Math.floor(bytes.length / 8192) + 1000);
    await Deno.writeFile(path, half);
    await refuses(path, "damaged");
    deepEqual(await Deno.readFile(path), half);
  });
});

Deno.test("an empty file is a new one", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    await Deno.writeFile(path, new Uint8Array(0));
    using store = await open(path);
    equal(await store.records.get(["a"]), undefined);
  });
});

Deno.test("another program's SQLite database is refused and gets no tables of ours", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    {
      using database = new DatabaseSync(path);
      database.exec("CREATE TABLE cookies (name TEXT)");
    }
    await refuses(path, "foreign");
    using database = new DatabaseSync(path, { readOnly: true });
    equal(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n, 1);
  });
});

Deno.test("another program's KV is refused, with and without a schema row", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    {
      using kv = await Deno.openKv(path);
      await kv.set(["users", 1], "ann");
    }
    await refuses(path, "foreign");
    {
      using kv = await Deno.openKv(path);
      await kv.set(["schema"], { app: "shop", version: 1 });
    }
    await refuses(path, "foreign");
  });
});

Deno.test("rows of a newer version are refused", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    {
      using kv = await Deno.openKv(path);
      await kv.set(["schema"], { app: "tapewatch", version: 99 });
    }
    await refuses(path, "newer");
  });
});

/** SQLite's own fields of the header: the cache's pages, the freed pages, whose file it is. */
function headerOf(path: string): { cachePages: number; autoVacuum: number; id: string } {
  const bytes = Deno.readFileSync(path).subarray(0, 100);
  const header = new DataView(bytes.buffer);
  return {
    cachePages: header.getInt32(48),
    autoVacuum: header.getInt32(52),
    id: new TextDecoder().decode(bytes.subarray(68, 72)),
  };
}

Deno.test("a file bears our mark from its birth, and the KV leaves it there", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    for (let start = 0; start < 3; start++) {
      using store = await open(path);
      await store.writeSeries(BTC, liveBuckets(NOW_MS - 3_600_000, NOW_MS));
    }
    const { cachePages, autoVacuum, id } = headerOf(path);
    equal(id, "TWk1");
    ok(autoVacuum > 0);
    ok(cachePages > 0);
  });
});

Deno.test("a marked file is not prepared a second time, one of an older mark is", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    (await open(path)).close();
    const born = headerOf(path);
    for (const [id, cachePages] of [["TWk1", 7], ["TWk0", born.cachePages]] as const) {
      {
        using database = new DatabaseSync(path);
        const number = new DataView(new TextEncoder().encode(id).buffer).getInt32(0);
        database.exec(`PRAGMA default_cache_size = 7; PRAGMA application_id = ${number}`);
      }
      (await open(path)).close();
      const { cachePages: found, id: mark } = headerOf(path);
      deepEqual({ found, mark }, { found: cachePages, mark: "TWk1" });
    }
  });
});

Deno.test("an older file of ours is marked, and another program's KV is not", async () => {
  await inTempDir(async (directory) => {
    for (const [app, mark] of [["tapewatch", "TWk1"], ["shop", "\0\0\0\0"]] as const) {
      const path = `${directory}/${app}.kv`;
      {
        using kv = await Deno.openKv(path);
        await kv.set(["schema"], { app, version: 1 });
      }
      if (app === "tapewatch") (await open(path)).close();
      else await refuses(path, "foreign");
      equal(headerOf(path).id, mark);
    }
  });
});

Deno.test("a retention that makes no sense is refused", async () => {
  await rejects(Store.open({ path: ":memory:", retentionHours: 0, nowMs }), RangeError);
});

Deno.test("a full disk is refused before the KV is opened", async () => {
  await inTempDir(async (directory) => {
    const path = `${directory}/kv.sqlite3`;
    const disk = { reserve: { bytes: () => 0, take: () => false, cut: () => {} } };
    await rejects(
      Store.open({ path, retentionHours: 72, nowMs, disk }),
      (error) => error instanceof StoreOpenError && error.fault === "disk",
    );
    deepEqual([...Deno.readDirSync(directory)], []);
  });
});

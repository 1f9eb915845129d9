import { deepEqual, equal, rejects } from "../../assert.ts";
import { type Bucket, emptyBucket } from "../../../lib/market/bucket.ts";
import { PastCache } from "../../../lib/tape/past/past_cache.ts";

/** A store of minutes 0, 10, 20 … and the ranges that were read from it. */
function store() {
  const reads: [number, number][] = [];
  const load = (fromMs: number, toMs: number): Promise<Bucket[]> => {
    reads.push([fromMs, toMs]);
    const rows: Bucket[] = [];
    for (let t = Math.ceil(fromMs / 10) * 10; t < toMs; t += 10) rows.push(emptyBucket(t));
    return Promise.resolve(rows);
  };
  return { reads, load };
}

const times = (rows: readonly Bucket[]) => rows.map(({ t }) => t);

Deno.test("the second question reads only what has been added since", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  deepEqual(times(await cache.read("a", 0, 30, 0, load)), [0, 10, 20]);
  deepEqual(times(await cache.read("a", 10, 50, 0, load)), [10, 20, 30, 40]);
  deepEqual(times(await cache.read("a", 10, 30, 0, load)), [10, 20]);
  deepEqual(reads, [[0, 30], [30, 50]]);
});

Deno.test("an older beginning is read anew, and what changed is forgotten", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  await cache.read("a", 20, 30, 0, load);
  await cache.read("a", 0, 30, 0, load);
  cache.forget("a");
  await cache.read("a", 0, 30, 0, load);
  equal(reads.length, 3);
});

Deno.test("a caller may change its rows without changing what is held", async () => {
  const { load } = store();
  const cache = new PastCache();
  (await cache.read("a", 0, 30, 0, load)).length = 0;
  equal((await cache.read("a", 0, 30, 0, load)).length, 3);
});

Deno.test("two readers at once do not append the same rows twice", async () => {
  const { load } = store();
  const cache = new PastCache();
  await cache.read("a", 0, 30, 0, load);
  const asked = [cache.read("a", 0, 60, 0, load), cache.read("a", 0, 60, 0, load)];
  for (const rows of await Promise.all(asked)) deepEqual(times(rows), [0, 10, 20, 30, 40, 50]);
});

Deno.test("only the series asked about last are held, and not for long", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  for (let i = 0; i < 17; i++) await cache.read(`series ${i}`, 0, 30, i, load);
  reads.length = 0;
  await cache.read("series 16", 0, 30, 17, load);
  equal(reads.length, 0);
  await cache.read("series 0", 0, 30, 17, load);
  equal(reads.length, 1);
  cache.sweep(200_000);
  await cache.read("series 16", 0, 30, 200_000, load);
  equal(reads.length, 2);
});

Deno.test("a read that fails leaves nothing half held", async () => {
  const { load } = store();
  const cache = new PastCache();
  await cache.read("a", 0, 30, 0, load);
  await rejects(cache.read("a", 0, 50, 0, () => Promise.reject(new Error("disk"))));
  deepEqual(times(await cache.read("a", 0, 50, 0, load)), [0, 10, 20, 30, 40]);
});

Deno.test("a gap between what is held and what is asked is not read", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  await cache.read("a", 0, 30, 0, load);
  deepEqual(times(await cache.read("a", 500, 520, 0, load)), [500, 510]);
  deepEqual(reads, [[0, 30], [500, 520]]);
});

Deno.test("many days are not kept: who asked longest ago is read again", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  for (const [i, key] of ["a", "b", "c"].entries()) await cache.read(key, 0, 25_000, i, load);
  await cache.read("c", 0, 25_000, 3, load);
  await cache.read("b", 0, 25_000, 3, load);
  equal(reads.length, 3, "two of 2500 rows are kept");
  await cache.read("a", 0, 25_000, 4, load);
  equal(reads.length, 4);
});

Deno.test("what changes while it is read for the first time is read again by the next question", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  const read = Promise.withResolvers<void>();
  const first = cache.read("a", 0, 30, 0, async (fromMs, toMs) => {
    const rows = await load(fromMs, toMs);
    await read.promise;
    return rows;
  });
  cache.forget("a");
  read.resolve();
  await first;
  await cache.read("a", 0, 30, 0, load);
  deepEqual(reads, [[0, 30], [0, 30]]);
});

Deno.test("two who ask first at once read once", async () => {
  const { reads, load } = store();
  const cache = new PastCache();
  const asked = [cache.read("a", 0, 30, 0, load), cache.read("a", 0, 30, 0, load)];
  for (const rows of await Promise.all(asked)) deepEqual(times(rows), [0, 10, 20]);
  deepEqual(reads, [[0, 30]]);
});

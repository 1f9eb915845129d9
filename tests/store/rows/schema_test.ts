import { deepEqual, equal, rejects } from "../../assert.ts";
import { StoreOpenError } from "../../../lib/store/mod.ts";
import { ensureSchema, type Migration } from "../../../lib/store/rows/schema.ts";

Deno.test("an older file takes the migrations it lacks, each once, in order", async () => {
  using kv = await Deno.openKv(":memory:");
  await ensureSchema(kv, ":memory:");
  const ran: number[] = [];
  const step = (to: number): Migration => ({ to, run: () => Promise.resolve(void ran.push(to)) });
  await ensureSchema(kv, ":memory:", [step(2)]);
  deepEqual(ran, [2]);
  await ensureSchema(kv, ":memory:", [step(2), step(3), step(4)]);
  deepEqual(ran, [2, 3, 4]);
  await ensureSchema(kv, ":memory:", [step(2), step(3), step(4)]);
  deepEqual(ran, [2, 3, 4]);
  await rejects(ensureSchema(kv, ":memory:"), StoreOpenError);
});

Deno.test("a migration that fails is tried again at the next opening", async () => {
  using kv = await Deno.openKv(":memory:");
  await ensureSchema(kv, ":memory:");
  const failing = { to: 2, run: () => Promise.reject(new Error("killed")) };
  await rejects(ensureSchema(kv, ":memory:", [failing]), /killed/);
  let runs = 0;
  await ensureSchema(kv, ":memory:", [{ to: 2, run: () => Promise.resolve(void runs++) }]);
  equal(runs, 1);
});

Deno.test("an empty store takes the newest version without any migration", async () => {
  using kv = await Deno.openKv(":memory:");
  const never = { to: 2, run: () => Promise.reject(new Error("there is nothing to migrate")) };
  await ensureSchema(kv, ":memory:", [never]);
  deepEqual((await kv.get(["schema"])).value, { app: "tapewatch", version: 2 });
});

import { deepEqual, equal } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { Store } from "../../lib/store/mod.ts";
import { TapeDesk } from "../../lib/tape/desk.ts";
import type { Tape } from "../../lib/tape/tape.ts";
import { Universe } from "../../lib/tape/universe.ts";

function deskOn(store: Store) {
  const universe = new Universe([binancePerp], { kind: "list", assets: ["BTC"] });
  universe.list(
    "binance-perp",
    ["BTC", "PEPE", "WIF"].map((base) => (
      { venue: "binance-perp", symbol: `${base}USDT`, base, quote: "USDT", multiplier: 1 }
    )),
  );
  const tape = { universe, choose: () => {}, nowMs: () => 0 } as unknown as Tape;
  return new TapeDesk({ tape, store, version: "1", startedMs: 0, residentBytes: () => 0 });
}

Deno.test("what several people add and remove at once is all stored", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 1, nowMs: () => 0 });
  const desk = deskOn(store);
  deepEqual(await Promise.all([desk.watch("PEPE"), desk.watch("WIF")]), ["added", "added"]);
  const next = deskOn(store);
  await next.load();
  deepEqual(next.watched().toSorted(), ["BTC", "PEPE", "WIF"]);
  await Promise.all([next.unwatch("PEPE"), next.unwatch("WIF")]);
  await desk.load();
  deepEqual(desk.watched(), ["BTC"]);
  equal(await desk.unwatch("BTC"), "configured");
});

Deno.test("added twice at once, an asset is there once", async () => {
  using store = await Store.open({ path: ":memory:", retentionHours: 1, nowMs: () => 0 });
  const desk = deskOn(store);
  await Promise.all([desk.watch("PEPE"), desk.watch("PEPE")]);
  deepEqual(await store.records.get(["watch"]), ["PEPE"]);
});

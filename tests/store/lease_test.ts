import { deepEqual, equal, ok, rejects } from "../assert.ts";
import { Lease, LEASE_MS, Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "./small_disk.ts";

class Place implements Disposable {
  nowMs = 1_000_000;

  constructor(readonly store: Store) {}

  lease(id: string): Lease {
    const me = { id, pid: 1, version: "1.2.3" };
    return new Lease({ records: this.store.records, me, nowMs: () => this.nowMs });
  }

  [Symbol.dispose](): void {
    this.store.close();
  }
}

async function place(path = ":memory:"): Promise<Place> {
  return new Place(
    await Store.open({ path, retentionHours: 1, nowMs: () => 1_000_000, disk: SMALL_DISK }),
  );
}

const free = () => true;

Deno.test("a lease is live until it was not renewed for its length", async () => {
  using at = await place();
  const lease = at.lease("a");
  ok(await lease.take(({ holder }) => holder === null));
  at.nowMs += LEASE_MS - 1;
  ok(lease.isLive((await lease.read()).holder));
  ok(await lease.renew({ unheard: ["bybit-spot"] }));
  at.nowMs += LEASE_MS - 1;
  const { holder } = await lease.read();
  ok(lease.isLive(holder));
  deepEqual(holder?.unheard, ["bybit-spot"]);
  at.nowMs += 1;
  ok(!lease.isLive((await lease.read()).holder));
});

Deno.test("what is another's is neither renewed nor released nor ended", async () => {
  using at = await place();
  const [a, b] = [at.lease("a"), at.lease("b")];
  await a.take(free);
  const before = await a.read();
  equal(await b.renew({ stage: "released" }), null);
  equal(await b.agree(5), false);
  equal(await b.resume(), false);
  await b.decline();
  await b.end();
  await b.withdraw();
  deepEqual(await a.read(), before);
  ok(await b.take(({ holder }) => holder?.id === "a"));
  equal(await a.renew({}), null);
});

Deno.test("an instant is agreed on as it was named, and by no other name", async () => {
  using at = await place();
  const [a, b] = [at.lease("a"), at.lease("b")];
  await a.take(free);
  await b.follow(500);
  equal(await a.agree(499), false);
  ok(await a.agree(500));
  // To say that one still follows changes nothing of it.
  await b.follow();
  const { holder, next } = await a.read();
  equal(holder?.stage, "handing");
  equal(next?.cutMs, 500);
});

Deno.test("a declined instant is forgotten, and another may be named", async () => {
  using at = await place();
  const [a, b] = [at.lease("a"), at.lease("b")];
  await a.take(free);
  await b.follow(500);
  await a.decline();
  equal((await b.follow())?.next?.cutMs, null);
  equal((await b.follow(900))?.next?.cutMs, 900);
});

Deno.test("one follows at a time, until it stops saying so", async () => {
  using at = await place();
  const [a, b, c] = [at.lease("a"), at.lease("b"), at.lease("c")];
  await a.take(free);
  ok(await b.follow(500));
  equal(await c.follow(), null);
  at.nowMs += LEASE_MS;
  ok(await c.follow());
  equal((await a.read()).next?.cutMs, null);
});

Deno.test("what was released is taken back only where nobody is there to take it", async () => {
  using at = await place();
  const [a, b] = [at.lease("a"), at.lease("b")];
  await a.take(free);
  await b.follow(500);
  await a.renew({ stage: "released", nextUpdate: 42 });
  equal(await a.resume(), false);
  await b.withdraw();
  ok(await a.resume());
  equal((await a.read()).holder?.stage, "collecting");
  equal(await b.take(({ holder }) => holder?.stage === "released"), false);
});

Deno.test("who ends leaves nothing behind, but for one that follows: what it needs", async () => {
  using at = await place();
  const [a, b] = [at.lease("a"), at.lease("b")];
  await a.take(free);
  await a.end();
  equal((await a.read()).holder, null);
  await a.take(free);
  await b.follow(500);
  await a.renew({ nextUpdate: 42 });
  await a.end();
  const { holder, next } = await b.read();
  deepEqual([holder?.stage, holder?.nextUpdate, next?.cutMs], ["released", 42, 500]);
});

Deno.test("two processes that take it at the same time do not both have it", async () => {
  const folder = Deno.makeTempDirSync();
  {
    using first = await place(`${folder}/a.kv`);
    using second = await place(`${folder}/a.kv`);
    for (let round = 0; round < 20; round++) {
      const mayTake = ({ holder }: { holder: { id: string } | null }) =>
        holder === null || !holder.id.endsWith(`#${round}`);
      const taken = await Promise.all([
        first.lease(`a#${round}`).take(mayTake),
        second.lease(`b#${round}`).take(mayTake),
      ]);
      equal(taken.filter(Boolean).length, 1);
    }
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a row of another shape is nobody's", async () => {
  using at = await place();
  for (const value of [7, "x", { holder: { id: 1 } }, { holder: {}, next: { id: "b" } }]) {
    await at.store.records.set(["lease"], value);
    deepEqual(await at.lease("a").read(), { holder: null, next: null });
  }
  ok(await at.lease("a").take(({ holder }) => holder === null));
});

Deno.test("a store that cannot be written says so", async () => {
  const at = await place();
  at.store.close();
  await rejects(at.lease("a").take(free));
});

import { deepEqual, equal, ok, rejects } from "../assert.ts";
import type { Leasehold } from "../../lib/app/takeover/leasehold.ts";
import { Refusal } from "../../lib/app/refusal.ts";
import { Store } from "../../lib/store/mod.ts";
import { Process, type ProcessOptions, SharedLock, VirtualTime } from "./two_processes.ts";

interface Bench extends Disposable {
  readonly time: VirtualTime;
  readonly lock: SharedLock | null;
  process(name: string, more?: Partial<ProcessOptions>): Process;
}

/** Without a lock it is as with a store on another machine. */
async function bench(lock: SharedLock | null = new SharedLock()): Promise<Bench> {
  const time = new VirtualTime();
  const nowMs = () => time.nowMs;
  const store = await Store.open({ path: ":memory:", retentionHours: 1, nowMs });
  return {
    ...{ time, lock },
    process: (name, more = {}) => new Process({ name, store, time, lock, ...more }),
    [Symbol.dispose]: () => store.close(),
  };
}

function claimed(hold: Leasehold | null): Leasehold {
  ok(hold);
  return hold;
}

/** A process that has the data and stays, and one that may come. */
async function withOwner(place: Bench) {
  const { time } = place;
  const [old, next] = [place.process("old"), place.process("next")];
  const hold = claimed(await old.claim());
  return { old, next, hold, staying: time.run(hold.stay(old, old.lifetime.signal)) };
}

/** As the service does it, once the data is there: the port first, then the lease. */
async function follow(process: Process): Promise<{ hold: Leasehold; nextUpdate: number }> {
  const hold = claimed(await process.claim(true));
  ok(await hold.wait(process.lifetime.signal));
  return { hold, nextUpdate: await hold.begin() };
}

Deno.test("a second process on the same data is refused, with whose it is and what to do", async () => {
  using place = await bench();
  await place.process("first").claim();
  await rejects(place.process("other").claim(), (error) => {
    ok(error instanceof Refusal);
    equal(
      error.message,
      "Cannot collect into ./data: Tapewatch 1.2.3, process 5, does since 1970-01-01 00:16:40 " +
        "UTC; stop it, or start with --takeover",
    );
    return true;
  });
});

Deno.test("the lease of a process that was killed is not waited for where the system tells", async () => {
  using place = await bench();
  const first = place.process("first");
  await first.claim();
  first.kill();
  const startMs = place.time.nowMs;
  const hold = claimed(await place.process("next").claim());
  equal(place.time.nowMs, startMs);
  ok(hold.owns);
});

Deno.test("where only time tells, a killed process is waited for, and a living one refuses", async () => {
  using place = await bench(null);
  const { time } = place;
  const first = place.process("first");
  const hold = claimed(await first.claim());
  const staying = time.run(hold.stay(first, first.lifetime.signal));
  await rejects(place.process("other").claim(), /stop it, or start with --takeover/);
  first.kill();
  equal(await staying, "stopped");
  const startMs = time.nowMs;
  await place.process("next").claim();
  const tookMs = time.nowMs - startMs;
  ok(tookMs > 0 && tookMs <= 10_000, `${tookMs} ms`);
});

Deno.test("an update: both count by one instant, and the lease changes hands once all is stored", async () => {
  using place = await bench();
  const { time } = place;
  const { old, next, hold, staying } = await withOwner(place);
  const followed = time.run(follow(next));
  equal(await staying, "taken");
  const { hold: mine, nextUpdate } = await followed;
  equal(nextUpdate, 77);
  ok(mine.owns);
  ok(!hold.owns);
  equal(await hold.hasMoved(), true);
  const [held] = old.did;
  const cutMs = Number(held?.split(" ")[1]);
  deepEqual(old.did, [`hold ${cutMs}`, `finish ${cutMs}`, "quiet", "rest", "store"]);
  deepEqual(next.did, [`hold ${cutMs}`, `continue ${cutMs}`, `begin ${cutMs}`]);
  ok(time.nowMs >= cutMs);
  // And back again.
  const third = place.process("third");
  const again = time.run(mine.stay(next, next.lifetime.signal));
  await time.run(follow(third));
  equal(await again, "taken");
});

Deno.test("right after a takeover, when nobody has the lock, the new process still has the data", async () => {
  for (const takeover of [false, true]) {
    using place = await bench();
    const { time } = place;
    const { old, next, hold, staying } = await withOwner(place);
    const followed = time.run(follow(next));
    equal(await staying, "taken");
    const { hold: mine } = await followed;
    // The old process ends, and somebody comes before the new one has looked.
    old.kill();
    const third = place.process("third");
    const coming = takeover ? time.run(follow(third)) : third.claim();
    const again = time.run(mine.stay(next, next.lifetime.signal));
    if (takeover) {
      await coming;
      equal(await again, "taken");
    } else {
      await rejects(coming, /stop it, or start with --takeover/);
      third.kill();
      next.lifetime.abort();
      equal(await again, "stopped");
      ok(mine.owns);
    }
    await hold[Symbol.asyncDispose]();
  }
});

Deno.test("an instant that a clock has nearly passed is declined, and one further off is named", async () => {
  using place = await bench();
  const { time } = place;
  const old = place.process("old", { skewMs: 4_000 });
  const next = place.process("next");
  const hold = claimed(await old.claim());
  const staying = time.run(hold.stay(old, old.lifetime.signal));
  await time.run(follow(next));
  equal(await staying, "taken");
  const named = next.did.filter((what) => what.startsWith("hold"));
  ok(named.length > 1);
  equal(next.did.filter((what) => what === "cancel").length, named.length - 1);
  deepEqual(old.did.slice(0, 1), named.slice(-1));
});

Deno.test("a successor that vanishes after all was released leaves it to the old process", async () => {
  using place = await bench();
  const { time } = place;
  const { old, next, hold, staying } = await withOwner(place);
  const mine = claimed(await time.run(next.claim(true)));
  next.meanwhile = (what) => what.startsWith("continue") && next.kill();
  equal(await time.run(mine.wait(next.lifetime.signal)), false);
  equal(await staying, "resumed");
  ok(hold.owns);
  equal(await hold.hasMoved(), false);
  equal(old.did.at(-1), "cancel");
  equal(await hold.begin(), 77);
  await rejects(mine.begin(), /this took too long; the old process goes on/);
});

Deno.test("a successor that is told to stop leaves the old process as it is", async () => {
  using place = await bench();
  const { time } = place;
  const { next, staying } = await withOwner(place);
  next.unheard = ["bybit-spot"];
  const mine = claimed(await time.run(next.claim(true)));
  const waiting = time.run(mine.wait(next.lifetime.signal));
  next.lifetime.abort();
  equal(await waiting, false);
  await mine[Symbol.asyncDispose]();
  // Nobody is in the way of the next try.
  await time.run(follow(place.process("later")));
  equal(await staying, "taken");
});

Deno.test("who does not hear what the old process hears gives up, and is not asked for more", async () => {
  using place = await bench();
  const { time } = place;
  const { old, next, staying } = await withOwner(place);
  next.unheard = ["bybit-spot"];
  await rejects(
    time.run(follow(next)),
    /this process does not hear bybit-spot; the old process goes on/,
  );
  deepEqual(old.did, []);
  old.unheard = ["bybit-spot"];
  const later = place.process("later");
  later.unheard = ["bybit-spot"];
  await time.run(follow(later));
  equal(await staying, "taken");
});

Deno.test("an old process that is killed while it hands over is followed all the same", async () => {
  for (const lock of [new SharedLock(), null]) {
    using place = await bench(lock);
    const { time } = place;
    const { old, next, staying } = await withOwner(place);
    old.meanwhile = (what) => what === "quiet" && old.kill();
    const { hold: mine } = await time.run(follow(next));
    equal(await staying, "stopped");
    ok(mine.owns);
    deepEqual(next.did.map((what) => what.split(" ")[0]), ["hold", "continue", "begin"]);
  }
});

Deno.test("what could not be stored is not released: the old process goes on and tries again", async () => {
  using place = await bench();
  const { time } = place;
  const [old, next] = [place.process("old"), place.process("next")];
  const hold = claimed(await old.claim());
  old.isStorable = false;
  const staying = time.run(hold.stay(old, old.lifetime.signal));
  const followed = time.run(follow(next));
  equal(await staying, "resumed");
  ok(hold.owns);
  old.isStorable = true;
  equal(await time.run(hold.stay(old, old.lifetime.signal)), "taken");
  await followed;
});

Deno.test("only one process at a time may be about to follow", async () => {
  using place = await bench();
  const { time } = place;
  const old = place.process("old");
  claimed(await old.claim());
  claimed(await time.run(place.process("next").claim(true)));
  await rejects(
    time.run(place.process("third").claim(true)),
    /another process is about to .* try again in/,
  );
});

Deno.test("a process that slept while another took its data does not go on", async () => {
  using place = await bench();
  const { time } = place;
  const [old, next] = [place.process("old"), place.process("next")];
  const hold = claimed(await old.claim());
  const mine = claimed(await time.run(next.claim(true)));
  // As after a SIGSTOP: its lock is held, but nothing is renewed.
  await time.run(time.sleep(11_000, next.lifetime.signal));
  ok(await time.run(mine.wait(next.lifetime.signal)));
  await mine.begin();
  await rejects(
    time.run(hold.stay(old, old.lifetime.signal)),
    /Cannot go on collecting into \.\/data: process 4 has taken it/,
  );
  ok(!hold.owns);
});

for (const isOneMachine of [true, false]) {
  const where = isOneMachine ? "on one machine" : "on two machines";

  Deno.test(`${where} an owner whose work ends slowly is waited for, not robbed`, async () => {
    using place = await bench(isOneMachine ? new SharedLock() : null);
    const { old, next, staying } = await withOwner(place);
    old.restMs = 9_000;
    const order: string[] = [];
    for (const one of [old, next]) one.meanwhile = (what) => order.push(what.split(" ")[0] ?? "");
    const { nextUpdate } = await place.time.run(follow(next));
    equal(await staying, "taken");
    equal(nextUpdate, 77);
    deepEqual(order.slice(-3), ["store", "continue", "begin"]);
  });

  Deno.test(`${where} an owner that was given up writes nothing over what followed`, async () => {
    using place = await bench(isOneMachine ? new SharedLock() : null);
    const { old, next, hold, staying } = await withOwner(place);
    old.restMs = 12_000;
    await place.time.run(follow(next));
    equal(await staying, "taken");
    ok(!hold.owns);
    equal(await hold.hasMoved(), true);
    equal(old.did.at(-1), "rest");
  });
}

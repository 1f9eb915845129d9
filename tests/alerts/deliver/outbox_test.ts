/** The outbox under everything that can go wrong between two lines of it. */
import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import type { Item } from "../../../lib/alerts/deliver/firing.ts";
import { Outbox, type Posted } from "../../../lib/alerts/deliver/outbox.ts";
import { isOutgoing } from "../../../lib/alerts/deliver/outbox_rows.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import type { Severity } from "../../../lib/alerts/rule/rule.ts";
import { createLog } from "../../../lib/log.ts";
import { FakeRecords } from "../fake_records.ts";
import { firing, START_MS } from "../firings.ts";

const PEOPLE = ["tg:1", "tg:2"];

/** What happens to a call. `killed` and `lost`: with the message delivered or not. */
type Fate = "sent" | "limited" | "unsent" | "lost" | "lostArrived" | "killed" | "killedArrived";

interface Arrival {
  readonly id: string;
  readonly repeat: boolean;
}

/** Telegram and the machine that the processes run on: what a test sees from outside. */
class World {
  readonly records = new FakeRecords();
  readonly arrived: Arrival[] = [];
  /** Calls of which the sender cannot know what became. */
  readonly doubtful: string[][] = [];
  nowMs = START_MS;
  kills = 0;
  #nth = 0;
  #messageId = 1;

  constructor(readonly fates: readonly Fate[]) {}

  /** Runs a process until nothing waits or it is killed; whether it came to its end. */
  async process(add: readonly Item[] = []): Promise<boolean> {
    const dead = Promise.withResolvers<boolean>();
    let alive = true;
    const never = new Promise<never>(() => {});
    const kill = () => {
      alive = false;
      this.kills++;
      // Also a call that was answered, but whose answer was not written down yet.
      for (const row of this.records.rows.values()) {
        if (isOutgoing(row) && row.state === "sending") this.doubtful.push(row.items.map(idOf));
      }
      dead.resolve(false);
      return never;
    };
    const records = this.records;
    const own = Object.assign(Object.create(records), {
      commit: (...args: Parameters<FakeRecords["commit"]>) =>
        alive ? records.commit(...args) : never,
      set: (...args: Parameters<FakeRecords["set"]>) => alive ? records.set(...args) : never,
      delete: (...args: Parameters<FakeRecords["delete"]>) =>
        alive ? records.delete(...args) : never,
    });
    const instance = `process ${this.kills}`;
    const book = new Book(own, instance);
    await book.load();
    const over = new AbortController();
    const outbox = new Outbox({
      ...{ records: own, book, instance, nowMs: () => this.nowMs },
      sleep: async (ms) => {
        await Promise.resolve();
        this.nowMs += ms;
      },
      post: async (_person, items, repeat, before) => {
        await before();
        if (!alive) return await never;
        const fate = this.fates[this.#nth++] ?? "sent";
        const ids = items.map(({ id }) => id);
        const arrives = fate === "sent" || fate.endsWith("Arrived");
        if (arrives) this.arrived.push(...ids.map((id) => ({ id, repeat })));
        if (fate.startsWith("lost")) this.doubtful.push(ids);
        if (fate.startsWith("killed")) return await kill();
        return this.#answer(fate);
      },
      sent: () => [],
      shut: () => {},
      log: createLog({ level: "error", write: () => {} }),
    });
    await outbox.load();
    for (const item of add) await outbox.put(item);
    const running = outbox.run(over.signal);
    const finished = (async () => {
      while (alive && outbox.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 0));
      return alive;
    })();
    const done = await Promise.race([finished, dead.promise]);
    alive = false;
    over.abort();
    if (done) await running;
    return done;
  }

  #answer(fate: Fate): Posted {
    if (fate === "limited") return { kind: "limited", waitMs: 2000 };
    if (fate === "unsent") return { kind: "unsent", reason: "refused" };
    if (fate.startsWith("lost")) return { kind: "unknown", reason: "reset" };
    return { kind: "sent", messageId: this.#messageId++ };
  }
}

const idOf = ({ id }: Item) => id;

const fate = fc.constantFrom<Fate>(
  ...[
    "sent",
    "sent",
    "limited",
    "unsent",
    "lost",
    "lostArrived",
    "killed",
    "killedArrived",
  ] as const,
);

Deno.test("every item arrives, whatever becomes of the calls and the processes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { maxLength: 25 }),
      fc.array(
        fc.record({
          person: fc.constantFrom(...PEOPLE),
          severity: fc.constantFrom<Severity>("critical", "normal", "silent"),
        }),
        { maxLength: 45 },
      ),
      async (fates, kinds) => {
        const world = new World(fates);
        const items = kinds.map(({ person, severity }, nth) => firing(nth, person, severity));
        let done = await world.process(items);
        while (!done) done = await world.process();
        for (const { id } of items) {
          const arrivals = world.arrived.filter((one) => one.id === id);
          ok(arrivals.length >= 1, "none is missed");
          // Not marked: only where no call before it may have arrived.
          ok(arrivals.slice(1).every(({ repeat }) => repeat), "a repeat says so");
          const doubts = world.doubtful.filter((ids) => ids.includes(id)).length;
          ok(arrivals.length <= 1 + doubts, "at most one repeat of a call whose fate is unknown");
        }
        deepEqual([...world.records.rows.keys()].filter((key) => /^out/.test(key)), []);
      },
    ),
    { numRuns: 120 },
  );
});

Deno.test("each chat gets its items in order, the most severe first", async () => {
  const world = new World(["limited", "unsent"]);
  const items = Array.from(
    { length: 70 },
    (_, nth) =>
      firing(
        nth,
        PEOPLE[nth % 2],
        nth % 7 === 0 ? "critical" : nth % 3 === 0 ? "silent" : "normal",
      ),
  );
  ok(await world.process(items));
  for (const person of PEOPLE) {
    const ids = items.filter((item) => item.person === person).map(({ id }) => id);
    const arrived = world.arrived.map(({ id }) => id).filter((id) => ids.includes(id));
    deepEqual(arrived, ids.toSorted());
  }
});

Deno.test("an item that nobody was sending when the process died is not marked", async () => {
  const world = new World(["killed"]);
  equal(await world.process([firing(1), firing(2)]), false);
  const late = [firing(3)];
  ok(await world.process(late));
  deepEqual(world.arrived.map(({ repeat }) => repeat), [true, true, false]);
});

Deno.test("a newer process takes the work over, and the older one says nothing more", async () => {
  const world = new World([]);
  const older = new Book(world.records, "older");
  await older.load();
  ok(await older.commit("work", []));
  const newer = new Book(world.records, "newer");
  await newer.load();
  equal(await older.commit("work", [{ key: ["x"], value: 1 }]), false);
  ok(older.isSuperseded && !newer.isSuperseded);
  equal(await world.records.get(["x"]), undefined);
});

Deno.test("a chat that is shut waits, the owner hears of it, and it goes on when it opens", async () => {
  const records = new FakeRecords();
  const book = new Book(records, "one");
  await book.load();
  const [told, sent]: [string[], string[]] = [[], []];
  let shut = true;
  const over = new AbortController();
  const outbox = new Outbox({
    ...{ records, book, instance: "one", nowMs: () => START_MS },
    sleep: () => Promise.resolve(),
    post(person, items) {
      if (shut && person === "tg:2") {
        return Promise.resolve({ kind: "shut", reason: "bot was blocked by the user" });
      }
      sent.push(...items.map(({ id }) => id));
      return Promise.resolve({ kind: "sent", messageId: 1 });
    },
    sent: () => [],
    shut: (person, reason) => told.push(`${person} ${reason}`),
    log: createLog({ level: "error" }),
  });
  const running = outbox.run(over.signal);
  await outbox.put(firing(1, "tg:2"));
  await outbox.put(firing(2, "tg:1"));
  while (outbox.waiting > 1) await new Promise((resolve) => setTimeout(resolve, 0));
  deepEqual(told, ["tg:2 bot was blocked by the user"]);
  deepEqual(sent, [firing(2).id]);
  equal(outbox.shutReason("tg:2"), "bot was blocked by the user");
  shut = false;
  await outbox.reopen("tg:2");
  while (outbox.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 0));
  deepEqual(sent, [firing(2).id, firing(1).id]);
  over.abort();
  await running;
});

Deno.test("a fault of ours on the way is said, and the message goes out all the same", async () => {
  const records = new FakeRecords();
  const book = new Book(records, "one");
  await book.load();
  const sent: string[] = [];
  const lines: string[] = [];
  let faults = 1;
  const over = new AbortController();
  const outbox = new Outbox({
    ...{ records, book, instance: "one", nowMs: () => START_MS },
    sleep: () => Promise.resolve(),
    post(_, items) {
      if (faults-- > 0) return Promise.reject(new TypeError("disk I/O error"));
      sent.push(...items.map(({ id }) => id));
      return Promise.resolve({ kind: "sent", messageId: 1 });
    },
    sent: () => [],
    shut: () => {},
    log: createLog({ level: "error", write: (line) => lines.push(line) }),
  });
  const running = outbox.run(over.signal);
  await outbox.put(firing(1, "tg:1"));
  for (let tries = 0; outbox.waiting > 0 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  deepEqual(sent, [firing(1).id]);
  ok(lines.some((line) => line.includes("disk I/O error")));
  over.abort();
  await running;
});

Deno.test("two hundred at once are few messages, and the store's refusal stops none of them", async () => {
  const records = new FakeRecords();
  const book = new Book(records, "one");
  await book.load();
  const messages: number[] = [];
  const over = new AbortController();
  const outbox = new Outbox({
    ...{ records, book, instance: "one", nowMs: () => START_MS },
    sleep: () => Promise.resolve(),
    post(_, items) {
      messages.push(items.length);
      return Promise.resolve({ kind: "sent", messageId: 1 });
    },
    sent: () => [],
    shut: () => {},
    log: createLog({ level: "error", write: () => {} }),
  });
  records.before = () => {
    throw new Error("disk low");
  };
  outbox.accept(Array.from({ length: 200 }, (_, nth) => firing(nth)));
  const running = outbox.run(over.signal);
  while (outbox.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 0));
  equal(messages.reduce((sum, count) => sum + count, 0), 200);
  ok(messages.length <= 10, `${messages.length} messages`);
  over.abort();
  await running;
});

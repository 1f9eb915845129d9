import { deepEqual, equal, rejects } from "../../assert.ts";
import { DailyNotes } from "../../../lib/alerts/deliver/daily.ts";
import type { Item } from "../../../lib/alerts/deliver/firing.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { UTC, zoneNamed } from "../../../lib/reply/zone.ts";
import { FakeRecords } from "../fake_records.ts";

const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 20);

async function notes(records = new FakeRecords(), zone = UTC, before = (_person: string) => {}) {
  const book = new Book(records, crypto.randomUUID());
  await book.load();
  const sent: Item[] = [];
  const daily = new DailyNotes({
    ...{ records, book, mayHear: () => true, zoneOf: () => Promise.resolve(zone) },
    outbox: {
      changesFor: (items) => items.map((item) => ({ key: ["outbox", item.id], value: item })),
      accept: (items) => void sent.push(...items),
    },
    async write(person) {
      await Promise.resolve();
      before(person);
      return { html: `note for ${person}`, data: null };
    },
  });
  await daily.load();
  return { daily, sent, records };
}

/** Ticks every minute of so many hours. */
async function pass(daily: DailyNotes, fromMs: number, hours: number): Promise<void> {
  for (let t = fromMs; t < fromMs + hours * HOUR_MS; t += 60_000) await daily.tick(t);
}

Deno.test("the note comes once a day at its local minute", async () => {
  const berlin = zoneNamed("Europe/Berlin") ?? UTC;
  const { daily, sent } = await notes(new FakeRecords(), berlin);
  await daily.set("tg:1", 8 * 60, MIDNIGHT);
  await pass(daily, MIDNIGHT, 72);
  deepEqual(sent.map(({ atMs }) => (atMs - MIDNIGHT) / HOUR_MS), [7, 31, 55]);
  equal(sent[0]?.kind === "note" ? sent[0].html : "", "note for tg:1");
});

Deno.test("set after its time, it comes tomorrow", async () => {
  const { daily, sent } = await notes();
  await daily.set("tg:1", 8 * 60, MIDNIGHT + 9 * HOUR_MS);
  await pass(daily, MIDNIGHT + 9 * HOUR_MS, 24);
  deepEqual(sent.map(({ atMs }) => (atMs - MIDNIGHT) / HOUR_MS), [32]);
});

Deno.test("a restart neither leaves it out nor writes it twice; hours later it is none", async () => {
  const { daily, sent, records } = await notes();
  await daily.set("tg:1", 8 * 60, MIDNIGHT);
  await daily.tick(MIDNIGHT + 8 * HOUR_MS);
  equal(sent.length, 1);
  const again = await notes(records);
  await pass(again.daily, MIDNIGHT + 8 * HOUR_MS, 12);
  equal(again.sent.length, 0);
  await again.daily.tick(MIDNIGHT + 33 * HOUR_MS);
  equal(again.sent.length, 1, "an hour late it still comes");
  const late = await notes(records);
  await late.daily.tick(MIDNIGHT + 62 * HOUR_MS);
  equal(late.sent.length, 0, "in the afternoon it is no morning note");
});

Deno.test("taken back, it comes no more", async () => {
  const { daily, sent } = await notes();
  await daily.set("tg:1", 8 * 60, MIDNIGHT);
  await daily.set("tg:1", null, MIDNIGHT);
  await pass(daily, MIDNIGHT, 24);
  deepEqual(sent, []);
  equal(daily.minuteOf("tg:1"), null);
});

Deno.test("one that cannot be written comes with the next round, and holds up no other", async () => {
  const broken = new Set(["tg:1"]);
  const { daily, sent, records } = await notes(new FakeRecords(), UTC, (person) => {
    if (broken.has(person)) throw new Error("the venue is out");
  });
  for (const person of ["tg:1", "tg:2"]) await daily.set(person, 8 * 60, MIDNIGHT);
  const dueMs = MIDNIGHT + 8 * HOUR_MS;
  await rejects(daily.tick(dueMs), /the venue is out/);
  deepEqual(sent.map(({ person }) => person), ["tg:2"]);
  broken.clear();
  records.before = () => {
    throw new Error("the disk is full");
  };
  await rejects(daily.tick(dueMs + 60_000), /the disk is full/);
  records.before = () => {};
  await daily.tick(dueMs + 120_000);
  await daily.tick(dueMs + 180_000);
  deepEqual(sent.map(({ person }) => person), ["tg:2", "tg:1"]);
});

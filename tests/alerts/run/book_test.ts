import { deepEqual, equal, rejects } from "../../assert.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { FakeRecords } from "../fake_records.ts";
import { ruleOf } from "../ruling.ts";

const refusal = () => {
  throw new Error("the disk is full");
};

async function opened(records = new FakeRecords()) {
  const book = new Book(records, "test");
  await book.load();
  return { book, records };
}

Deno.test("a rule that could not be stored is not armed", async () => {
  const { book, records } = await opened();
  records.before = refusal;
  await rejects(book.add("tg:1", ruleOf("btc liq 5m > 2m"), 0), /the disk is full/);
  deepEqual(book.of("tg:1"), []);
  records.before = () => {};
  await book.add("tg:1", ruleOf("btc liq 5m > 3m"), 0);
  const { book: next } = await opened(records);
  deepEqual(next.of("tg:1").map(({ rule }) => rule.threshold), [3e6]);
});

Deno.test("a change that could not be stored is stored with the next flush", async () => {
  const { book, records } = await opened();
  const armed = await book.add("tg:1", ruleOf("btc liq 5m > 2m"), 0);
  if (!armed) throw new Error("not armed");
  armed.mutedUntilMs = 7;
  records.before = refusal;
  await rejects(book.save(armed), /the disk is full/);
  records.before = () => {};
  await book.flush();
  const { book: next } = await opened(records);
  equal(next.find("tg:1", armed.id)?.mutedUntilMs, 7);
});

Deno.test("a rule that could not be taken out of the store stays armed", async () => {
  const { book, records } = await opened();
  const armed = await book.add("tg:1", ruleOf("btc liq 5m > 2m"), 0);
  if (!armed) throw new Error("not armed");
  records.before = refusal;
  await rejects(book.remove(armed), /the disk is full/);
  equal(book.find("tg:1", armed.id), armed);
});

Deno.test("the name of a rule that was deleted is given to no other, whatever is restarted", async () => {
  const { book, records } = await opened();
  for (const level of [1, 2]) await book.add("tg:1", ruleOf(`btc liq 5m > ${level}m`), 0);
  await book.add("tg:2", ruleOf("btc liq 5m > 1m"), 0);
  // As a version before left it: without the number.
  records.rows.delete("asker\ttg:1\tnewest-rule");
  const { book: second } = await opened(records);
  const newest = second.find("tg:1", "a2");
  if (!newest) throw new Error("not armed");
  await second.remove(newest);
  const { book: third } = await opened(records);
  equal((await third.add("tg:1", ruleOf("btc liq 5m > 3m"), 0))?.id, "a3");
  equal((await third.add("tg:2", ruleOf("btc liq 5m > 3m"), 0))?.id, "a2");
});

Deno.test("once a newer process has taken over, the older one changes no rule", async () => {
  const { book: older, records } = await opened();
  const armed = await older.add("tg:1", ruleOf("btc liq 5m > 1m"), 0);
  if (!armed) throw new Error("not armed");
  const newer = new Book(records, "newer");
  await newer.load();
  await newer.add("tg:1", ruleOf("btc liq 5m > 2m"), 0);
  await rejects(older.add("tg:1", ruleOf("btc liq 5m > 9m"), 0), /a newer process has taken over/);
  await rejects(older.save(armed), /a newer process has taken over/);
  await rejects(older.remove(armed), /a newer process has taken over/);
  const { book: next } = await opened(records);
  deepEqual(next.of("tg:1").map(({ rule }) => rule.threshold), [1e6, 2e6]);
});

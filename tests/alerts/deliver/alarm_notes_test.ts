import { deepEqual, equal, match, ok } from "../../assert.ts";
import { AlarmNotes } from "../../../lib/alerts/deliver/alarm_notes.ts";
import { running, until, World } from "../world.ts";

function notes() {
  const told: string[] = [];
  const alarms = new AlarmNotes((html) => {
    told.push(html);
    return Promise.resolve();
  });
  return { alarms, told };
}

Deno.test("an alarm is told at once, those that follow closely in one note", async () => {
  const { alarms, told } = notes();
  for (let i = 0; i < 80; i++) await alarms.add(`m${i}: off its <candle>`, i * 100);
  deepEqual(told, ["⚠️ m0: off its &lt;candle&gt;"]);
  await alarms.tick(29_999);
  equal(told.length, 1);
  await alarms.tick(30_000);
  equal(told.length, 2);
  equal(told[1]?.split("\n").length, 79);
  await alarms.tick(90_000);
  equal(told.length, 2);
  await alarms.add("later", 90_000);
  equal(told.at(-1), "⚠️ later");
});

Deno.test("a note of alarms is bounded, and counts what it leaves out", async () => {
  const { alarms, told } = notes();
  await alarms.add("x".repeat(10_000), 0);
  for (let i = 0; i < 500; i++) await alarms.add(`${i} ${"&".repeat(60)}`, 1);
  await alarms.flush(2);
  ok(told.every((html) => html.replaceAll("&amp;", "&").length < 4_000));
  match(told[1] ?? "", /and 4\d\d more: see the log$/);
});

Deno.test("alarms that still gather when the service stops come with the next process", async () => {
  const world = new World();
  const first = world.process("first");
  await first.load();
  await running(first, async () => {
    for (const text of ["one", "two", "three"]) first.alarm(text);
    await until(() => world.posts.length === 1);
  });
  const next = world.process("next");
  await next.load();
  await running(next, () => until(() => world.posts.length === 2));
  deepEqual(world.posts.map(({ html }) => html), ["⚠️ one", "⚠️ two\n⚠️ three"]);
});

/** Whose rules are judged, and which: members' only, and in a small profile the critical ones. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import { METRICS } from "../../lib/alerts/metric/table.ts";
import { arm, OWNER, running, until, World } from "./world.ts";

Deno.test("who is no member any more is told nothing, and comes back to rules that rested", async () => {
  const world = new World();
  const { source } = world;
  const members = new Set([1, 2]);
  const alerts = world.process("one", (userId) => members.has(userId));
  const guest = { id: "tg:2", owner: false, privateChat: true };
  await alerts.load();
  await arm(alerts, "btc price > 100 cooldown 0", guest);
  await arm(alerts, "btc price > 100 cooldown 0");
  await alerts.desk.setDaily(guest, 0);
  const print = (price: number) => alerts.onTrade("BTC", "binance-perp", price, ++source.now);
  const toGuest = () => world.posts.filter(({ chatId }) => chatId === 2).length;
  await running(alerts, async () => {
    print(90);
    members.delete(2);
    // It fired while its owner was told so: the message is dropped on its way.
    print(101);
    await until(() => world.posts.some(({ chatId }) => chatId === 1));
    source.now += 2000;
    await alerts.engine.tick();
    print(90);
    print(102);
    await until(() => world.posts.filter(({ chatId }) => chatId === 1).length === 2);
    await until(() => alerts.outbox.waiting === 0);
    equal(toGuest(), 0);
    equal(alerts.desk.find(guest, "a1")?.hits, 1);
    members.add(2);
    source.now += 2000;
    await alerts.engine.tick();
    print(90);
    print(103);
    await until(() => toGuest() === 1);
  });
});

Deno.test("a chat that was shut opens with the first question asked in it, whatever it is", async () => {
  const world = new World();
  const alerts = world.process("one");
  let shut = true;
  const sent: number[] = [];
  alerts.connect(({ chatId }) => {
    if (shut && chatId === 2) {
      return Promise.resolve({ kind: "shut", reason: "bot was blocked by the user" });
    }
    sent.push(chatId);
    return Promise.resolve({ kind: "sent", messageId: sent.length });
  }, () => Promise.resolve({ html: "morning", data: null }));
  const guest = { id: "tg:2", owner: false, privateChat: true };
  await alerts.load();
  await arm(alerts, "btc price > 100 cooldown 0", guest);
  await running(alerts, async () => {
    for (const price of [90, 101]) {
      alerts.onTrade("BTC", "binance-perp", price, ++world.source.now);
    }
    await until(() => alerts.outbox.shutReason("tg:2") !== null);
    shut = false;
    await alerts.heard({ ...guest, privateChat: false });
    equal(sent.includes(2), false);
    await alerts.heard(guest);
    await until(() => sent.includes(2));
  });
});

Deno.test("where only critical alerts run, others cannot be armed, and held ones rest", async () => {
  const world = new World();
  const { source } = world;
  const full = world.process("full");
  await full.load();
  await arm(full, "btc price > 100 cooldown 0");
  await arm(full, "btc change 1m flips cooldown 0");
  const small = world.process("small", () => true, { criticalOnly: true });
  await small.load();
  const read = small.desk.understand("btc rvol 15m > 4");
  ok(read.kind === "rule");
  const refused = await small.desk.arm(OWNER, read.rule);
  ok("refused" in refused);
  match(refused.refused, /only critical alerts run: price, cascade, silent, gap, distance/);
  await arm(small, "btc cascade");
  await running(small, async () => {
    for (let minute = 0; minute < 20; minute++, source.now += 60_000) await small.engine.tick();
    for (const price of [90, 101]) small.onTrade("BTC", "binance-perp", price, ++source.now);
    await until(() => world.posts.length > 0);
  });
  deepEqual(new Set(world.told().map((name) => name.slice(0, 2))), new Set(["a1"]));
  equal(small.desk.find(OWNER, "a2")?.state, "off");
  equal(small.desk.find(OWNER, "a1")?.state, "fired");
});

Deno.test("critical are what needs no past and cannot wait", () => {
  const names = METRICS.filter((metric) => metric.critical).map(({ name }) => name);
  const wanted = ["price", "cascade", "silent", "gap", "distance", "funding-due", "against"];
  deepEqual(names, wanted);
});

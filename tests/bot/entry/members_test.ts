import { deepEqual, equal, match, ok } from "../../assert.ts";
import { MemberBook } from "../../../lib/bot/entry/members.ts";
import { Store } from "../../../lib/store/mod.ts";

const DAY_MS = 86_400_000;

interface Bench extends Disposable {
  readonly store: Store;
  readonly clock: { nowMs: number };
  open(up?: boolean): Promise<MemberBook>;
}

async function bench(): Promise<Bench> {
  const clock = { nowMs: Date.UTC(2026, 10, 20) };
  const now = () => clock.nowMs;
  const store = await Store.open({ path: ":memory:", retentionHours: 1, nowMs: now });
  return {
    store,
    clock,
    open: (up = true) =>
      MemberBook.open({
        records: store.records,
        allowedUsers: [42, 43],
        now,
        link: (token) => up ? `https://t.me/tape_bot?start=${token}` : null,
      }),
    [Symbol.dispose]: () => store.close(),
  };
}

async function tokenOf(book: MemberBook): Promise<string> {
  const invite = await book.users(null).invite();
  if (invite === "full" || invite.link === null) throw new Error("no link");
  return invite.link.split("=")[1] ?? "";
}

Deno.test("an invitation lets in one, once, and they stay over a restart", async () => {
  using at = await bench();
  const book = await at.open();
  const token = await tokenOf(book);
  match(token, /^[\w-]{22}$/);
  equal(book.has(7), false);
  // Two who open it at the same moment: one gets in.
  deepEqual(await Promise.all([book.redeem(token, 7), book.redeem(token, 8)]), [true, false]);
  equal(await book.redeem(token, 9), false);
  const later = await at.open();
  deepEqual([later.has(7), later.has(8)], [true, false]);
  deepEqual((await later.users(null).list()).members, [
    { id: 43, from: "configured", sinceMs: null },
    { id: 7, from: "invited", sinceMs: at.clock.nowMs },
  ]);
});

Deno.test("an invitation expires after a day, and a forged one never was", async () => {
  using at = await bench();
  const book = await at.open();
  const token = await tokenOf(book);
  equal(await book.redeem("A".repeat(22), 7), false);
  at.clock.nowMs += DAY_MS - 1;
  equal((await book.users(null).list()).invitesUntilMs.length, 1);
  at.clock.nowMs += 1;
  equal((await book.users(null).list()).invitesUntilMs.length, 0);
  equal(await book.redeem(token, 7), false);
});

Deno.test("the store holds an invitation's hash, never its token", async () => {
  using at = await bench();
  const book = await at.open();
  const token = await tokenOf(book);
  const stored: string[] = [];
  for await (const { key, value } of at.store.records.list([])) {
    stored.push(JSON.stringify([key, value]));
  }
  equal(stored.length, 1);
  ok(!stored.join().includes(token), stored.join());
});

Deno.test("open invitations are bounded, and none is stored for a bot that is not up", async () => {
  using at = await bench();
  const down = await at.open(false);
  const invite = await down.users(null).invite();
  ok(invite !== "full" && invite.link === null);
  const book = await at.open();
  for (let i = 0; i < 20; i++) ok(await book.users(null).invite() !== "full");
  equal(await book.users(null).invite(), "full");
});

Deno.test("members are removed, the configured only where they are configured", async () => {
  using at = await bench();
  const book = await at.open();
  await book.redeem(await tokenOf(book), 7);
  const users = book.users(null);
  deepEqual(
    [await users.remove(7), await users.remove(7), await users.remove(42), await users.remove(43)],
    ["removed", "absent", "configured", "configured"],
  );
  equal(book.has(7), false);
  equal((await at.open()).has(7), false);
});

Deno.test("groups are allowed and taken back, over restarts", async () => {
  using at = await bench();
  const users = (await at.open()).users(-5);
  equal(users.groupId, -5);
  deepEqual([await users.allow(-5), await users.allow(-5)], ["allowed", "held"]);
  const later = await at.open();
  equal(later.allows(-5), true);
  deepEqual(await later.users(null).remove(-5), "removed");
  equal((await at.open()).allows(-5), false);
});

Deno.test("the allowance of a group moves to its new id at once, and stays over a restart", async () => {
  using at = await bench();
  const book = await at.open();
  await book.users(-5).allow(-5);
  const moving = book.moved(-5, -105);
  deepEqual([book.allows(-5), book.allows(-105)], [false, true]);
  equal(await moving, true);
  // Telegram tells it in both groups.
  equal(await book.moved(-5, -105), false);
  equal(await book.moved(-6, -106), false);
  const later = await at.open();
  deepEqual((await later.users(null).list()).groups, [-105]);
});

import { deepEqual, equal } from "../../assert.ts";
import { Guard, invitationIn, isManaging, type Members } from "../../../lib/bot/entry/guard.ts";

const DAY_MS = 86_400_000;

function visit(userId: number | undefined, more: { chatId?: number; managing?: boolean } = {}) {
  const { chatId = userId ?? 0, managing = false } = more;
  return { userId, chatId, privateChat: chatId >= 0, managing };
}

function membersOf(users: readonly number[], groups: readonly number[]) {
  const counted = { refused: 0 };
  const members: Members = {
    has: (id) => users.includes(id),
    allows: (id) => groups.includes(id),
    refused: () => void counted.refused++,
    redeem: () => Promise.resolve(false),
    moved: () => Promise.resolve(false),
  };
  return { members, counted };
}

Deno.test("an empty list allows nobody", () => {
  equal(new Guard([]).judge(visit(1), 0, 0), "refuse");
  equal(new Guard([]).judge(visit(undefined), 0, 0), "ignore");
});

Deno.test("a stranger hears one refusal a UTC day, and every one is counted", () => {
  const { members, counted } = membersOf([], []);
  const guard = new Guard([42], members);
  const verdicts = [0, 1, DAY_MS - 1, DAY_MS, DAY_MS + 1]
    .map((nowMs) => guard.judge(visit(1), nowMs, 0));
  deepEqual(verdicts, ["refuse", "ignore", "ignore", "refuse", "ignore"]);
  equal(counted.refused, 5);
  equal(guard.judge(visit(42), 5, 0), "allow");
});

Deno.test("a crowd of strangers is remembered up to a bound and then ignored", () => {
  const guard = new Guard([]);
  let told = 0;
  for (let id = 1; id <= 5000; id++) if (guard.judge(visit(id), 0, 0) === "refuse") told++;
  equal(told, 1000);
});

Deno.test("an invited member may ask, and in an allowed group only members may", () => {
  const guard = new Guard([42], membersOf([43], [-5]).members);
  equal(guard.judge(visit(43), 0, 0), "allow");
  equal(guard.judge(visit(43, { chatId: -5 }), 0, 0), "allow");
  equal(guard.judge(visit(44, { chatId: -5 }), 0, 0), "refuse");
});

Deno.test("in a group that is not allowed the owner may manage, and others hear so once", () => {
  const guard = new Guard([42, 43], membersOf([], []).members);
  equal(guard.judge(visit(42, { chatId: -5 }), 0, 0), "group");
  equal(guard.judge(visit(43, { chatId: -5 }), 0, 0), "ignore");
  equal(guard.judge(visit(43, { chatId: -5, managing: true }), DAY_MS, 0), "group");
  equal(guard.judge(visit(42, { chatId: -5, managing: true }), DAY_MS, 0), "allow");
});

Deno.test("who asks too often is told once, and answered again as time passes", () => {
  const guard = new Guard([42, 43]);
  const verdicts = Array.from({ length: 33 }, () => guard.judge(visit(42), 0, 1000));
  deepEqual(verdicts.slice(28), ["allow", "allow", "slow", "ignore", "ignore"]);
  equal(guard.judge(visit(43), 0, 1000), "allow", "others are not held up");
  deepEqual([2001, 2002, 2003, 3005].map((at) => guard.judge(visit(42), 0, at)), [
    ...["allow", "slow", "ignore", "allow"],
  ]);
});

Deno.test("invitations are tried a few times only", () => {
  const guard = new Guard([42]);
  const tries = Array.from({ length: 10 }, () => guard.mayRedeem(7, 0));
  equal(tries.filter(Boolean).length, 5);
  equal(guard.mayRedeem(7, 60_001), true);
});

Deno.test("what brings an invitation, and what asks for /users, is told by the text alone", () => {
  const token = "abcDEF_-0123456789abcd";
  equal(invitationIn(`/start ${token}`), token);
  equal(invitationIn(`/start@tape_bot ${token}`), token);
  for (
    const text of ["/start", `/started ${token}`, `start ${token}`, "/start a b", "/start short"]
  ) {
    equal(invitationIn(text), null, text);
  }
  deepEqual(["/users allow", "/users@tape_bot", "/USERS", "/usersx", "users"].map(isManaging), [
    ...[true, true, true, false, false],
  ]);
});

import { deepEqual, match } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Asker } from "../../lib/reply/command.ts";
import type { Users } from "../../lib/reply/users.ts";
import { fakeSource, NOW_MS } from "../market/fake_source.ts";
import { ASKER, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

async function ask(text: string, more: Partial<Users> = {}, asker: Asker = ASKER) {
  const calls: string[] = [];
  const users: Users = {
    groupId: null,
    list: () =>
      Promise.resolve({
        ownerId: 42,
        members: [
          { id: 43, from: "configured", sinceMs: null },
          { id: 9_007_199_254_740_991, from: "invited", sinceMs: NOW_MS - 3_600_000 },
        ],
        groups: [-1001234567890],
        invitesUntilMs: [NOW_MS + 3_600_000],
        refusals: 3,
      }),
    invite: () => Promise.resolve({ link: "https://t.me/tape_bot?start=a", untilMs: NOW_MS }),
    remove(id) {
      calls.push(`remove ${id}`);
      return Promise.resolve(id === 42 ? "configured" : id === 7 ? "absent" : "removed");
    },
    allow(id) {
      calls.push(`allow ${id}`);
      return Promise.resolve("allowed");
    },
    ...more,
  };
  const source = fakeSource();
  const reply = await answer(text, { ...setting({ commands, source, asker }), users });
  assertSound(reply);
  return { ...reply, calls };
}

Deno.test("the list names the owner, the members, the groups and what is open", async () => {
  const { text } = await ask("/users");
  match(text, /Owner 42/);
  match(text, /43 +configured/);
  match(text, /9007199254740991 +invited +13:05/);
  match(text, /Groups: -1001234567890/);
  match(text, /open until 15:05 UTC\n3 refusals/);
});

Deno.test("an invitation is a link, or says why there is none", async () => {
  match((await ask("/users invite")).text, /^https:\/\/t\.me\/tape_bot\?start=a\n.*once/);
  match((await ask("/users invite", { invite: () => Promise.resolve("full") })).text, /Too many/);
  const down = () => Promise.resolve({ link: null, untilMs: 0 });
  match((await ask("/users invite", { invite: down })).text, /not up yet/);
});

Deno.test("members and groups are taken out by id", async () => {
  deepEqual((await ask("/users remove 43")).calls, ["remove 43"]);
  deepEqual((await ask("/users remove -100123")).calls, ["remove -100123"]);
  match((await ask("/users remove 42")).text, /TELEGRAM_ALLOWED_USERS/);
  match((await ask("/users remove 7")).text, /was not in/);
  for (const typed of ["", "x", "1e3", "0", "12345678901234567890"]) {
    deepEqual((await ask(`/users remove ${typed}`)).calls, []);
  }
});

Deno.test("a group is allowed from inside it, or by its id", async () => {
  const inGroup: Asker = { ...ASKER, privateChat: false };
  deepEqual((await ask("/users allow", { groupId: -5 }, inGroup)).calls, ["allow -5"]);
  deepEqual((await ask("/users allow -77")).calls, ["allow -77"]);
  deepEqual((await ask("/users allow 77")).calls, []);
  deepEqual((await ask("/users allow")).calls, []);
  match((await ask("/users", { groupId: -5 }, inGroup)).text, /Only the owner/);
  match((await ask("/users remove 43", { groupId: -5 }, inGroup)).text, /Only the owner/);
});

Deno.test("another verb is answered with those that there are", async () => {
  match((await ask("/users <b>")).html, /No <b>&lt;b&gt;<\/b> here: invite, remove, allow/);
});

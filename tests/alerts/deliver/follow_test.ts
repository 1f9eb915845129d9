import { deepEqual, equal } from "../../assert.ts";
import type { After } from "../../../lib/alerts/deliver/card.ts";
import { Follow } from "../../../lib/alerts/deliver/follow.ts";
import type { Posted } from "../../../lib/alerts/deliver/lane.ts";
import { FakeRecords } from "../fake_records.ts";
import { firing, START_MS } from "../firings.ts";

const MINUTE_MS = 60_000;

async function following(records = new FakeRecords(), answers: readonly Posted["kind"][] = []) {
  const edits: (readonly After[])[] = [];
  const left = [...answers];
  const follow = new Follow({
    records,
    // A dollar a minute.
    priceAt: (_, timeMs) => Promise.resolve(100 + Math.floor((timeMs - START_MS) / MINUTE_MS)),
    edit(_person, messageId, _firings, after): Promise<Posted> {
      edits.push(after);
      const kind = left.shift() ?? "sent";
      return Promise.resolve(
        kind === "sent"
          ? { kind, messageId }
          : kind === "limited"
          ? { kind, waitMs: 1 }
          : { kind, reason: "" },
      );
    },
  });
  await follow.load();
  return { follow, edits, records };
}

async function keep(records: FakeRecords, follow: Follow) {
  await records.commit("sent", follow.add("tg:1", 77, [firing(1), firing(2)]));
}

Deno.test("a card is edited after 15 and 60 minutes, and then let go", async () => {
  const { follow, edits, records } = await following();
  await keep(records, follow);
  for (let minute = 0; minute <= 90; minute++) await follow.tick(START_MS + minute * MINUTE_MS);
  deepEqual(edits.map((after) => after.map(({ minutes }) => minutes)), [[15], [15, 60]]);
  deepEqual(Object.values(edits[1]?.[1]?.changes ?? {}).map((part) => part?.toFixed(2)), [
    "0.60",
    "0.60",
  ]);
  equal(records.rows.size, 0);
});

Deno.test("a restart goes on where it was, and a late look tells the price of its time", async () => {
  const { follow, records } = await following();
  await keep(records, follow);
  await follow.tick(START_MS + 16 * MINUTE_MS);
  const again = await following(records);
  await again.follow.tick(START_MS + 75 * MINUTE_MS);
  deepEqual(again.edits.map((after) => after.at(-1)?.minutes), [60]);
  equal(Object.values(again.edits[0]?.[1]?.changes ?? {})[0]?.toFixed(2), "0.60");
});

Deno.test("an edit that did not go through is made again; one that is refused is not", async () => {
  const { follow, edits, records } = await following(new FakeRecords(), [
    "unknown",
    "limited",
    "shut",
  ]);
  await keep(records, follow);
  for (let minute = 15; minute < 20; minute++) await follow.tick(START_MS + minute * MINUTE_MS);
  equal(edits.length, 3);
  equal(records.rows.size, 0);
});

Deno.test("a chat that Telegram wants left alone is, and holds up no other", async () => {
  const calls: string[] = [];
  const follow = new Follow({
    records: new FakeRecords(),
    priceAt: () => Promise.resolve(100),
    edit(person, messageId): Promise<Posted> {
      calls.push(person);
      const limited = person === "tg:1" && calls.filter((one) => one === person).length === 1;
      return Promise.resolve(
        limited ? { kind: "limited", waitMs: 5 * MINUTE_MS } : { kind: "sent", messageId },
      );
    },
  });
  follow.add("tg:1", 1, [firing(1, "tg:1")]);
  follow.add("tg:2", 2, [firing(2, "tg:2")]);
  for (let minute = 16; minute < 21; minute++) await follow.tick(START_MS + minute * MINUTE_MS);
  deepEqual(calls, ["tg:1", "tg:2"]);
  await follow.tick(START_MS + 21 * MINUTE_MS);
  deepEqual(calls, ["tg:1", "tg:2", "tg:1"]);
});

Deno.test("looks that were missed for long are left out", async () => {
  const { follow, edits, records } = await following();
  await keep(records, follow);
  await follow.tick(START_MS + 600 * MINUTE_MS);
  deepEqual([edits.length, records.rows.size], [0, 0]);
});

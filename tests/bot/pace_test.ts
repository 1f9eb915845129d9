import { deepEqual, ok } from "../assert.ts";
import { Pace } from "../../lib/bot/pace.ts";

/** When messages that are all asked for at once are sent, in seconds. */
function sendTimes(chatId: number, count: number): number[] {
  const pace = new Pace();
  return Array.from({ length: count }, () => pace.waitInChat(chatId, 5000) / 1000);
}

function mostIn(windowS: number, times: readonly number[]): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + windowS).length),
  );
}

Deno.test("a chat takes a burst of three, and then about one a second", () => {
  const times = sendTimes(42, 30);
  deepEqual(times.slice(0, 3), [0, 0, 0]);
  ok((times[29] ?? 0) >= 27 && (times[29] ?? 0) < 34, `${times[29]}`);
  ok(mostIn(5, times) <= 5);
});

Deno.test("a group takes twenty in any minute", () => {
  const times = sendTimes(-42, 70);
  ok(mostIn(60, times) <= 20);
  ok((times[69] ?? 0) < 4 * 62, `${times[69]}`);
});

Deno.test("all chats together take thirty in any second", () => {
  const pace = new Pace();
  const times = Array.from({ length: 100 }, () => pace.waitForAll(0) / 1000);
  ok(mostIn(1, times) <= 30);
  ok((times[99] ?? 0) < 4);
});

Deno.test("a chat that was silent does not wait", () => {
  const pace = new Pace();
  const waits = Array.from({ length: 20 }, (_, i) => pace.waitInChat(1, i * 1100));
  ok(waits.every((wait) => wait === 0), waits.join());
});

Deno.test("chats do not wait for each other, and a crowd of them is forgotten in order", () => {
  const pace = new Pace();
  for (let chat = 1; chat <= 3000; chat++) {
    for (let i = 0; i < 3; i++) deepEqual(pace.waitInChat(chat, 0), 0);
  }
  ok(pace.waitInChat(3000, 0) > 0);
  deepEqual(pace.waitInChat(1, 0), 0);
});

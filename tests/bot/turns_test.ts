import { deepEqual, equal, rejects } from "../assert.ts";
import { Turns } from "../../lib/bot/turns.ts";

Deno.test("no more than its number run at a time, the others in order", async () => {
  const turns = new Turns(3);
  const begun: number[] = [];
  const gates = Array.from({ length: 7 }, () => Promise.withResolvers<void>());
  let [running, most] = [0, 0];
  const done = gates.map((gate, i) =>
    turns.run(async () => {
      begun.push(i);
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return i;
    })
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  deepEqual(begun, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  deepEqual(await Promise.all(done), [0, 1, 2, 3, 4, 5, 6]);
  deepEqual(begun, [0, 1, 2, 3, 4, 5, 6]);
  equal(most, 3);
});

Deno.test("a task that fails gives its place back", async () => {
  const turns = new Turns(1);
  await rejects(turns.run(() => Promise.reject(new Error("no"))), /no/);
  equal(await turns.run(() => Promise.resolve(5)), 5);
});

Deno.test("between two beginnings the event loop goes round", async () => {
  const turns = new Turns(8);
  let rounds = 0;
  const timer = setInterval(() => rounds++, 0);
  const seen = await Promise.all(
    Array.from({ length: 6 }, () => turns.run(() => Promise.resolve(rounds))),
  );
  clearInterval(timer);
  equal(new Set(seen).size, 6, seen.join());
});

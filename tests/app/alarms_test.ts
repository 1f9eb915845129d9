import { deepEqual, equal } from "../assert.ts";
import { Alarms } from "../../lib/app/alarms.ts";
import { createLog } from "../../lib/log.ts";

function alarms(lines: string[]): Alarms {
  return new Alarms(createLog({ level: "info", write: (line) => lines.push(line) }));
}

Deno.test("an alarm is logged at once and told when there is somebody to tell", () => {
  const [lines, told]: [string[], string[]] = [[], []];
  const one = alarms(lines);
  one.raise("stream dead");
  equal(lines.length, 1);
  one.attach((text) => told.push(text));
  one.raise("disk full");
  deepEqual(told, ["stream dead", "disk full"]);
});

Deno.test("the same alarm is not told twice in a row", () => {
  const [lines, told]: [string[], string[]] = [[], []];
  const one = alarms(lines);
  one.attach((text) => told.push(text));
  for (let i = 0; i < 5; i++) one.raise("stream dead");
  deepEqual(told, ["stream dead"]);
  equal(lines.length, 1);
});

Deno.test("what waits is bounded, and the newest stay", () => {
  const told: string[] = [];
  const one = alarms([]);
  for (let i = 0; i < 50; i++) one.raise(`alarm ${i}`);
  one.attach((text) => told.push(text));
  equal(told.length, 20);
  equal(told.at(-1), "alarm 49");
});

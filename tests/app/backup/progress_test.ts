import { deepEqual, equal } from "../../assert.ts";
import { Progress } from "../../../lib/app/backup/progress.ts";

function telling(isTerminal: boolean) {
  const clock = { nowMs: 0 };
  const told: string[] = [];
  const write = (text: string) => void told.push(text);
  return {
    clock,
    told,
    bar: new Progress("writing", { isTerminal, write, nowMs: () => clock.nowMs }),
  };
}

Deno.test("on a terminal one bar moves, at most ten times a second, and goes away", () => {
  const { clock, told, bar } = telling(true);
  bar.show(0);
  bar.show(0.1);
  clock.nowMs = 100;
  bar.show(0.5);
  deepEqual(told, [
    `\r\x1b[Kwriting ${"░".repeat(30)}   0 %`,
    `\r\x1b[Kwriting ${"█".repeat(15)}${"░".repeat(15)}  50 %`,
  ]);
  bar.clear();
  equal(told.at(-1), "\r\x1b[K");
});

Deno.test("elsewhere it is a plain line each tenth, none twice", () => {
  const { told, bar } = telling(false);
  for (let percent = 0; percent <= 100; percent++) bar.show(percent / 100);
  bar.show(1.2);
  bar.clear();
  deepEqual(told, Array.from({ length: 10 }, (_, i) => `writing ${(i + 1) * 10} %\n`));
});

Deno.test("a bar that was never shown takes nothing away", () => {
  const { told, bar } = telling(true);
  bar.clear();
  deepEqual(told, []);
});

import { deepEqual, equal } from "../assert.ts";
import { Pacer } from "../../lib/net/pacer.ts";
import { FakeTiming } from "./fake_timing.ts";

function paced(spacingMs: number) {
  const timing = new FakeTiming();
  const startMs = timing.now();
  const sent: [text: string, atMs: number][] = [];
  const pacer = new Pacer(spacingMs, timing, (text) => sent.push([text, timing.now() - startMs]));
  return { timing, sent, pacer };
}

Deno.test("the first message leaves at once, each other one after the pause", () => {
  const { timing, sent, pacer } = paced(250);
  for (const text of ["a", "b", "c"]) pacer.push(() => text);
  timing.advance(600);
  pacer.push(() => "d");
  timing.advance(600);
  pacer.push(() => "e");
  deepEqual(sent, [["a", 0], ["b", 250], ["c", 500], ["d", 750], ["e", 1200]]);
});

Deno.test("a ping goes ahead of what waits, and keeps the pause too", () => {
  const { timing, sent, pacer } = paced(100);
  for (const text of ["a", "b", "c"]) pacer.push(() => text);
  timing.advance(50);
  pacer.pushFirst(() => "ping");
  timing.advance(1_000);
  deepEqual(sent, [["a", 0], ["ping", 100], ["b", 200], ["c", 300]]);
});

Deno.test("a message that has become needless costs no time", () => {
  const { timing, sent, pacer } = paced(100);
  let needed = true;
  pacer.push(() => "a");
  pacer.push(() => needed ? "b" : null);
  pacer.push(() => "c");
  needed = false;
  timing.advance(1_000);
  deepEqual(sent, [["a", 0], ["c", 100]]);
});

Deno.test("after a stop nothing is sent and no timer is left", () => {
  const { timing, sent, pacer } = paced(100);
  for (const text of ["a", "b"]) pacer.push(() => text);
  pacer.stop();
  pacer.push(() => "c");
  equal(timing.pending, 0);
  timing.advance(1_000);
  deepEqual(sent, [["a", 0]]);
});

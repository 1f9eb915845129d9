import { deepEqual, equal, ok } from "../assert.ts";
import { COLUMNS, displayWidth, fit, pad, table } from "../../lib/reply/table.ts";

Deno.test("names stand left and numbers right", () => {
  deepEqual(table(["", "Δ", "Δ%"], [["1m", "+1.2M", "+3%"], ["60m", "−300k", "—"]]), [
    "        Δ  Δ%",
    "1m  +1.2M +3%",
    "60m −300k   —",
  ]);
});

Deno.test("a table that is too wide loses names, never numbers", () => {
  const lines = table(["venue", "last"], [["a-very-long-name-of-a-venue-indeed", "91,234.5"]]);
  for (const line of lines) ok(displayWidth(line) <= COLUMNS);
  ok(lines[1]?.endsWith("… 91,234.5"));
});

Deno.test("a row that is too short is blank at its end", () => {
  deepEqual(table(["a", "b"], [["x"]]), ["a b", "x"]);
});

Deno.test("width is counted in columns, not in characters", () => {
  equal(displayWidth("▁▂█Δ−"), 5);
  equal(displayWidth("日本"), 4);
  equal(displayWidth("e\u0301"), 1);
  equal(displayWidth("🚀"), 2);
  equal(pad("日", 4, "left"), "  日");
  equal(fit("日本語", 5), "日本…");
  equal(fit("abc", 3), "abc");
  equal(fit("abc", 0), "");
});

Deno.test("what needs no expression to tell is one column wide by the expressions too", () => {
  const odd = /[\p{Mn}\p{Me}\p{Cf}\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf]/u;
  const wrong: string[] = [];
  for (let code = 0x20; code < 0x3000; code++) {
    const character = String.fromCodePoint(code);
    if (displayWidth(character) !== 1 !== odd.test(character)) wrong.push(code.toString(16));
  }
  deepEqual(wrong, []);
});

import { deepEqual, equal, ok } from "../../assert.ts";
import { Font } from "../../../lib/reply/chart/font.ts";
import { GLYPHS } from "../../../lib/reply/chart/glyphs.ts";

Deno.test("every glyph can be traced and stays on its grid", () => {
  const font = new Font();
  for (const character of Object.keys(GLYPHS)) {
    equal([...character].length, 1);
    const segments = font.segments(character, 0, 0, 7);
    equal(segments.length % 4, 0);
    for (let i = 0; i < segments.length; i += 2) {
      const [x = NaN, y = NaN] = [segments[i], segments[i + 1]];
      const [width] = GLYPHS[character] ?? [0];
      ok(x >= -0.8 && x <= width + 0.8, `${character} is ${x} wide`);
      ok(-y >= -2.5 && -y <= 8, `${character} is ${-y} high`);
    }
  }
});

Deno.test("there are letters for all that a chart says", () => {
  const said = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" +
    " .,:·…+−-–—%/()$&≥Δ→'";
  deepEqual([...said].filter((character) => !(character in GLYPHS)), []);
});

Deno.test("digits are all as wide, so that numbers stand in columns", () => {
  const font = new Font();
  const widths = new Set([..."0123456789"].map((digit) => font.width(digit, 20)));
  equal(widths.size, 1);
});

Deno.test("text grows with its size and has no gap at its end", () => {
  const font = new Font();
  equal(font.width("", 20), 0);
  equal(font.width("0", 7), 4);
  equal(font.width("00", 7), 9.9);
  equal(font.width("00", 14), 19.8);
  ok(font.width("0₅", 7) < font.width("05", 7));
});

Deno.test("an unknown character is a box, not nothing", () => {
  equal(new Font().segments("語", 0, 0, 7).length, 16);
});

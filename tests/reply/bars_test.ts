import { deepEqual, equal } from "../assert.ts";
import fc from "fast-check";
import { signedBars } from "../../lib/reply/bars.ts";

Deno.test("buyers go right, sellers left, to the scale of the largest", () => {
  deepEqual(signedBars([4, -2, 1, -1, 0, null], 4), [
    "    │████",
    "  ██│    ",
    "    │█   ",
    "   █│    ",
    "    │    ",
    "    ·    ",
  ]);
});

Deno.test("halves are drawn and what is not zero is seen", () => {
  deepEqual(signedBars([100, -60, 0.001], 2), ["  │██", " █│  ", "  │▌ "]);
  deepEqual(signedBars([4, -3], 2), ["  │██", "▐█│  "]);
});

Deno.test("all zero and all unknown are safe", () => {
  deepEqual(signedBars([0, -0], 1), [" │ ", " │ "]);
  deepEqual(signedBars([null, NaN], 1), [" · ", " · "]);
});

Deno.test("every bar has the same width", () => {
  fc.assert(fc.property(fc.array(fc.option(fc.double()), { maxLength: 20 }), (values) => {
    for (const bar of signedBars(values, 9)) equal([...bar].length, 19);
  }));
});

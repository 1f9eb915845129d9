import { equal, ok } from "../../assert.ts";
import {
  Cells,
  DAY_FIVES,
  DAY_PERP,
  FINE_MINUTES,
  LONG_BARS,
} from "../../../lib/market/past/cells.ts";
import {
  BAR_WIDTH,
  DAY_QUARTERS,
  FINE_QUARTERS,
  FINE_WIDTH,
  FIVES_WIDTH,
  LONG_QUARTERS,
  PERP_VALUES,
} from "../../../lib/market/past/layout.ts";

Deno.test("the arrays of a series fill one buffer and lie beside each other", () => {
  const { perp: _, ...arrays } = new Cells();
  const all = Object.values(arrays);
  for (const [i, array] of all.entries()) array.fill(i + 1);
  for (const [i, array] of all.entries()) ok(array.every((value) => value === i + 1));
  const bytes = all.reduce((sum, array) => sum + array.byteLength, 0);
  equal(bytes, arrays.tape.buffer.byteLength);
});

Deno.test("rows and columns of a perpetual lie beside each other, and its memory ends with the last", () => {
  const { perp } = new Cells();
  const blocks = [
    [LONG_BARS, LONG_QUARTERS * BAR_WIDTH],
    [DAY_PERP, DAY_QUARTERS * PERP_VALUES.length],
    [DAY_FIVES, DAY_QUARTERS * FIVES_WIDTH],
    [FINE_MINUTES, FINE_QUARTERS * FINE_WIDTH],
  ] as const;
  for (const [i, [first, length]] of blocks.entries()) {
    for (let at = first; at < first + length; at++) {
      ok(Number.isNaN(perp.get(at)), `${at} of block ${i} is nobody else's`);
      perp.set(at, i);
      equal(perp.get(at), i);
    }
  }
  const end = FINE_MINUTES + FINE_QUARTERS * FINE_WIDTH;
  perp.set(end, 1);
  ok(Number.isNaN(perp.get(end)));
});

import { equal } from "../../assert.ts";
import { countBits } from "../../../lib/market/past/bits.ts";

Deno.test("the bits of every mask of sixteen are counted", () => {
  for (let mask = 0; mask <= 0xffff; mask++) {
    equal(countBits(mask), mask.toString(2).replaceAll("0", "").length);
  }
});

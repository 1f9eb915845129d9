import { equal } from "../assert.ts";
import fc from "fast-check";
import { sparkline } from "../../lib/reply/sparkline.ts";

Deno.test("a rising series rises over all eight levels", () => {
  equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  equal(sparkline([-10, 10]), "▁█");
});

Deno.test("a flat series is a line, whatever its height", () => {
  equal(sparkline([5, 5, 5]), "▅▅▅");
  equal(sparkline([0]), "▅");
});

Deno.test("what is unknown is a dot", () => {
  equal(sparkline([1, null, 2]), "▁·█");
  equal(sparkline([null, NaN, Infinity]), "···");
  equal(sparkline([]), "");
});

Deno.test("a line has one character per value for all doubles", () => {
  const values = fc.array(fc.option(fc.double()), { maxLength: 30 });
  fc.assert(fc.property(values, (series) => {
    const line = sparkline(series);
    equal([...line].length, series.length);
    equal(/^[▁▂▃▄▅▆▇█·]*$/.test(line), true);
  }));
});

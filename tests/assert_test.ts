import { deepEqual, equal, notDeepEqual, notEqual, throws } from "./assert.ts";

Deno.test("what is alike is not equal", () => {
  const alike: readonly (readonly [unknown, unknown])[] = [
    [null, undefined],
    [1, "1"],
    [0, false],
    [0, -0],
  ];
  for (const [one, other] of alike) {
    throws(() => equal(one, other));
    throws(() => deepEqual({ one }, { one: other }));
    notEqual(one, other);
    notDeepEqual([one], [other]);
  }
  equal(NaN, NaN);
  throws(() => deepEqual({ a: 1, b: undefined }, { a: 1 }));
});

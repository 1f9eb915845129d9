/** Levels read from a frame's text are those that its JSON has. */
import fc from "fast-check";
import { deepEqual, equal, ok } from "../assert.ts";
import { cutLevels } from "../../collectors/_levels.ts";

const FRAME = '{"b":[["64000.10","0.5"],["63999","1.25"]],"s":"BTCUSDT","a":[["64001","0"]]}';

Deno.test("each list of levels is its number in what is left of the frame", () => {
  deepEqual(cutLevels(FRAME), {
    rest: '{"b":0,"s":"BTCUSDT","a":1}',
    lists: [[[64000.1, 0.5], [63999, 1.25]], [[64001, 0]]],
  });
});

Deno.test("a frame without levels, or with others than pairs of decimals, is left to JSON", () => {
  for (
    const list of [
      ...["", "[]", '[["1"]]', '[["1","2","3"]]', '[["1","2"]', '[["1","2"],]', '[["1",2]]'],
      ...['[["1" ,"2"]]', '[["1","2"] ]', '[["","2"]]', '[["1","."]]', '[["1","2.3.4"]]'],
      ...['[["1","-2"]]', '[["1","1e3"]]', '[["1","x"]]', '[["1","2"],["1","2]]', '[["1","2'],
      ...['[["1","2"],[1,"2"]]', '[["1","\\u0032"]]', '[["1",["2"]]]'],
    ]
  ) equal(cutLevels(`{"b":${list}}`), null, list);
});

Deno.test("what looks like levels inside of a text is none", () => {
  const frame = JSON.stringify({ reason: 'say [["1","2"]]', end: "[[", b: [["1", "2"]] });
  equal(cutLevels(frame), null);
});

/** Decimals as venues write them, and stranger ones that are numbers all the same. */
const decimal = fc.tuple(
  fc.stringMatching(/^[0-9]{0,18}$/),
  fc.stringMatching(/^(\.[0-9]{0,18})?$/),
).map(([whole, fraction]) => whole + fraction).filter((text) => /[0-9]/.test(text));
const levelList = fc.array(fc.tuple(decimal, decimal), { minLength: 1, maxLength: 30 });

Deno.test("of any decimals the levels are the nearest doubles, as Number tells them", () => {
  fc.assert(fc.property(levelList, levelList, (bids, asks) => {
    const frame = JSON.stringify({ E: 1, b: bids, a: asks });
    const cut = cutLevels(frame);
    ok(cut);
    deepEqual(JSON.parse(cut.rest), { E: 1, b: 0, a: 1 });
    deepEqual(cut.lists, [bids, asks].map((list) => list.map((pair) => pair.map(Number))));
  }));
});

Deno.test("a frame that is cut anywhere, or has another character anywhere, is read alike or not at all", () => {
  /** Each value of a frame, changed. */
  const values = (json: string, change: (value: unknown) => unknown) =>
    Object.entries(JSON.parse(json)).map(([key, value]) => [key, change(value)]);
  const read = (frame: string) => {
    const { rest, lists } = cutLevels(frame) ?? { rest: frame, lists: [] };
    return values(rest, (value) => typeof value === "number" ? lists[value] : value);
  };
  const expected = (frame: string) =>
    values(
      frame,
      (value) =>
        cutLevels(frame) !== null && Array.isArray(value) && value.length > 0
          ? value.map((pair: string[]) => pair.map(Number))
          : value,
    );
  const outcome = (of: (frame: string) => unknown, frame: string) => {
    try {
      return of(frame);
    } catch (error) {
      ok(error instanceof SyntaxError);
      return "refused";
    }
  };
  for (let at = 0; at < FRAME.length; at++) {
    const [before, after] = [FRAME.slice(0, at), FRAME.slice(at + 1)];
    for (
      const frame of [
        before,
        ...['"', "[", "]", ",", "0", ".", "x", ""].map((one) => before + one + after),
      ]
    ) {
      deepEqual(outcome(read, frame), outcome(expected, frame), frame);
    }
  }
});

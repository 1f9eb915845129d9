import { deepEqual, equal, throws } from "../../assert.ts";
import fc from "fast-check";
import { JsonRows } from "../../../lib/net/body/json_rows.ts";

/** The body read in pieces of so many characters. */
function readIn(text: string, chars: number, name: string | null, fields: readonly string[]) {
  const rows = new JsonRows({ name, fields });
  for (let at = 0; at < text.length; at += chars) rows.add(text.slice(at, at + chars));
  return rows.body();
}

Deno.test("in pieces of any size a list is what JSON.parse reads", () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 3 }).filter((value) => !isRecord(value)));
  const space = fc.constantFrom(undefined, 1);
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 20 }), space, (list, chars, indent) => {
    const bare = JSON.stringify(list, null, indent);
    deepEqual(readIn(bare, chars, null, []), JSON.parse(bare));
    const named = JSON.stringify({ a: [[1], ']\\"['], b: { list }, c: "list" }, null, indent);
    deepEqual(readIn(named, chars, "list", []), JSON.parse(named));
  }));
});

Deno.test("rows keep the wanted fields alone, and what is around the list stays", () => {
  const body = {
    rateLimits: [{ limit: 6000 }],
    symbols: [{ symbol: "BTCUSDT", filters: [{ symbol: 1 }] }, { symbol: "ETHUSDT" }],
    next: null,
  };
  deepEqual(readIn(JSON.stringify(body), 7, "symbols", ["symbol", "status"]), {
    rateLimits: [{ limit: 6000 }],
    symbols: [{ symbol: "BTCUSDT" }, { symbol: "ETHUSDT" }],
    next: null,
  });
});

Deno.test("a body without the list is read as it is", () => {
  const refusal = { code: -1003, msg: 'Way too much "symbols":[' };
  deepEqual(readIn(JSON.stringify(refusal), 5, "symbols", []), refusal);
  deepEqual(readIn(JSON.stringify(refusal), 5, null, []), refusal);
  equal(readIn("null", 2, null, []), null);
});

Deno.test("what is cut short or no JSON is refused", () => {
  const bodies = ['[{"a":1}', '[{"a":1},', "[1,,2]", "[1,]", "[1 2]", '[{"a":1}]]', "", "<html>"];
  for (const body of bodies) throws(() => readIn(body, 3, null, ["a"]), SyntaxError, body);
  throws(() => readIn('{"list":[1],', 3, "list", []), SyntaxError);
});

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { deepEqual, equal } from "./assert.ts";
import fc from "fast-check";
import { parseDotenv } from "../lib/dotenv.ts";

Deno.test("values stand bare, in single or in double quotes, with comments and export", () => {
  const text = `\uFEFF# the desk
PLAIN=top:20
  SPACED = a b  # comment
HASH=a#b
EMPTY=
COMMENTED= # nothing
export EXPORTED=yes
SINGLE='a "b" $c \\n # d' # comment
DOUBLE="line\\nnext \\"quoted\\" \\\\ $x"
URL=https://example.com/?a=b=c
TWICE=first
TWICE=second\r
LAST=end`;
  deepEqual(parseDotenv(text), {
    PLAIN: "top:20",
    SPACED: "a b",
    HASH: "a#b",
    EMPTY: "",
    COMMENTED: "",
    EXPORTED: "yes",
    SINGLE: 'a "b" $c \\n # d',
    DOUBLE: 'line\nnext "quoted" \\ $x',
    URL: "https://example.com/?a=b=c",
    TWICE: "second",
    LAST: "end",
  });
});

Deno.test("a line that cannot be read is named, without its text", () => {
  deepEqual(parseDotenv('A=1\njust words\nTOKEN=\'secret\n1X=2\nB="x" y'), {
    A: "1",
    ".env:2": "wants KEY=VALUE",
    ".env:3": "TOKEN wants a closed quote",
    ".env:4": "wants KEY=VALUE",
    ".env:5": "B wants a closed quote",
  });
});

Deno.test("Unicode's line separators are part of a value", () => {
  deepEqual(parseDotenv('A="a\u2028b"\nB=\'\u2029\'\nC=c\u2028d\nD=d #\u2028e\nE="\\\u2028"'), {
    A: "a\u2028b",
    B: "\u2029",
    C: "c\u2028d",
    D: "d",
    E: "\u2028",
  });
});

Deno.test("any value comes back from double quotes", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => {
    const quoted = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
    equal(parseDotenv(`A="${quoted}"`).A, value);
  }));
});

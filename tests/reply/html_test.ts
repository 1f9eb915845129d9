import { deepEqual, equal, ok } from "../assert.ts";
import fc from "fast-check";
import { bold, clean, echo, escape, plain, pre, split } from "../../lib/reply/html.ts";

Deno.test("typed markup is text", () => {
  equal(echo('<b>&amp;"'), '&lt;b&gt;&amp;amp;"');
  equal(pre(["a<b", "c"]), "<pre>a&lt;b\nc</pre>");
  equal(bold("<"), "<b>&lt;</b>");
});

Deno.test("typed text loses what is invisible, turns the line round or stacks up", () => {
  equal(clean("b\u200bt\u202ec\u2066\u0000\ufeff"), "btc");
  equal(clean("a\n\tb\u2028c"), "a b c");
  equal(clean(`z${"\u0301".repeat(50)}`), "z\u0301\u0301");
  equal(clean("\ud800x"), "x");
});

Deno.test("an echo has at most 200 characters, whole ones", () => {
  equal([...clean("🚀".repeat(500))].length, 200);
  equal(clean("x".repeat(200)), "x".repeat(200));
  ok(clean("x".repeat(100_000)).endsWith("…"));
});

Deno.test("what is escaped comes back plain, without what nobody sees", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const seen = text.replace(/[^\P{C}\n]/gu, "");
    equal(plain(escape(text)), seen);
    equal(plain(pre([text])), seen);
  }));
  equal(escape("a\u202e\u200b<b>\u0000\ud800\n"), "a&lt;b&gt;\n");
});

Deno.test("a short reply is one message", () => {
  deepEqual(split("<b>x</b>"), ["<b>x</b>"]);
});

Deno.test("a long reply is cut at line ends", () => {
  deepEqual(split("aaaa\nbbbb\ncccc", 10), ["aaaa\nbbbb", "cccc"]);
});

Deno.test("tags open at a cut are closed before it and opened after it", () => {
  deepEqual(split("<pre>aaaa\nbbbb\ncccc</pre>", 20), [
    "<pre>aaaa\nbbbb</pre>",
    "<pre>cccc</pre>",
  ]);
});

Deno.test("a line that is too long is cut between characters and entities", () => {
  deepEqual(split("aaa&amp;bbb", 7), ["aaa", "&amp;bb", "b"]);
  deepEqual(split("🚀🚀🚀", 5), ["🚀🚀", "🚀"]);
});

Deno.test("the parts of a reply are balanced, short enough, and lose nothing but line ends", () => {
  const line = fc.string({ maxLength: 30 }).map(escape);
  const block = fc.tuple(fc.constantFrom("b", "pre", "i", ""), fc.array(line, { maxLength: 8 }))
    .map(([tag, lines]) => tag === "" ? lines.join("\n") : `<${tag}>${lines.join("\n")}</${tag}>`);
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), fc.integer({ min: 40, max: 90 }), check),
  );
});

function check(blocks: readonly string[], limit: number): void {
  const html = blocks.join("\n");
  const parts = split(html, limit);
  for (const part of parts) {
    ok(part.length <= limit, `${part.length} > ${limit}`);
    equal(part.match(/<[a-z]+>/g)?.length ?? 0, part.match(/<\/[a-z]+>/g)?.length ?? 0);
    ok(!/&[a-z]*$/.test(part));
  }
  const bare = (text: string) => plain(text).replaceAll("\n", "");
  equal(parts.map(bare).join(""), bare(html));
}

import { deepEqual, equal, match } from "../../assert.ts";
import { createHash } from "node:crypto";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Dice } from "../../dice.ts";
import { HOUR_MS, NOW_MS, writeMinutes } from "../support.ts";
import { bytesOf, faultOf, openMemory, packed, textOf } from "./support.ts";

async function sound(): Promise<string> {
  using store = await openMemory();
  await writeMinutes(store, NOW_MS - 30 * MINUTE_MS, NOW_MS);
  await store.records.set(["watch"], ["SOL"]);
  return await textOf(store);
}

/** The backup with one line changed, and an end that fits. */
function changed(text: string, line: number, change: (row: Record<string, unknown>) => unknown) {
  const lines = text.trimEnd().split("\n");
  const row = JSON.parse(lines[line - 1] ?? "");
  const made = change(row) ?? row;
  lines[line - 1] = typeof made === "string" ? made : JSON.stringify(made);
  const end = JSON.parse(lines.pop() ?? "");
  const body = lines.map((one) => `${one}\n`).join("");
  const sha256 = createHash("sha256").update(body).digest("hex");
  return `${body}${JSON.stringify({ ...end, lines: lines.length, sha256 })}\n`;
}

async function faultAt(line: number, change: (row: Record<string, unknown>) => unknown) {
  return await faultOf(bytesOf(changed(await sound(), line, change)));
}

Deno.test("a sound backup is read, packed or plain, whatever its line ends", async () => {
  const text = await sound();
  equal(await faultOf(bytesOf(text)), null);
  equal(await faultOf(await packed(text)), null);
  equal(await faultOf(bytesOf(text.replaceAll("\n", "\r\n"))), null);
  equal(await faultAt(7, () => {}), null);
});

Deno.test("the first line that is wrong is named, with the field and what stands there", async () => {
  const faults: readonly [(row: Record<string, unknown>) => unknown, string][] = [
    [(row) => void (row.buyBase = "1.5"), 'buyBase is not a number or null: "1.5"'],
    [(row) => void delete row.coverageMs, "coverageMs is missing"],
    [(row) => void (row.coverageMs = -1), "coverageMs is not a number from 0 on: -1"],
    [
      (row) => void (row.source = "rumour"),
      'source is not live, repaired, candle or null: "rumour"',
    ],
    [(row) => void (row.t = NOW_MS + 1), `t is not the start of a minute: ${NOW_MS + 1}`],
    [(row) => void (row.t = -60_000), "t is not a time in whole milliseconds: -60000"],
    [(row) => void (row.symbol = ""), 'symbol is not a text of 1 to 64 characters: ""'],
    [(row) => void (row.venue = "\ud800"), 'venue is not a text of 1 to 64 characters: "\\ud800"'],
    [(row) => void (row.mood = 1), "mood is not known here"],
    [(row) => void (row.type = "hour"), "has no type that is known here: "],
    [() => "[1", 'is no JSON object: "[1"'],
    [() => "null", 'is no JSON object: "null"'],
    [
      (row) => void (row.t = NOW_MS - NOW_MS % MINUTE_MS + 2 * HOUR_MS),
      "lies in the future, at 2026-11-20T14:34:00.000Z: is this machine's clock right?",
    ],
    [() => ({ type: "record", key: ["a"], untilMs: null }), "value is missing"],
    [
      () => ({ type: "record", key: [], value: 1, untilMs: null }),
      "key is not a key of 1 to 8 texts: []",
    ],
    [
      () => ({ type: "record", key: ["secret", "x"], value: 1, untilMs: null }),
      'is a record that no backup holds: ["secret","x"]',
    ],
    [
      () => ({ type: "record", key: ["a"], value: "x".repeat(40_000), untilMs: null }),
      "is longer than a record may be: 40055 letters",
    ],
  ];
  for (const [change, wanted] of faults) {
    const fault = await faultAt(12, change) ?? "none";
    deepEqual(fault.slice(0, `line 12: ${wanted}`.length), `line 12: ${wanted}`);
  }
});

Deno.test("a file of something else, or of a newer program, is told by its first line", async () => {
  const faults: readonly [string, RegExp][] = [
    ["", /^it is empty$/],
    ["t,o,h,l,c\n1,2,3,4,5\n", /^it is no backup of tapewatch: its first line is "t,o,h,l,c"$/],
    ['{"format":"other"}\n', /^it is no backup of tapewatch: its first line is "\{/],
    ["\u001b[31mred\n", /its first line is "\\u001b\[31mred"$/],
    ["x".repeat(300_000), /^it is no backup of tapewatch: its first line is longer than 256 kB$/],
    [
      '{"format":"tapewatch","version":2,"exportedMs":1,"app":"9"}\n',
      /^it is of version 2, this program knows up to 1: use the newer program$/,
    ],
    ['{"format":"tapewatch","version":1,"app":"9"}\n', /^line 1: exportedMs is missing$/],
  ];
  for (const [text, wanted] of faults) {
    match(await faultOf(bytesOf(text)) ?? "none", wanted);
    match(await faultOf(await packed(text)) ?? "none", wanted);
  }
});

Deno.test("what has no line ends, packed to almost nothing, is refused before it fills the memory", async () => {
  const zeros = await packed("\0".repeat(50_000_000));
  match(await faultOf(zeros) ?? "none", /first line is longer than 256 kB$/);
  const header = '{"format":"tapewatch","version":1,"exportedMs":1,"app":"9"}\n';
  equal(
    await faultOf(bytesOf(`${header}${"x".repeat(300_000)}`)),
    "line 2: is longer than 256 kB",
  );
});

Deno.test("a changed number, a lost line and one too many are told by the end", async () => {
  const text = await sound();
  const lines = text.trimEnd().split("\n");
  const end = lines.length;
  const other = text.replace('"buys":', '"buys":1');
  match(await faultOf(bytesOf(other)) ?? "", new RegExp(`^line ${end}: has another checksum`));
  const lost = `${lines.toSpliced(4, 1).join("\n")}\n`;
  match(
    await faultOf(bytesOf(lost)) ?? "",
    new RegExp(`^line ${end - 1}: counts ${end - 1} lines before it, there are ${end - 2}$`),
  );
  equal(await faultOf(bytesOf(text + text)), `line ${end + 1}: comes after the end`);
});

Deno.test("a file cut anywhere is refused, and says where it ends", async () => {
  const text = await sound();
  const [plain, gzip] = [bytesOf(text), await packed(text)];
  const dice = new Dice(7);
  for (let nth = 0; nth < 20; nth++) {
    const [a, b] = [1 + dice.below(plain.length - 2), 1 + dice.below(gzip.length - 1)];
    match(
      await faultOf(plain.slice(0, a)) ?? "none",
      /^it is cut off: nothing comes after line \d+$|^line \d+: is no JSON object|first line is/,
    );
    match(
      await faultOf(gzip.slice(0, b)) ?? "none",
      /^it is cut off or damaged at about byte \d+, after line \d+$|^line \d+: |^it is no backup|^it is cut off: /,
    );
  }
});

Deno.test("a flipped bit anywhere is noticed, but for the packer's own remarks", async () => {
  const gzip = await packed(await sound());
  const dice = new Dice(11);
  for (let nth = 0; nth < 40; nth++) {
    // Bytes 4 to 9 of a gzip file are the time and the kind of machine.
    const at = 10 + dice.below(gzip.length - 10);
    const damaged = gzip.slice();
    damaged[at] = (damaged[at] ?? 0) ^ (1 << dice.below(8));
    match(await faultOf(damaged) ?? `none at ${at}`, /^it is |^line \d+: /);
  }
});

import { deepEqual, equal, ok } from "../assert.ts";
import { type Arguments, problemReply, readArguments } from "../../lib/reply/arguments.ts";
import { assertSound } from "../commands/sound.ts";

const NAMES = ["BTC", "ETH", "PEPE", "1INCH", "4", "TUSD", "WIF", "WLD"];
const source = { assets: () => ["BTC", "ETH"], listed: () => NAMES };
const DEFAULTS = { asset: "BTC", timeframe: 15 } as const;

function read(text: string): Arguments {
  return readArguments(text.split(" ").filter((word) => word !== ""), source, DEFAULTS);
}

Deno.test("symbols are read as people type them", () => {
  const spellings = ["eth", "ETHUSDT", "eth-usdt", "ETH/USDT:USDT", "$eth", "ETH USDT", "eth perp"];
  for (const typed of spellings) {
    deepEqual(read(typed), { asset: "ETH", timeframe: 15, problem: null }, typed);
  }
  equal(read("1000pepe").asset, "PEPE");
  equal(read("pepe").asset, "PEPE");
  equal(read("1inch").asset, "1INCH");
  equal(read("tusd").asset, "TUSD");
  equal(read("e\u200bth").asset, "ETH");
});

Deno.test("a dollar coin is no pair of the asset that its name begins with", () => {
  const names = { assets: () => ["T"], listed: () => ["T", "FD"] };
  for (const coin of ["tusd", "FDUSD"]) {
    equal(readArguments([coin], names, DEFAULTS).problem?.kind, "symbol", coin);
  }
  equal(readArguments(["tusdt"], names, DEFAULTS).asset, "T");
});

Deno.test("arguments come in any order, and what is not given is the default", () => {
  deepEqual(read(""), { asset: "BTC", timeframe: 15, problem: null });
  deepEqual(read("5 eth"), { asset: "ETH", timeframe: 5, problem: null });
  deepEqual(read("eth 1h"), { asset: "ETH", timeframe: 60, problem: null });
  deepEqual(read("30m"), { asset: "BTC", timeframe: 30, problem: null });
});

Deno.test("a name that looks like a length of time is a name where one is listed", () => {
  deepEqual(read("4"), { asset: "4", timeframe: 15, problem: null });
  deepEqual(read("btc 7"), {
    asset: "BTC",
    timeframe: 15,
    problem: { kind: "timeframe", typed: "7" },
  });
});

Deno.test("an unknown symbol brings the three nearest as buttons", () => {
  const args = read("pep 1h");
  equal(args.problem?.kind, "symbol");
  const { problem } = args;
  if (!problem) throw new Error("The symbol should be a problem");
  const reply = problemReply({ ...args, problem }, (name, minutes) => `/cvd ${name} ${minutes}m`);
  assertSound(reply);
  equal(reply.buttons?.[0]?.length, 3);
  deepEqual(reply.buttons?.[0]?.[0], { label: "PEPE", ask: "/cvd PEPE 60m" });
});

Deno.test("an unknown timeframe names the five", () => {
  const args = read("eth 4h");
  const { problem } = args;
  equal(problem?.kind, "timeframe");
  if (!problem) throw new Error("The timeframe should be a problem");
  const reply = problemReply({ ...args, problem }, (name, minutes) => `/cvd ${name} ${minutes}m`);
  assertSound(reply);
  ok(reply.html.includes("1m 5m 15m 30m 60m"));
  equal(reply.buttons?.[0]?.[1]?.ask, "/cvd ETH 5m");
});

Deno.test("two symbols or two timeframes are too much", () => {
  deepEqual(read("btc eth").problem, { kind: "extra", typed: "eth" });
  deepEqual(read("btc 5 15").problem, { kind: "extra", typed: "15" });
  equal(read("btc BTCUSDT").problem, null);
});

Deno.test("hostile words give a sound reply", () => {
  for (const typed of ["<script>", "&lt;", "\u202egnp", "x".repeat(5000), "🚀🚀", "__proto__"]) {
    const args = read(typed);
    const { problem } = args;
    ok(problem, typed);
    assertSound(problemReply({ ...args, problem }, (name) => `/price ${name}`));
  }
});

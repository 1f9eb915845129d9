import { deepEqual, equal, match, ok } from "../../assert.ts";
import fc from "fast-check";
import { METRICS } from "../../../lib/alerts/metric/table.ts";
import { readRule } from "../../../lib/alerts/rule/parse.ts";
import { parseQuantity, writeQuantity } from "../../../lib/alerts/rule/quantity.ts";
import type { Rule } from "../../../lib/alerts/rule/rule.ts";
import { coreText, ruleText, sentence } from "../../../lib/alerts/rule/text.ts";

const NAMES = new Set(["BTC", "ETH", "SOL", "PEPE", "1INCH"]);

function ruleOf(text: string): Rule {
  const read = readRule(text, NAMES);
  ok("rule" in read, `${text}: ${JSON.stringify(read)}`);
  return read.rule;
}

for (
  const [typed, canonical] of [
    ["btc liq 5m > 2m", "BTC liq 5m > 2M"],
    ["eth price < 2900", "ETH price < 2900"],
    ["watch rvol 15m > 4", "watch rvol 15m > 4×"],
    ["BTCUSDT price>91,500", "BTC price > 91500"],
    ["btc price crosses 91.5k", "BTC price crosses 91500"],
    ["btc long liquidations", null],
    ["btc liq long 1m above 250k", "BTC liq-long 1m > 250k"],
    ["btc change 1h < -3%", "BTC change 60m < -3%"],
    ["btc change < −3 %", null],
    ["sol cvd 15m flips", "SOL cvd 15m flips"],
    ["btc funding flip", "BTC funding flips"],
    ["btc funding > 5bp", "BTC funding > 0.05%"],
    ["btc cascade", "BTC cascade"],
    ["btc cascade long", "BTC cascade is long"],
    ["btc quadrant 1h is new_longs", "BTC quadrant 60m is new-longs"],
    ["eth divergence", "ETH divergence 60m"],
    ["btc rsi 15m over 70", "BTC rsi 15m > 70"],
    ["btc imbalance 5m > 40%", "BTC imbalance 5m > 0.4"],
    ["btc silent", "BTC silent > 2m"],
    ["watch gap 15m", "watch gap 15m > 0"],
    ["market 24h > 10", "market change24h > 10%"],
    ["btc liq 2.5m", "BTC liq 5m > 2.5M"],
    ["btc vz 3.5", "BTC volume-z 15m > 3.5"],
    ["btc liq 5m > 2m cooldown 1h cap 3 silent", "BTC liq 5m > 2M silent cooldown 60m cap 3"],
    ["eth price < 2900 back 0.5%", "ETH price < 2900 back 0.5%"],
    ["btc cascade normal", "BTC cascade normal"],
  ] as const
) {
  Deno.test(`«${typed}» is ${canonical ?? "no rule"}`, () => {
    const read = readRule(typed, NAMES);
    equal("rule" in read ? ruleText(read.rule) : null, canonical);
  });
}

for (
  const [typed, kind, nearest] of [
    ["btcc price > 1", "scope", "btc"],
    ["btc pryce > 1", "metric", "price"],
    ["btc liqs-long > 1", "metric", "liq-long"],
    ["btc liq 7m > 1m", "window", "5m"],
    ["btc price 5m > 1", "window", undefined],
    ["btc price = 1", "comparison", ">"],
    ["btc price > lots", "threshold", "2900"],
    ["btc price > -5", "threshold", "2900"],
    ["btc cascade is sideways", "threshold", "any"],
    ["btc price flips", "comparison", ">"],
    ["btc price > 1 loud", "option", "cap"],
    ["btc price > 1 cooldown 100d", "option", undefined],
    ["btc price > 1 cap 0", "option", undefined],
    ["market rvol > 3", "metric", "change24h"],
  ] as const
) {
  Deno.test(`«${typed}» has a wrong ${kind}, and its neighbours are named`, () => {
    const read = readRule(typed, NAMES);
    ok("problem" in read, JSON.stringify(read));
    equal(read.problem.kind, kind);
    if (nearest !== undefined) {
      ok(read.problem.nearest.includes(nearest), `${read.problem.nearest}`);
    }
    ok(!/\.$/.test(read.problem.message));
  });
}

Deno.test("what is not yet said is named, so that a rule can be built word by word", () => {
  const missing = (text: string) => {
    const read = readRule(text, NAMES);
    return "missing" in read ? read.missing : null;
  };
  deepEqual(["", "btc", "btc liq", "btc liq 5m", "btc liq 5m >"].map(missing), [
    ...["scope", "metric", "window", "threshold", "threshold"],
  ]);
});

Deno.test("a rule is read back in words", () => {
  equal(sentence(ruleOf("btc liq 5m > 2m")), "BTC: liquidations of the last 5 min above 2M");
  equal(
    sentence(ruleOf("watch rvol 15m > 4")),
    "any watched asset: relative volume of a closed 15 min above 4×",
  );
  match(sentence(ruleOf("btc cascade")), /liquidation cascade begins/);
});

const amount = fc.oneof(
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
).map((value) => value + 0).filter((value) => value === 0 || Math.abs(value) > 1e-90);

const rule: fc.Arbitrary<Rule> = fc.constantFrom(...METRICS).chain((metric) =>
  fc.record({
    scope: metric.pace === "ticker"
      ? fc.constantFrom<Rule["scope"]>({ kind: "market" }, { kind: "watch" })
      : fc.constantFrom<Rule["scope"]>({ kind: "watch" }, { kind: "asset", asset: "1INCH" }),
    metric: fc.constant(metric.name),
    windowMinutes: metric.windows.length === 0
      ? fc.constant(null)
      : fc.constantFrom(...metric.windows),
    comparison: metric.words
      ? fc.constant<Rule["comparison"]>("is")
      : fc.constantFrom<Rule["comparison"]>(">", "<", "crosses"),
    threshold: metric.words
      ? fc.nat(metric.words.length)
      : metric.unit === "price"
      ? amount.map((value) => Math.abs(value) + 1e-9)
      : amount,
    severity: fc.constantFrom<Rule["severity"]>("critical", "normal", "silent"),
    cooldownMinutes: fc.nat(7 * 1440),
    capPerDay: fc.integer({ min: 1, max: 1000 }),
    backPart: fc.nat(10_000).map((parts) => parts / 10_000),
  }, { noNullPrototype: true })
);

Deno.test("the canonical text of any rule reads back as the same rule", () => {
  fc.assert(fc.property(rule, (made) => {
    deepEqual(ruleOf(ruleText(made)), made);
    deepEqual(ruleOf(coreText(made)).threshold, made.threshold);
  }));
});

Deno.test("any amount is written without losing a digit", () => {
  const units = fc.constantFrom("usd", "percent", "times", "index", "minutes", "price" as const);
  fc.assert(fc.property(amount, units, (value, unit) => {
    equal(parseQuantity(writeQuantity(value, unit), unit), value);
  }));
});

Deno.test("no text makes the reader throw, and what it refuses it explains", () => {
  const words = fc.constantFrom(
    ...["btc", "liq", "long", "5m", ">", "<", "2m", "cap", "cooldown", "is", "any", "-", "<b>"],
    ...["watch", "market", "flips", "1e99", "NaN", "back", "silent", "\u0000", "🔥"],
  );
  fc.assert(fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 30 }), (typed) => {
    const read = readRule(typed.join(" "), NAMES);
    if ("problem" in read) ok(read.problem.message.length > 0);
  }));
});

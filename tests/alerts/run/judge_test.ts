import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import {
  type Count,
  distanceOf,
  FRESH,
  judge,
  NOT_YET,
  type Place,
  type Verdict,
} from "../../../lib/alerts/run/judge.ts";
import type { Rule } from "../../../lib/alerts/rule/rule.ts";
import { ruleOf } from "../ruling.ts";

const MINUTE_MS = 60_000;

/** The verdicts of values that come a minute apart. */
function verdicts(rule: Rule, values: readonly number[], fromMs = 0): Verdict[] {
  let [place, count]: [Place, Count] = [FRESH, NOT_YET];
  return values.map((value, i) => {
    const judged = judge(rule, place, count, value, fromMs + i * MINUTE_MS);
    ({ place, count } = judged);
    return judged.verdict;
  });
}

/** One letter a minute: f fired, c cooling, x capped, · nothing. */
function letters(rule: Rule, values: readonly number[], fromMs = 0): string {
  return verdicts(rule, values, fromMs)
    .map((verdict) => verdict === null ? "·" : verdict === "capped" ? "x" : verdict.charAt(0))
    .join("");
}

for (
  const [claim, text, values, told] of [
    ["fires on passing the threshold, not at it", "cooldown 0", [90, 100, 101], "··f"],
    ["does not fire twice while it stays there", "cooldown 0", [90, 101, 120, 150], "·f··"],
    ["is not armed again before 10 % back", "cooldown 0", [90, 101, 91, 101, 91], "·f···"],
    ["is armed again at 10 % back", "cooldown 0", [90, 101, 90, 101], "·f·f"],
    ["comes back by what `back` says", "cooldown 0 back 2%", [90, 101, 98, 101], "·f·f"],
    ["what is so when it is armed is no news", "cooldown 0", [120, 130, 80, 130], "···f"],
    ["waits for the end of its cooldown", "cooldown 3m", [90, 101, 90, 101, 101, 101], "·f·cf·"],
    ["forgets what did not last as long", "cooldown 3m", [90, 101, 90, 101, 90, 90], "·f·c··"],
    [
      "is told no more often than its cap",
      "cooldown 0 cap 1",
      [90, 101, 90, 101, 90, 101],
      "·f·x·x",
    ],
  ] as const
) {
  Deno.test(`a rule above 100 ${claim}`, () => {
    equal(letters(ruleOf(`btc turnover24h > 100 ${text}`), values), told);
  });
}

for (
  const [claim, text, values, told] of [
    ["below", "change24h < -3% cooldown 0", [0, -3, -3.1, -2.8, -3.1, -2.7, -3.1], "··f···f"],
    ["a crossing, from either side", "turnover24h crosses 100 cooldown 0 back 0", [
      90,
      110,
      90,
      110,
    ], "·fff"],
    [
      "a crossing, armed again 10 % away",
      "turnover24h crosses 100 cooldown 0",
      [90, 101, 99, 101, 111, 99, 89, 101],
      "·f···f·f",
    ],
    ["the side of a crossing at the level itself", "turnover24h crosses 100 cooldown 0", [
      90,
      100,
      101,
    ], "··f"],
    [
      "a flip of the sign, every time",
      "change24h flips cooldown 0",
      [1, 2, -1, 0, -2, 3],
      "··f··f",
    ],
    ["any word", "cascade cooldown 0", [0, 1, 1, 2, 0, 2], "·f···f"],
    ["one word", "cascade short cooldown 0", [0, 1, 2, 1, 2], "··f·f"],
    ["a threshold of zero, back at it", "cvd 15m > 0 cooldown 0", [-1, 1, 2, 0, 1], "·f··f"],
  ] as const
) {
  Deno.test(`tells ${claim}`, () => equal(letters(ruleOf(`btc ${text}`), values), told));
}

Deno.test("a cap counts anew with the UTC day", () => {
  const rule = ruleOf("btc turnover24h > 100 cooldown 0 cap 1");
  const nearMidnight = 86_400_000 - 3 * MINUTE_MS;
  equal(letters(rule, [90, 101, 90, 101, 90, 101], nearMidnight), "·f·f·x");
});

const levels = fc.array(fc.integer({ min: 50, max: 150 }), { maxLength: 200 });
const rules = fc.record({
  comparison: fc.constantFrom(">", "<"),
  back: fc.constantFrom("0", "2%", "10%", "30%"),
  cooldown: fc.nat(20),
  cap: fc.integer({ min: 1, max: 8 }),
}).map(({ comparison, back, cooldown, cap }) =>
  ruleOf(`btc turnover24h ${comparison} 100 back ${back} cooldown ${cooldown}m cap ${cap}`)
);

Deno.test("between two firings the metric came back, the cooldown passed, and the cap holds", () => {
  fc.assert(fc.property(rules, levels, (rule, values) => {
    const fired = verdicts(rule, values).flatMap((verdict, i) => verdict === "fired" ? [i] : []);
    const margin = 100 * rule.backPart;
    const back = (value: number) =>
      rule.comparison === ">" ? value <= 100 - margin : value >= 100 + margin;
    for (const [nth, at] of fired.entries()) {
      const value = values[at] ?? NaN;
      ok(rule.comparison === ">" ? value > 100 : value < 100);
      const before = fired[nth - 1];
      ok(
        values.slice(before ?? 0, at).some((held) =>
          before === undefined ? (rule.comparison === ">" ? held <= 100 : held >= 100) : back(held)
        ),
      );
      if (before !== undefined) ok(at - before >= rule.cooldownMinutes);
    }
    ok(fired.length <= rule.capPerDay);
  }));
});

Deno.test("without cooldown and cap every departure after a return fires, none is missed", () => {
  fc.assert(fc.property(levels, (values) => {
    const rule = ruleOf("btc turnover24h > 100 cooldown 0 cap 1000");
    const fired = verdicts(rule, values).flatMap((verdict, i) => verdict === "fired" ? [i] : []);
    // Told as a person would: after each low of 90 or less (or a start not above) the first above.
    const wanted: number[] = [];
    let armed = (values[0] ?? 0) <= 100;
    for (const [i, value] of values.entries()) {
      if (i > 0 && armed && value > 100) {
        wanted.push(i);
        armed = false;
      } else if (!armed && value <= 90) armed = true;
      else if (i === 0) armed = value <= 100;
    }
    // A start above needs the same return as a firing does.
    deepEqual(fired, wanted);
  }));
});

Deno.test("the distance to firing is a part of the threshold, 0 beyond it, none of words", () => {
  equal(distanceOf(ruleOf("btc turnover24h > 200"), 150), 0.25);
  equal(distanceOf(ruleOf("btc turnover24h > 200"), 300), 0);
  equal(distanceOf(ruleOf("btc change24h < -4"), -1), 0.75);
  equal(distanceOf(ruleOf("btc turnover24h crosses 200"), 300), 0.5);
  equal(distanceOf(ruleOf("btc cascade"), 0), null);
});

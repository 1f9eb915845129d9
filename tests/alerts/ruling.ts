/** Rules from their text. */
import { readRule } from "../../lib/alerts/rule/parse.ts";
import type { Rule } from "../../lib/alerts/rule/rule.ts";

/** @throws {SyntaxError} where the text is no rule */
export function ruleOf(text: string): Rule {
  const read = readRule(text, null);
  if ("rule" in read) return read.rule;
  throw new SyntaxError(`Cannot read the rule ${text}: ${JSON.stringify(read)}`);
}
